/** Argument checks: every type rule, with Chrome's texts, thrown in the caller. */

import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { test } from 'node:test';
import { SIGNATURES } from '../../src/signatures.js';
import { openClient, settled, isEmpty } from '../fake-gateway.js';

const { gateway, tcp, tcpServer, client } = await openClient({ maxCalls: 1000 });
const f = () => {};

/**
 * @param {string} method
 * @returns {string} How Chrome begins the text of an argument error.
 */
function invocation(method) {
  const [namespace, name] = /** @type {['tcp' | 'tcpServer', string]} */ (method.split('.'));
  return `Error in invocation of sockets.${method}(${SIGNATURES[namespace][name]}): `;
}

/**
 * @param {string} method
 * @param {unknown[]} args
 */
function invoke(method, args) {
  const [namespace, name] = method.split('.');
  return { tcp, tcpServer }[namespace][name](...args);
}

const NO_MATCH = 'No matching signature.';
const detached = new ArrayBuffer(8);
structuredClone(detached, { transfer: [detached] });

/** @type {{ method: string, args: unknown[], detail: string, number?: number }[]} */
const refused = [
  {
    number: 8,
    method: 'tcpServer.create',
    args: [{ bufferSize: 1 }],
    detail: "Error at parameter 'properties': Unexpected property: 'bufferSize'.",
  },
  {
    number: 9,
    method: 'tcpServer.create',
    args: [{ persistent: 1 }],
    detail:
      "Error at parameter 'properties': Error at property 'persistent': Invalid type: expected boolean, found integer.",
  },
  {
    method: 'tcp.create',
    args: [{ bufferSize: 1.5 }],
    detail:
      "Error at parameter 'properties': Error at property 'bufferSize': Invalid type: expected integer, found number.",
  },
  {
    method: 'tcp.create',
    args: [{ name: [] }],
    detail:
      "Error at parameter 'properties': Error at property 'name': Invalid type: expected string, found array.",
  },
  {
    method: 'tcp.create',
    args: [{ name: f }],
    detail:
      "Error at parameter 'properties': Error at property 'name': Invalid type: expected string, found function.",
  },
  {
    method: 'tcp.create',
    args: [{ name: new ArrayBuffer(1) }],
    detail:
      "Error at parameter 'properties': Error at property 'name': Invalid type: expected string, found binary.",
  },
  {
    method: 'tcp.create',
    args: [{ allowHalfOpen: 'yes' }],
    detail:
      "Error at parameter 'properties': Error at property 'allowHalfOpen': Invalid type: expected boolean, found string.",
  },
  {
    method: 'tcp.create',
    args: [{ bogus: undefined }],
    detail: "Error at parameter 'properties': Unexpected property: 'bogus'.",
  },
  { method: 'tcp.create', args: [[]], detail: NO_MATCH },
  { number: 38, method: 'tcp.create', args: [5], detail: NO_MATCH },
  { method: 'tcp.create', args: [{}, f, f], detail: NO_MATCH },
  { method: 'tcp.create', args: [f, null], detail: NO_MATCH },
  { method: 'tcp.update', args: [1], detail: NO_MATCH },
  { method: 'tcp.update', args: [1, null, f], detail: NO_MATCH },
  ...['1', 1.5, NaN, 2 ** 31, null, undefined, true, new Number(1)].map((id) => ({
    number: 23,
    method: 'tcp.getInfo',
    args: [id],
    detail: NO_MATCH,
  })),
  { number: 23, method: 'tcp.getInfo', args: [], detail: NO_MATCH },
  { number: 24, method: 'tcpServer.listen', args: [1, '127.0.0.1', 0], detail: NO_MATCH },
  { number: 24, method: 'tcpServer.listen', args: [1, '127.0.0.1', 0, null], detail: NO_MATCH },
  { number: 24, method: 'tcpServer.listen', args: [1, '127.0.0.1', 0, 5, null], detail: NO_MATCH },
  { method: 'tcpServer.listen', args: [1, '127.0.0.1', '80', f], detail: NO_MATCH },
  { number: 26, method: 'tcp.setPaused', args: [1, 1], detail: NO_MATCH },
  { number: 26, method: 'tcpServer.setPaused', args: [1, new Boolean(true)], detail: NO_MATCH },
  {
    number: 27,
    method: 'tcp.connect',
    args: [1, 'h', 80, 'bogus', f],
    detail: "Error at parameter 'dnsQueryType': Value must be one of any, ipv4, ipv6.",
  },
  { method: 'tcp.connect', args: [1, new String('h'), 80, f], detail: NO_MATCH },
  ...['x', [1], new Blob([]), null, new SharedArrayBuffer(1), {}].map((data) => ({
    number: 28,
    method: 'tcp.send',
    args: [1, data, f],
    detail: NO_MATCH,
  })),
  { number: 37, method: 'tcp.connect', args: [1, 'h', 80], detail: NO_MATCH },
  { number: 37, method: 'tcp.send', args: [1, new ArrayBuffer(1)], detail: NO_MATCH },
  { number: 37, method: 'tcp.setNoDelay', args: [1, true], detail: NO_MATCH },
  { number: 37, method: 'tcp.setKeepAlive', args: [1, true], detail: NO_MATCH },
  { number: 37, method: 'tcp.secure', args: [1], detail: NO_MATCH },
  {
    method: 'tcp.secure',
    args: [1, { tlsVersion: 1 }, f],
    detail:
      "Error at parameter 'options': Error at property 'tlsVersion': Invalid type: expected object, found integer.",
  },
  {
    method: 'tcp.secure',
    args: [1, { tlsVersion: { min: 1 } }, f],
    detail:
      "Error at parameter 'options': Error at property 'tlsVersion': Error at property 'min': Invalid type: expected string, found integer.",
  },
];

for (const { number, method, args, detail } of refused) {
  const shown = args.map((value) => (typeof value === 'function' ? 'f' : JSON.stringify(value)));
  test(`${number ?? 'type rule'}: ${method}(${shown}) throws`, async () => {
    assert.throws(() => invoke(method, args), {
      name: 'TypeError',
      message: invocation(method) + detail,
    });
    await settled();
    isEmpty(gateway.unanswered, 'nothing was sent');
  });
}

/** What reaches the gateway. @type {{ number?: number, method: string, args: unknown[], params: unknown[] }[]} */
const accepted = [
  ...[[], [{}], [null, f], [undefined, f], [f], [null], [null, null]].map((args) => ({
    number: 5,
    method: 'tcpServer.create',
    args,
    params: [args[0] && args[0] !== f ? {} : null],
  })),
  { number: 10, method: 'tcp.create', args: [{ name: null, persistent: undefined }], params: [{}] },
  { method: 'tcp.create', args: [new Date(0)], params: [{}] },
  {
    method: 'tcp.create',
    args: [{ name: '\ud800', bufferSize: -0 }, f],
    params: [{ name: '\ud800', bufferSize: 0 }],
  },
  { method: 'tcp.update', args: [-0, {}, f], params: [0, {}] },
  { number: 22, method: 'tcp.getInfo', args: [-1, f], params: [-1] },
  { number: 36, method: 'tcp.close', args: [9, null], params: [9] },
  { number: 25, method: 'tcpServer.listen', args: [1, 'a', 0, f], params: [1, 'a', 0, null] },
  {
    number: 25,
    method: 'tcpServer.listen',
    args: [1, 'a', 0, undefined, f],
    params: [1, 'a', 0, null],
  },
  { number: 25, method: 'tcpServer.listen', args: [1, 'a', 0, null, f], params: [1, 'a', 0, null] },
  { method: 'tcpServer.listen', args: [1, 'a', 70000, -1, f], params: [1, 'a', 70000, -1] },
  { method: 'tcp.connect', args: [1, 'h', 80, f], params: [1, 'h', 80, null] },
  { method: 'tcp.connect', args: [1, 'h', 80, 'ipv6', f], params: [1, 'h', 80, 'ipv6'] },
  { method: 'tcp.setKeepAlive', args: [1, true, f], params: [1, true, null] },
  {
    method: 'tcp.secure',
    args: [1, { tlsVersion: { min: 'tls1.2' } }, f],
    params: [1, { tlsVersion: { min: 'tls1.2' } }],
  },
];

for (const { number, method, args, params } of accepted) {
  const shown = args.map((value) => (typeof value === 'function' ? 'f' : JSON.stringify(value)));
  test(`${number ?? 'type rule'}: ${method}(${shown}) is accepted`, async () => {
    assert.doesNotThrow(() => invoke(method, args));
    await settled();
    assert.deepEqual(await gateway.reply(method, { socketId: 1000 }), params);
  });
}

for (const [name, value] of Object.entries({
  'an ArrayBuffer': new ArrayBuffer(1),
  'a typed array': new Uint16Array(1),
  'a DataView': new DataView(new ArrayBuffer(1)),
  'an ArrayBuffer of another realm': runInNewContext('new ArrayBuffer(1)'),
  'a detached ArrayBuffer': detached,
})) {
  test(`type rule: binary takes ${name}`, () => {
    assert.doesNotThrow(() => tcp.send(99, value, f));
  });
}

test('properties are read when the method is called', async () => {
  const properties = { name: 'before' };
  tcp.create(properties, f);
  properties.name = 'after';
  await settled();
  assert.deepEqual(await gateway.reply('tcp.create', { socketId: 1001 }), [{ name: 'before' }]);
});

test('the promise face rejects with TypeError, and shows its own signature', async () => {
  await assert.rejects(client.tcp.close(/** @type {any} */ ('1')), {
    name: 'TypeError',
    message: 'Error in invocation of sockets.tcp.close(integer socketId): No matching signature.',
  });
  await assert.rejects(/** @type {any} */ (client.tcpServer).getSockets(f), {
    message: 'Error in invocation of sockets.tcpServer.getSockets(): No matching signature.',
  });
});
