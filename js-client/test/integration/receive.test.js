/** Receiving, pausing, and how a stream ends (assertions 75 to 96). */

import assert from 'node:assert/strict';
import { setImmediate as nextTask, setTimeout as delay } from 'node:timers/promises';
import { mock, test } from 'node:test';
import { useGateway } from '../gateway.js';
import { onPage } from '../page.js';
import { Peer } from '../peer.js';

const gateway = useGateway();

const NOT_CONNECTED = [{ resultCode: -15 }, 'net::ERR_SOCKET_NOT_CONNECTED'];

test(
  '75, 76: nothing before setPaused(false), then its callback, then the bytes',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept({ paused: true });
    peer.write('hello');
    await page.quiet('onReceive');
    page.tcp.setPaused(id, false, () => page.note('unpaused', 0));
    assert.equal(await page.received(id, 5), 'hello');
    assert.deepEqual(
      page.log.slice(-2).map(({ name }) => name),
      ['unpaused', 'onReceive'],
    );
  }),
);

test(
  '77, 95: a burst comes in pieces of at most 4096',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    const sent = Array.from({ length: 10000 }, (_, i) => String.fromCharCode(i % 251)).join('');
    peer.write(Buffer.from(sent, 'latin1'));
    assert.equal(await page.received(id, 10000), sent);
    for (const { data } of page.events('onReceive')) {
      assert.ok(data instanceof ArrayBuffer && data.byteLength > 0 && data.byteLength <= 4096);
    }
  }),
);

test(
  '78: a new bufferSize applies from the next read',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    await page.tcp.update(id, { bufferSize: 10 });
    for (const [count, sizes] of /** @type {[number, number[]][]} */ ([
      [1, [25]],
      [4, [25, 10, 10, 5]],
    ])) {
      peer.write('x'.repeat(25));
      await page.event('onReceive', count);
      assert.deepEqual(
        page.events('onReceive').map(({ data }) => data.byteLength),
        sizes,
      );
    }
  }),
);

test(
  '79: no piece is longer than 65536',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept({ paused: true });
    await page.tcp.update(id, { bufferSize: 1048576 });
    peer.write(new Uint8Array(300000));
    await page.tcp.setPaused(id, false);
    await page.received(id, 300000);
    const sizes = page.events('onReceive').map(({ data }) => data.byteLength);
    assert.ok(Math.max(...sizes) <= 65536, `${Math.max(...sizes)}`);
    assert.ok(Math.max(...sizes) > 4096, 'the larger buffer is used');
  }),
);

test(
  '80: bufferSize 1',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept({ paused: true });
    await page.tcp.update(id, { bufferSize: 1 });
    peer.write('abc');
    await page.tcp.setPaused(id, false);
    await page.event('onReceive', 3);
    assert.equal(page.text(id), 'abc');
  }),
);

test(
  '81, 82: pausing holds back, unpausing gives everything once',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    await page.tcp.setPaused(id, true);
    peer.write('AAAA');
    await page.quiet('onReceive');
    peer.write('BBBB');
    for (const paused of [false, true, false, true, false])
      page.tcp.setPaused(id, paused, () => {});
    assert.equal(await page.received(id, 8), 'AAAABBBB');
    await page.quiet('onReceiveError');
    assert.equal(page.text(id), 'AAAABBBB');
  }),
);

test(
  '83, 86, 87, 88, 89: after the end',
  onPage(gateway, async (page) => {
    for (const finish of ['end', 'reset']) {
      const { id, peer } = await page.accept();
      peer[/** @type {'end' | 'reset'} */ (finish)]();
      assert.equal((await page.event('onReceiveError', 1, id)).resultCode, -100);
      const info = { connected: false, paused: true, persistent: false, socketId: id };
      assert.deepEqual(await page.tcp.getInfo(id), info);
      assert.deepEqual(await page.send(id, 'x'), NOT_CONNECTED);
      assert.deepEqual(await page.call(page.tcp.setPaused, id, false), []);
      assert.equal((await page.tcp.getInfo(id)).connected, false);
      assert.deepEqual(await page.call(page.tcp.disconnect, id), []);
      assert.deepEqual(await page.call(page.tcp.update, id, {}), []);
      assert.deepEqual(await page.call(page.tcp.close, id), []);
      assert.deepEqual(await page.call(page.tcp.close, id), ['Socket not found']);
      assert.equal(page.events('onReceiveError', id).length, 1);
    }
  }),
);

for (const [number, finish] of [
  ['84', 'end'],
  ['85', 'reset'],
]) {
  test(
    `${number}: data and ${finish} behind a pause: all data, then -100`,
    onPage(gateway, async (page) => {
      const { id, peer } = await page.accept({ paused: true });
      peer.write('last words');
      await delay(20);
      peer[/** @type {'end' | 'reset'} */ (finish)]();
      await page.quiet('onReceive');
      assert.equal(page.events('onReceiveError').length, 0);
      await page.tcp.setPaused(id, false);
      await page.event('onReceiveError');
      assert.equal(page.text(id), 'last words');
    }),
  );
}

test(
  '90: a peer that half-closes behind a pause gets an answer',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept({ paused: true });
    peer.write('question').end();
    await delay(30);
    assert.equal((await page.tcp.getInfo(id)).connected, true);
    assert.deepEqual(await page.send(id, 'answer'), [{ bytesSent: 6, resultCode: 0 }]);
    assert.equal(await peer.read(6), 'answer');
  }),
);

test(
  'D9: a peer that half-closes gets what onReceive sends',
  onPage(gateway, async (page) => {
    page.tcp.onReceive.addListener((/** @type {any} */ { socketId, data }) => {
      page.tcp.send(socketId, Buffer.from(data).reverse(), () => {});
    });
    const { id, peer } = await page.accept();
    peer.write('abc').end();
    assert.equal(await peer.readAll(), 'cba');
    await page.event('onReceiveError', 1, id);
  }),
);

test(
  'allowHalfOpen: the page goes on sending after the end',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept({ paused: true });
    await page.tcp.update(id, { allowHalfOpen: true });
    await page.tcp.setPaused(id, false);
    peer.end();
    await page.event('onReceiveError');
    assert.equal((await page.tcp.getInfo(id)).connected, true);
    assert.deepEqual(await page.send(id, 'more'), [{ bytesSent: 4, resultCode: 0 }]);
    await page.tcp.close(id);
    assert.equal(await peer.readAll(), 'more');
    assert.equal(page.events('onReceiveError').length, 1);
  }),
);

for (const [number, method] of [
  ['91', 'disconnect'],
  ['93', 'close'],
]) {
  test(
    `${number}: ${method} of an unpaused stream raises -100 behind its callback`,
    onPage(gateway, async (page) => {
      const { id, peer } = await page.accept();
      page.tcp[method](id, () => page.note('callback', 0));
      await page.event('onReceiveError');
      assert.deepEqual(
        page.log.slice(-2).map(({ name }) => name),
        ['callback', 'onReceiveError'],
      );
      assert.equal(await peer.readAll(), '');
      if (method === 'close') return assert.rejects(page.tcp.getInfo(id), /Socket not found/);
      const { paused, connected } = await page.tcp.getInfo(id);
      assert.deepEqual([paused, connected], [true, false]);
    }),
  );
}

test(
  '92: disconnect of a paused stream raises nothing',
  onPage(gateway, async (page) => {
    const { id } = await page.accept({ paused: true });
    assert.deepEqual(await page.call(page.tcp.disconnect, id), []);
    await page.quiet('onReceiveError');
  }),
);

test(
  '94: all listeners get the same buffer, though one throws',
  onPage(gateway, async (page) => {
    const { onReceive } = page.tcp;
    /** @type {any[]} */
    const seen = [];
    onReceive.addListener((/** @type {any} */ { data }) => {
      seen.push(data);
      throw new Error('thrown by a listener, and logged');
    });
    onReceive.addListener((/** @type {any} */ { data }) => seen.push(data));
    const { peer } = await page.accept();
    const logged = mock.method(console, 'error', () => {});
    peer.write('x');
    await page.event('onReceive');
    await nextTask();
    logged.mock.restore();
    assert.equal(seen.length, 2);
    assert.equal(seen[0], seen[1]);
    assert.match(logged.mock.calls[0].arguments[0], /^Error in event handler: Error: thrown by/);
  }),
);

test(
  '96: events come in the order of arrival across streams',
  onPage(gateway, async (page) => {
    const streams = [await page.accept(), await page.accept(), await page.accept()];
    const want = [];
    for (let i = 0; i < 12; i++) {
      const { id, peer } = streams[i % 3];
      peer.write('x');
      want.push(id);
      await page.event('onReceive', i + 1);
    }
    assert.deepEqual(
      page.events('onReceive').map(({ socketId }) => socketId),
      want,
    );
  }),
);

test(
  'a page that stops reading makes the peer wait, and loses nothing',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    const chunk = Buffer.alloc(1 << 20, 'z');
    const total = 24 << 20;
    let written = 0;
    await page.tcp.setPaused(id, true);
    const writing = (async () => {
      for (; written < total; written += chunk.length) {
        await new Promise((resolve) => peer.socket.write(chunk, resolve));
      }
      peer.end();
    })();
    await delay(300);
    assert.ok(written < total, `${written} bytes went into a stream that nobody reads`);
    await page.tcp.setPaused(id, false);
    await page.event('onReceiveError');
    await writing;
    const bytes = page.events('onReceive').reduce((sum, { data }) => sum + data.byteLength, 0);
    assert.equal(bytes, total);
  }),
);

test(
  'one stream that is not read does not hold up another',
  onPage(gateway, async (page) => {
    const stuck = await page.accept({ paused: true });
    stuck.peer.write(Buffer.alloc(8 << 20));
    const { id, peer } = await page.accept();
    peer.write('through');
    assert.equal(await page.received(id, 7), 'through');
    stuck.peer.socket.destroy();
  }),
);

test(
  'a reader that awaits sees the bytes in order',
  onPage(gateway, async (page) => {
    const { port } = await page.listen();
    const peer = await Peer.connect(port);
    const { clientSocketId: id } = await page.event('onAccept');
    await page.tcp.setPaused(id, false);
    for (let i = 0; i < 200; i++) peer.write(`${i},`);
    const want = Array.from({ length: 200 }, (_, i) => `${i},`).join('');
    assert.equal(await page.received(id, want.length), want);
  }),
);
