/** Which arguments a WebSocket is made with, so that the origin of a program in Node is known. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withOrigin } from '../../src/origin.js';

/** @type {any[]} */
let calls = [];

/** As that of `ws`. */
class Foreign {
  /** @param {unknown[]} args */
  constructor(...args) {
    calls.push(args);
  }
}

/** As Node's own, which browsers' look like. */
class Standard extends Foreign {
  get [Symbol.toStringTag]() {
    return 'WebSocket';
  }
}

/** As a browser's, in a program that has Node too. */
class Browsers extends Standard {
  /** @param {unknown[]} args */
  constructor(...args) {
    if (typeof args[1] === 'object') throw new SyntaxError('[object Object] is no subprotocol');
    super(...args);
  }
}

/**
 * @param {any} WebSocket
 * @param {string} [origin]
 */
function open(WebSocket, origin) {
  calls = [];
  const socket = new (withOrigin(WebSocket, origin))('ws://fake', 'protocol');
  assert.ok(socket instanceof WebSocket);
  return calls;
}

test("Node's own takes headers beside the protocol", () => {
  const headers = { origin: 'http://localhost' };
  assert.deepEqual(open(Standard), [['ws://fake', { protocols: 'protocol', headers }]]);
});

test('that of ws takes the origin behind the protocol', () => {
  const options = { origin: 'http://a.localhost' };
  assert.deepEqual(open(Foreign, options.origin), [['ws://fake', 'protocol', options]]);
});

test("a browser's, which takes neither, is used as it is", () => {
  assert.deepEqual(
    open(Browsers).map((args) => args.slice(0, 2)),
    [['ws://fake', 'protocol']],
  );
});
