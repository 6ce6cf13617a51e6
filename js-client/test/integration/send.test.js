/** Sending (assertions 29, 105 to 112). */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { useGateway } from '../gateway.js';
import { onPage } from '../page.js';

const gateway = useGateway();

/** @param {string | Uint8Array} content */
const hash = (content) =>
  createHash('sha256')
    .update(typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
    .digest('hex');

test(
  '105, 106: send, also of nothing',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    assert.deepEqual(await page.send(id, 'hello'), [{ bytesSent: 5, resultCode: 0 }]);
    assert.deepEqual(await page.send(id, ''), [{ bytesSent: 0, resultCode: 0 }]);
    assert.equal(await peer.read(5), 'hello');
  }),
);

test(
  '29: a view sends its window only',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    const view = new Uint8Array([65, 66, 67, 68]).subarray(1, 3);
    assert.deepEqual(await page.call(page.tcp.send, id, view), [{ bytesSent: 2, resultCode: 0 }]);
    assert.equal(await peer.read(2), 'BC');
  }),
);

test(
  '107: callbacks come in the order of the calls, and every byte arrives',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    const parts = [10, 5_000_000, 12, 13, 14].map((size) => randomBytes(size));
    /** @type {number[]} */
    const order = [];
    const sends = parts.map((part) => {
      return page.send(id, part).then(([info]) => order.push(info.bytesSent));
    });
    const whole = Buffer.concat(parts);
    assert.equal(hash(await peer.read(whole.length)), hash(whole));
    await Promise.all(sends);
    assert.deepEqual(order, [10, 5_000_000, 12, 13, 14]);
  }),
);

test(
  '108: a buffer that changes after the call',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    const data = Buffer.from('before');
    const sent = page.call(page.tcp.send, id, data);
    data.fill('x');
    await sent;
    assert.equal(await peer.read(6), 'before');
  }),
);

for (const method of ['close', 'disconnect']) {
  test(
    `110, D7: ${method} inside the callback of send loses nothing`,
    onPage(gateway, async (page) => {
      const { id, peer } = await page.accept();
      const content = randomBytes(60_000);
      page.tcp.send(id, content, () => page.tcp[method](id, () => {}));
      assert.equal(hash(await peer.readAll()), hash(content));
    }),
  );

  test(
    `D4, D5, D7: ${method} without waiting sends everything, and answers the sends`,
    onPage(gateway, async (page) => {
      const { id, peer } = await page.accept();
      const content = randomBytes(5_000_000);
      const sent = page.send(id, content);
      page.tcp[method](id, () => {});
      const arrived = await peer.readAll();
      assert.deepEqual([arrived.length, peer.error], [content.length, undefined]);
      assert.equal(hash(arrived), hash(content));
      assert.deepEqual(await sent, [{ bytesSent: content.length, resultCode: 0 }]);
    }),
  );
}

test(
  'a disconnected stream connects again only when its bytes have gone',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    const { port } = await page.listen();
    const content = randomBytes(3_000_000);
    page.send(id, content);
    page.tcp.disconnect(id, () => {});
    const connecting = page.call(page.tcp.connect, id, '127.0.0.1', port);
    assert.equal(hash(await peer.readAll()), hash(content));
    peer.end();
    assert.deepEqual(await connecting, [0]);
    assert.deepEqual(await page.send(id, 'again'), [{ bytesSent: 5, resultCode: 0 }]);
  }),
);

test(
  '109: never connected',
  onPage(gateway, async (page) => {
    await page.tcp.create();
    assert.deepEqual(await page.send(1, 'x'), [
      { resultCode: -15 },
      'net::ERR_SOCKET_NOT_CONNECTED',
    ]);
  }),
);

test(
  '111: the peer is gone, behind a pause',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept({ paused: true });
    peer.reset();
    await delay(30);
    const outcomes = [];
    for (let i = 0; i < 5 && outcomes.at(-1) !== -15; i++) {
      const [info] = await page.send(id, 'x');
      outcomes.push(info.resultCode);
      await delay(20);
    }
    const text = outcomes.join();
    assert.match(text, /^(0,)?-2,-15$/, text);
    await page.quiet('onReceiveError');
  }),
);

test(
  '112: the peer resets while much is pending',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept({ paused: true });
    peer.socket.pause();
    const sends = [page.send(id, Buffer.alloc(20 << 20)), page.send(id, 'end')];
    await delay(200);
    peer.reset();
    assert.deepEqual(await Promise.all(sends), [
      [{ resultCode: -2 }, 'net::ERR_FAILED'],
      [{ resultCode: -15 }, 'net::ERR_SOCKET_NOT_CONNECTED'],
    ]);
  }),
);

test(
  '113: more than 200 MiB in one send',
  onPage(gateway, async (page) => {
    const { id } = await page.accept();
    assert.deepEqual(await page.call(page.tcp.send, id, new ArrayBuffer(209_715_201)), [
      'Exceeded write quota.',
    ]);
    assert.deepEqual(await page.send(id, 'x'), [{ bytesSent: 1, resultCode: 0 }]);
  }),
);

test(
  '114: more than 200 MiB in several sends',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    peer.socket.pause();
    const half = new Uint8Array(120_000_000);
    const first = page.call(page.tcp.send, id, half);
    assert.deepEqual(await page.call(page.tcp.send, id, half), ['Exceeded write quota.']);
    peer.socket.removeAllListeners('data').on('data', () => {}); // As quick as can be.
    peer.socket.resume();
    assert.deepEqual(await first, [{ bytesSent: half.length, resultCode: 0 }]);
  }),
);

test(
  'a peer that does not read makes send wait',
  onPage(gateway, async (page) => {
    const { id, peer } = await page.accept();
    peer.socket.pause();
    let complete = false;
    const content = randomBytes(24 << 20);
    const sent = page.send(id, content).then(() => (complete = true));
    await delay(300);
    assert.equal(complete, false);
    peer.socket.resume();
    assert.equal(hash(await peer.read(content.length)), hash(content));
    await sent;
  }),
);
