/** The calling convention, seen by a program (assertions 5 to 38); the unit tests have all of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../gateway.js';
import { onPage } from '../page.js';

const gateway = useGateway();
const f = () => {};

test(
  '5: create without properties, in five ways',
  onPage(gateway, async (page) => {
    const { create } = page.tcpServer;
    for (const args of [[], [{}], [null], [undefined]]) {
      const [{ socketId }] = await page.call(create, ...args);
      assert.ok(socketId > 0);
      assert.equal(typeof (await create(...args)).socketId, 'number');
    }
  }),
);

test(
  '8, 9, 23, 24, 26, 27, 28, 37, 38: wrong arguments throw in the caller, and do nothing',
  onPage(gateway, async (page) => {
    const { tcp, tcpServer } = page;
    const { socketId: id } = await tcpServer.create();
    await tcp.create();
    const unmatched = [
      ...['1', 1.5, NaN, 2 ** 31, null].map((value) => () => tcpServer.getInfo(value, f)),
      () => tcpServer.getInfo(),
      () => tcpServer.create(5),
      () => tcpServer.listen(id, '127.0.0.1', 0),
      () => tcpServer.listen(id, '127.0.0.1', 0, null),
      () => tcp.setPaused(1, 1),
      ...['text', [1], new Blob([]), null, new SharedArrayBuffer(1)].map(
        (data) => () => tcp.send(1, data, f),
      ),
      () => tcp.connect(1, '127.0.0.1', 80),
      () => tcp.send(1, new ArrayBuffer(1)),
      () => tcp.setNoDelay(1, true),
      () => tcp.setKeepAlive(1, true),
      () => tcp.secure(1),
    ];
    /** @type {[string, () => void][]} */
    const calls = [
      ["Unexpected property: 'bufferSize'.", () => tcpServer.create({ bufferSize: 1 })],
      [
        "Error at property 'persistent': Invalid type: expected boolean, found integer.",
        () => tcpServer.create({ persistent: 1 }),
      ],
      ['Value must be one of any, ipv4, ipv6.', () => tcp.connect(1, 'localhost', 80, 'bogus', f)],
    ];
    for (const call of unmatched) calls.push(['No matching signature.', call]);
    for (const [detail, call] of calls) {
      assert.throws(call, (/** @type {Error} */ error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /^Error in invocation of sockets\.tcp(Server)?\.\w+\(/);
        return error.message.endsWith(detail);
      });
    }
    assert.equal((await tcpServer.getSockets()).length, 1, 'none was created');
    assert.equal('localPort' in (await tcpServer.getInfo(id)), false, 'nothing listens');
    assert.equal((await tcp.getInfo(1)).connected, false);
  }),
);

test(
  '30, 31: lastError, read and not read',
  onPage(gateway, async ({ chrome, tcp }) => {
    const { runtime } = chrome;
    /** @type {any} */
    const error = await new Promise((resolve) => tcp.close(99, () => resolve(runtime.lastError)));
    assert.deepEqual(error, { message: 'Socket not found' });
    assert.equal(error instanceof Error, false);
    const logged = new Promise((resolve) => {
      const { error: original } = console;
      console.error = (text) => {
        console.error = original;
        resolve(text);
      };
    });
    tcp.close(99, f);
    assert.equal(await logged, 'Unchecked runtime.lastError: Socket not found');
    assert.equal('lastError' in runtime, false);
  }),
);
