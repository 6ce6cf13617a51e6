/**
 * Flow control: a page that does not read makes its peer wait, a peer that does not read makes the
 * page's send wait, and nothing else waits with them.
 */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { settled, sha256 } from './peer.js';
import { createSuite } from './suite.js';

const suite = createSuite();
const { test } = suite;

const PIECE = 64 << 10;

/**
 * Far more than the window of 512 KiB and what kernels buffer for one loopback connection (some
 * megabytes in each of the two).
 */
const MUCH = 64 << 20;
const BOUND = 32 << 20;

/**
 * A server that receives without further ado, and an echo server whose round trips serve as a clock.
 *
 * @param {import('./suite.js').Scene} scene
 */
async function openReceiver({ open, peer }) {
  const page = await open();
  const ports = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const echo = await kit.echo();
    const receiver = await kit.listenFor((id) => {
      globalThis.stream = Object.assign(kit.receive(id), { id });
      tcp.update(id, { bufferSize: 65536 });
      tcp.setPaused(id, false);
    });
    return { echo: echo.port, receiver: receiver.port };
  });
  const [echo, sender] = [await peer(ports.echo), await peer(ports.receiver)];
  await page.waitForFunction(() => globalThis.stream);
  return { page, echo, sender };
}

/**
 * Offers bytes to a peer piece by piece, each when the kernel has taken the one before.
 *
 * @param {import('./peer.js').Peer} peer
 * @param {Buffer} bytes
 */
function offer(peer, bytes) {
  const offering = { taken: 0, done: Promise.resolve() };
  offering.done = (async () => {
    for (let at = 0; at < bytes.length; at += PIECE) {
      await peer.write(bytes.subarray(at, at + PIECE));
      offering.taken = at + PIECE;
    }
  })();
  return offering;
}

test('a paused stream makes its peer wait, and no other stream', async (scene) => {
  const { page, echo, sender } = await openReceiver(scene);
  await sender.write('first');
  await page.evaluate(() => stream.reaches(5));
  await page.evaluate(() => chrome.sockets.tcp.setPaused(stream.id, true));
  const bytes = randomBytes(MUCH);
  const offering = offer(sender, bytes);
  const taken = await settled(
    () => offering.taken,
    () => echo.roundTrip(),
  );
  assert.ok(taken < BOUND, `the peer could send ${taken} bytes`);
  assert.equal(await page.evaluate(() => stream.length), 5, 'nothing has come while paused');

  await page.evaluate(() => chrome.sockets.tcp.setPaused(stream.id, false));
  await offering.done;
  const hash = await page.evaluate(async (length) => {
    await stream.reaches(length);
    return kit.sha256(stream.bytes().subarray(5));
  }, MUCH + 5);
  assert.equal(hash, sha256(bytes));
});

test('a page with a blocked main thread makes its peers wait, and no other page', async (scene) => {
  const { page, sender } = await openReceiver(scene);
  const other = await openReceiver(scene);
  const blocked = page.evaluate(() => {
    // A synchronous request blocks the page until the site answers.
    const request = new XMLHttpRequest();
    request.open('GET', '/held', false);
    request.send();
  });
  while (!suite.site.holds) await other.echo.roundTrip();
  const bytes = randomBytes(MUCH);
  const offering = offer(sender, bytes);
  const taken = await settled(
    () => offering.taken,
    () => other.echo.roundTrip(),
  );
  assert.ok(taken < BOUND, `the peer could send ${taken} bytes`);

  suite.site.release();
  await blocked;
  await offering.done;
  const hash = await page.evaluate(async (length) => {
    await stream.reaches(length);
    return kit.sha256(stream.bytes());
  }, MUCH);
  assert.equal(hash, sha256(bytes));
});

test('a peer that does not read makes send wait, and no other stream', async ({ open, peer }) => {
  const page = await open();
  const ports = await page.evaluate(
    async ({ PIECE, MUCH }) => {
      const { tcp } = chrome.sockets;
      globalThis.bytes = kit.randomBytes(MUCH);
      globalThis.order = [];
      const echo = await kit.echo();
      const sender = await kit.listenFor((id) => {
        for (let at = 0; at < bytes.length; at += PIECE) {
          tcp.send(id, bytes.subarray(at, at + PIECE), ({ resultCode, bytesSent }) => {
            order.push(resultCode === 0 && bytesSent === PIECE ? at / PIECE : resultCode);
          });
        }
      });
      return { echo: echo.port, sender: sender.port };
    },
    { PIECE, MUCH },
  );
  const [echo, reader] = [await peer(ports.echo), await peer(ports.sender)];
  const callbacks = await settled(
    () => page.evaluate(() => order.length),
    () => echo.roundTrip(),
  );
  assert.ok(callbacks * PIECE < BOUND, `${callbacks} callbacks although nobody reads`);

  const received = await reader.read(MUCH);
  await page.waitForFunction((count) => order.length === count, MUCH / PIECE);
  const { order, hash } = await page.evaluate(async () => ({
    order,
    hash: await kit.sha256(bytes),
  }));
  assert.deepEqual(
    order,
    order.map((_, i) => i),
    'callbacks come in the order of the calls',
  );
  assert.equal(sha256(received), hash);
});

test('16 stuck streams of a page do not delay the 17th', async ({ open, peer }) => {
  const page = await open();
  const ports = await page.evaluate(async () => {
    const echo = await kit.echo();
    const stuck = await kit.listenFor((id) => {
      chrome.sockets.tcp.send(id, new Uint8Array(12 << 20), () => void chrome.runtime.lastError);
    });
    return { echo: echo.port, stuck: stuck.port };
  });
  const stuck = await Promise.all(Array.from({ length: 16 }, () => peer(ports.stuck)));
  const offerings = stuck.map((client) => offer(client, Buffer.alloc(MUCH / 4)));
  const echo = await peer(ports.echo);
  const taken = await settled(
    () => offerings.reduce((sum, offering) => sum + offering.taken, 0),
    () => echo.roundTrip(),
  );
  assert.ok(taken < (16 * MUCH) / 4, 'the others are stuck');
  for (const offering of offerings) offering.done.catch(() => {}); // They are cut off now.
});
