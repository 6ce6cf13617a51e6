/** Megabytes both ways: bytes are never lost, doubled or reordered. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { seeded } from '../random.js';
import { sha256 } from './peer.js';
import { runGoClient } from './programs.js';
import { createSuite } from './suite.js';

const { test } = createSuite();

/**
 * Both ends of each stream send at once; each tells the SHA-256 of what it sent.
 *
 * @param {import('./suite.js').Scene} scene
 * @param {number} streams
 * @param {number} size Bytes on each stream, each way.
 */
async function exchange({ open, peer }, streams, size) {
  const page = await open();
  const port = await page.evaluate(
    async ({ size, streams }) => {
      const { tcp } = chrome.sockets;
      globalThis.outcomes = [];
      const { port } = await kit.listenFor(async (id) => {
        const stream = kit.receive(id);
        tcp.update(id, { bufferSize: 65536 });
        tcp.setPaused(id, false);
        const bytes = kit.randomBytes(size);
        const pieces = 16;
        for (let i = 0; i < pieces; i++) {
          const piece = bytes.subarray((size / pieces) * i, (size / pieces) * (i + 1));
          const { bytesSent } = await kit.get(tcp.send, id, piece);
          if (bytesSent !== piece.length) throw new Error(`bytesSent is ${bytesSent}`);
        }
        await stream.reaches(size);
        await kit.get(tcp.close, id);
        const received = await kit.sha256(stream.bytes());
        outcomes.push({ id, sent: await kit.sha256(bytes), received, length: stream.length });
      });
      return port;
    },
    { size, streams },
  );
  const peers = [];
  for (let i = 0; i < streams; i++) peers.push(await peer(port));
  const seen = await Promise.all(
    peers.map(async (client) => {
      const bytes = randomBytes(size);
      const writing = client.write(bytes);
      const { length, hash } = await client.digestAll();
      await writing;
      return { sent: sha256(bytes), received: hash, length };
    }),
  );
  await page.waitForFunction((streams) => outcomes.length === streams, streams);
  const outcomes = await page.evaluate(() => outcomes.sort((a, b) => a.id - b.id));
  assert.deepEqual(
    outcomes.map(({ sent, received, length }) => ({ sent: received, received: sent, length })),
    seen,
  );
  assert.ok(seen.every(({ length }) => length === size));
}

test('32 MB each way at once on one stream', async (scene) => {
  await exchange(scene, 1, 32 << 20);
});

test('4 MB each way on each of 8 streams at once', async (scene) => {
  await exchange(scene, 8, 4 << 20);
});

test('a Go client gets 8 times 2 MB back from an echoing page', async ({ open }) => {
  const page = await open();
  const { port } = await page.evaluate(() => kit.echo({ bufferSize: 65536 }));
  const args = ['-connections', '8', '-bytes', String(2 << 20), `127.0.0.1:${port}`];
  const { code, stderr } = await runGoClient(...args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

test('random traffic on 24 streams: sizes, pauses, buffer sizes and turns', async ({
  open,
  peer,
}) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e9);
  const streams = 24;
  const page = await open();
  try {
    const port = await page.evaluate(async (seed) => {
      const { seeded } = await import('/random.js');
      const { tcp } = chrome.sockets;
      globalThis.outcomes = [];
      globalThis.failures = [];
      const check = () => {
        if (chrome.runtime.lastError) failures.push(chrome.runtime.lastError.message);
      };
      let nth = 0;
      const { port } = await kit.listenFor(async (id) => {
        const number = nth++;
        const random = seeded(seed + number);
        const stream = kit.receive(id);
        const sizes = [1, 100, 4096, 5000, 9000, 70000, 600000];
        const sent = [];
        let callbacks = 0;
        tcp.setPaused(id, false, check);
        for (let turn = 0; turn < 40; turn++) {
          const bytes = kit.randomBytes(random(sizes[random(sizes.length)]) + random(2));
          sent.push(bytes.slice().buffer);
          const order = turn;
          const sending = new Promise((resolve) => {
            tcp.send(id, bytes, ({ bytesSent }) => {
              check();
              if (callbacks++ !== order) failures.push(`callback ${callbacks} is of send ${order}`);
              if (bytesSent !== sent[order].byteLength) failures.push(`${bytesSent} sent`);
              resolve();
            });
          });
          bytes.fill(0); // The copy was taken at the call.
          const choice = random(8);
          if (choice === 0) tcp.update(id, { bufferSize: random(3) * 30000 }, check);
          if (choice === 1) tcp.setPaused(id, true, check);
          if (choice <= 2) tcp.setPaused(id, false, check);
          if (choice <= 4) await sending;
        }
        // The peer says with its first four bytes how much it sends.
        await stream.reaches(4);
        const length = new DataView(stream.bytes().buffer).getUint32(0);
        await stream.reaches(length);
        tcp.close(id, check);
        const received = await kit.sha256(stream.bytes());
        const all = kit.concat(sent);
        outcomes[number] = { sent: await kit.sha256(all), received, length: all.length };
        globalThis.finished = (globalThis.finished ?? 0) + 1;
      });
      return port;
    }, seed);

    const seen = await Promise.all(
      Array.from({ length: streams }, async (_, number) => {
        const random = seeded(seed + 1000 + number);
        const client = await peer(port);
        const bytes = randomBytes(4 + random([10, 10_000, 400_000, 2_000_000][number % 4]));
        bytes.writeUInt32BE(bytes.length);
        const digest = client.digestAll();
        for (let at = 0; at < bytes.length;) {
          const size = 1 + random([2000, 20_000, 200_000][random(3)]);
          const written = client.write(bytes.subarray(at, at + size));
          if (random(2)) await written;
          at += size;
        }
        const { hash, length } = await digest;
        return { port: client.socket.localPort, sent: sha256(bytes), received: hash, length };
      }),
    );
    await page.waitForFunction((streams) => globalThis.finished === streams, streams);
    const { outcomes, failures } = await page.evaluate(() => ({ outcomes, failures }));
    assert.deepEqual(failures, []);
    // Connections may have been accepted in another order than ours.
    const byHash = (a, b) => (a.sent < b.sent ? -1 : 1);
    assert.deepEqual(
      outcomes
        .map(({ sent, received, length }) => ({ sent: received, received: sent, length }))
        .sort(byHash),
      seen.map(({ sent, received, length }) => ({ sent, received, length })).sort(byHash),
    );
  } catch (error) {
    throw new Error(`fails for SEED=${seed}`, { cause: error });
  }
});

test('bytes keep their order when sends of all sizes are mixed', async ({ open, peer }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const { port } = await kit.listenFor(async (id) => {
      const hasher = [];
      for (let i = 0; i < 3000; i++) {
        const size = i % 100 === 99 ? 200_000 : (i * 7919) % 300;
        const bytes = new Uint8Array(size).fill(i);
        hasher.push(bytes.buffer);
        tcp.send(id, bytes, () => void chrome.runtime.lastError);
      }
      tcp.close(id);
      globalThis.hash = await kit.sha256(kit.concat(hasher));
    });
    return port;
  });
  const { hash } = await (await peer(port)).digestAll();
  await page.waitForFunction(() => globalThis.hash);
  assert.equal(hash, await page.evaluate(() => globalThis.hash));
});
