/** Sockets before they do anything: ids, properties, infos, unknown ids (assertions 1 to 36). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../gateway.js';
import { Page, onPage } from '../page.js';

const gateway = useGateway();

test(
  '1, 2, 3: ids count from 1 in each namespace and are not used again',
  onPage(gateway, async ({ tcp, tcpServer }) => {
    assert.deepEqual(await tcpServer.create(), { socketId: 1 });
    assert.deepEqual(await tcpServer.create(), { socketId: 2 });
    assert.deepEqual(await tcp.create(), { socketId: 1 });
    assert.deepEqual(await tcp.create(), { socketId: 2 });
    await tcp.close(2);
    assert.deepEqual(await tcp.create(), { socketId: 3 });
  }),
);

test(
  '4: an accepted stream takes the next id of tcp',
  onPage(gateway, async (page) => {
    await page.tcp.create();
    const { id } = await page.accept();
    assert.equal(id, 2);
  }),
);

test(
  '6, 7, 10: name and persistent',
  onPage(gateway, async ({ tcpServer }) => {
    /** @param {object} properties */
    const info = async (properties) => {
      const { socketId } = await tcpServer.create(properties);
      return tcpServer.getInfo(socketId);
    };
    assert.equal('name' in (await info({ name: '' })), false);
    const { name, persistent } = await info({ name: 'abc', persistent: true });
    assert.deepEqual([name, persistent], ['abc', true]);
    const { socketId, ...defaults } = await info({ name: null, persistent: null });
    assert.deepEqual(defaults, { paused: false, persistent: false });
  }),
);

test(
  '11, 12: fresh sockets',
  onPage(gateway, async ({ tcp, tcpServer }) => {
    await tcpServer.create();
    await tcp.create();
    const server = { paused: false, persistent: false, socketId: 1 };
    assert.deepEqual(await tcpServer.getInfo(1), server);
    assert.deepEqual(Object.keys(await tcpServer.getInfo(1)), Object.keys(server), 'alphabetical');
    assert.deepEqual(await tcp.getInfo(1), {
      connected: false,
      paused: false,
      persistent: false,
      socketId: 1,
    });
  }),
);

test(
  '13: bufferSize is shown only above 0',
  onPage(gateway, async ({ tcp }) => {
    for (const [bufferSize, shown] of [
      [0, undefined],
      [-5, undefined],
      [100, 100],
    ]) {
      const { socketId } = await tcp.create({ bufferSize });
      assert.equal((await tcp.getInfo(socketId)).bufferSize, shown);
    }
  }),
);

test(
  '14: update keeps what is absent and removes what is empty',
  onPage(gateway, async ({ tcp }) => {
    await tcp.create({ name: 'a', bufferSize: 100 });
    await tcp.update(1, {});
    const kept = await tcp.getInfo(1);
    assert.deepEqual([kept.name, kept.bufferSize], ['a', 100]);
    await tcp.update(1, { name: '', bufferSize: 0 });
    const removed = await tcp.getInfo(1);
    assert.deepEqual(['name' in removed, 'bufferSize' in removed], [false, false]);
  }),
);

test(
  '15, 16: getSockets',
  onPage(gateway, async (page) => {
    const { tcp, tcpServer } = page;
    assert.deepEqual(await page.call(tcp.getSockets), [[]]);
    assert.deepEqual(await page.call(tcpServer.getSockets), [[]]);
    for (const name of ['a', 'b', 'c']) await tcp.create({ name });
    const infos = await Promise.all([1, 2, 3].map((id) => tcp.getInfo(id)));
    const byId = (/** @type {any} */ a, /** @type {any} */ b) => a.socketId - b.socketId;
    assert.deepEqual((await tcp.getSockets()).sort(byId), infos);
  }),
);

test(
  "17: another session's sockets do not exist",
  onPage(gateway, async (page) => {
    await page.tcpServer.create();
    const other = new Page(gateway);
    assert.deepEqual(await other.call(other.tcpServer.close, 1), ['Socket not found']);
    assert.deepEqual(await other.tcpServer.getSockets(), []);
    await other.client.close();
    assert.equal((await page.tcpServer.getInfo(1)).socketId, 1);
  }),
);

test(
  '18, 19, 20, 21, 22: unknown ids',
  onPage(gateway, async (page) => {
    const { tcp, tcpServer } = page;
    const missing = ['Socket not found'];
    for (const id of [99, 0, -1]) {
      assert.deepEqual(await page.call(tcpServer.update, id, {}), missing);
      assert.deepEqual(await page.call(tcpServer.setPaused, id, true), missing);
      assert.deepEqual(await page.call(tcpServer.listen, id, '127.0.0.1', 0), missing);
      for (const name of ['disconnect', 'close', 'getInfo']) {
        assert.deepEqual(await page.call(tcpServer[name], id), missing);
        assert.deepEqual(await page.call(tcp[name], id), missing);
      }
      assert.deepEqual(await page.call(tcp.connect, id, '127.0.0.1', 80), missing);
      assert.deepEqual(await page.call(tcp.setKeepAlive, id, true), [-2, ...missing]);
      assert.deepEqual(await page.call(tcp.setNoDelay, id, true), [-2, ...missing]);
      assert.deepEqual(await page.call(tcp.secure, id), [-4, ...missing]);
      assert.deepEqual(await page.send(id, 'x'), missing);
    }
  }),
);

test(
  '32, 33, 34, 35, 36: promises',
  onPage(gateway, async ({ tcp }) => {
    assert.deepEqual(await tcp.create(), { socketId: 1 });
    await assert.rejects(tcp.getInfo(99), { message: 'Socket not found' });
    for (const args of [
      ['update', 1, {}],
      ['setPaused', 1, true],
      ['disconnect', 1],
      ['close', 1, null],
    ]) {
      const [name, ...rest] = args;
      assert.equal(await tcp[/** @type {string} */ (name)](...rest), undefined);
    }
    assert.equal(
      tcp.getSockets(() => {}),
      undefined,
    );
  }),
);
