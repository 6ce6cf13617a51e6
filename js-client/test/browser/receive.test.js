/** onReceive: pausing, bufferSize, chunks, listeners and order. */

import assert from 'node:assert/strict';
import { createSuite } from './suite.js';

const { test } = createSuite();

/**
 * A page with one accepted stream, paused.
 *
 * @param {import('./suite.js').Scene} scene
 */
async function openStream({ open, peer }) {
  const page = await open();
  const port = await page.evaluate(async () => {
    globalThis.server = await kit.listen();
    return server.port;
  });
  const client = await peer(port);
  await page.evaluate(async () => {
    globalThis.id = await server.accepted();
    globalThis.stream = kit.receive(id);
    globalThis.sizes = () => stream.chunks.map(({ byteLength }) => byteLength);
  });
  return { page, client, port };
}

test('75, 76: nothing comes before setPaused(false) has called back', async (scene) => {
  const { page, client } = await openStream(scene);
  await client.write('hello');
  const order = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    await tcp.getInfo(id);
    const order = [stream.length];
    tcp.onReceive.addListener(({ data }) => order.push(new TextDecoder().decode(data)));
    tcp.setPaused(id, false, () => order.push('callback'));
    await stream.reaches(5);
    return order;
  });
  assert.deepEqual(order, [0, 'callback', 'hello']);
});

test('77: 10000 bytes come in chunks of at most 4096', async (scene) => {
  const { page, client } = await openStream(scene);
  await client.write(Buffer.alloc(10_000, 'x'));
  const sizes = await page.evaluate(async () => {
    chrome.sockets.tcp.setPaused(id, false);
    await stream.reaches(10_000);
    return globalThis.sizes();
  });
  assert.equal(
    sizes.reduce((sum, size) => sum + size),
    10_000,
  );
  assert.ok(sizes.every((size) => size <= 4096 && size > 0));
});

test('79: a large bufferSize brings chunks of at most 65536', async (scene) => {
  const { page, client } = await openStream(scene);
  await page.evaluate(() => chrome.sockets.tcp.update(id, { bufferSize: 1 << 20 }));
  await client.write(Buffer.alloc(300_000, 'x'));
  const sizes = await page.evaluate(async () => {
    chrome.sockets.tcp.setPaused(id, false);
    await stream.reaches(300_000);
    return globalThis.sizes();
  });
  assert.ok(Math.max(...sizes) <= 65536);
  assert.ok(Math.max(...sizes) > 4096);
});

test('80: bufferSize 1 brings one event per byte', async (scene) => {
  const { page, client } = await openStream(scene);
  await page.evaluate(() => chrome.sockets.tcp.update(id, { bufferSize: 1 }));
  await client.write('abc');
  const texts = await page.evaluate(async () => {
    chrome.sockets.tcp.setPaused(id, false);
    await stream.reaches(3);
    return stream.chunks.map((chunk) => new TextDecoder().decode(chunk));
  });
  assert.deepEqual(texts, ['a', 'b', 'c']);
});

test('81: setPaused(true) holds back what comes later', async (scene) => {
  const { page, client } = await openStream(scene);
  await page.evaluate(async () => {
    await chrome.sockets.tcp.setPaused(id, false);
    await chrome.sockets.tcp.setPaused(id, true);
  });
  await client.write('AAAABBBB');
  const before = await page.evaluate(async () => {
    await chrome.sockets.tcp.getInfo(id);
    return stream.text();
  });
  assert.ok('AAAABBBB'.startsWith(before) && before.length <= 4, `"${before}" came while paused`);
  const all = await page.evaluate(async () => {
    await chrome.sockets.tcp.setPaused(id, false);
    await stream.reaches(8);
    return stream.text();
  });
  assert.equal(all, 'AAAABBBB');
});

test('82: rapid pausing delivers once and raises no error', async (scene) => {
  const { page, client } = await openStream(scene);
  await client.write('once');
  const text = await page.evaluate(async () => {
    globalThis.errors = kit.queue(chrome.sockets.tcp.onReceiveError).infos;
    for (const paused of [false, true, false, true, false]) {
      chrome.sockets.tcp.setPaused(id, paused);
    }
    await stream.reaches(4);
    await chrome.sockets.tcp.getInfo(id);
    return stream.text();
  });
  assert.equal(text, 'once');
  assert.deepEqual(await page.evaluate(() => errors), []);
});

test('94, 95: all listeners get the same ArrayBuffer, though one throws', async (scene) => {
  const { page, client } = await openStream(scene);
  const outcome = page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const seen = [];
    tcp.onReceive.addListener(({ data }) => {
      seen.push(data);
      throw new Error('on purpose');
    });
    const told = new Promise((resolve) => {
      tcp.onReceive.addListener(({ data }) => {
        seen.push(data);
        resolve();
      });
    });
    tcp.setPaused(id, false);
    await told;
    return {
      count: seen.length,
      same: seen[0] === seen[1],
      real: seen[0] instanceof ArrayBuffer,
      length: seen[0].byteLength,
    };
  });
  await client.write('data');
  assert.deepEqual(await outcome, { count: 2, same: true, real: true, length: 4 });
  const [error] = await scene.takeErrors(1);
  assert.match(error, /^Error in event handler: Error: on purpose/);
});

test('96: events of several streams come in the order of arrival', async ({ open, peer }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    globalThis.log = [];
    const { tcp } = chrome.sockets;
    globalThis.ids = [];
    tcp.onReceive.addListener((info) => log.push(ids.indexOf(info.socketId)));
    const { port } = await kit.listenFor((id) => {
      ids.push(id);
      tcp.setPaused(id, false);
    });
    return port;
  });
  const peers = [await peer(port), await peer(port), await peer(port)];
  const order = [0, 1, 2, 0, 2, 1, 1, 2, 0, 0, 2];
  for (const [i, which] of order.entries()) {
    await peers[which].write('x');
    await page.waitForFunction((count) => log.length === count, i + 1);
  }
  assert.deepEqual(await page.evaluate(() => log), order);
});
