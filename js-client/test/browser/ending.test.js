/** How connections end: FIN, half-close and RST from the peer, close and disconnect from the page. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { settled, sha256 } from './peer.js';
import { hasNetcat, run } from './programs.js';
import { createSuite } from './suite.js';

const { test } = createSuite();

const MEGABYTES = 8 << 20;

/**
 * A page with one accepted stream, paused: `id`, and what it receives in `stream`.
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
    globalThis.unpause = () => kit.call(chrome.sockets.tcp.setPaused, id, false);
  });
  return { page, client, port };
}

test('83: after FIN comes -100, once, and the stream is unconnected', async (scene) => {
  const { page, client } = await openStream(scene);
  await page.evaluate(() => {
    globalThis.errors = kit.queue(chrome.sockets.tcp.onReceiveError).infos;
    return unpause();
  });
  client.end();
  const { info, errors, id } = await page.evaluate(async () => {
    await stream.ended;
    return { info: await chrome.sockets.tcp.getInfo(id), errors, id };
  });
  assert.deepEqual(errors, [{ socketId: id, resultCode: -100 }]);
  assert.deepEqual(info, { socketId: id, persistent: false, paused: true, connected: false });
  assert.equal((await client.readAll()).length, 0);
});

test('84: data and FIN that came while paused are delivered in order', async (scene) => {
  const { page, client } = await openStream(scene);
  const bytes = randomBytes(300_000);
  await client.write(bytes);
  client.end();
  const { hash, code } = await page.evaluate(async () => {
    await unpause();
    const code = await stream.ended;
    return { hash: await kit.sha256(stream.bytes()), code };
  });
  assert.deepEqual({ hash, code }, { hash: sha256(bytes), code: -100 });
});

test('85: data and RST that came while paused are delivered in order', async (scene) => {
  const { page, client } = await openStream(scene);
  const bytes = randomBytes(30_000);
  await client.write(bytes); // Little enough to be with the other kernel before the reset.
  client.reset();
  await client.closed();
  const { hash, code } = await page.evaluate(async () => {
    await unpause();
    const code = await stream.ended;
    return { hash: await kit.sha256(stream.bytes()), code };
  });
  assert.deepEqual({ hash, code }, { hash: sha256(bytes), code: -100 });
});

test('86: a reset of an unpaused stream is -100', async (scene) => {
  const { page, client } = await openStream(scene);
  await client.write('before');
  await page.evaluate(() => unpause().then(() => stream.reaches(6)));
  client.reset();
  assert.equal(await page.evaluate(() => stream.ended), -100);
});

test('87, 88, 89: what the methods say after the end', async (scene) => {
  const { page, client } = await openStream(scene);
  await page.evaluate(() => void unpause());
  client.end();
  const outcomes = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    await stream.ended;
    return [
      await kit.call(tcp.send, id, kit.utf8('late')),
      await kit.call(tcp.setPaused, id, false),
      await kit.call(tcp.update, id, { name: 'n' }),
      await kit.call(tcp.disconnect, id),
      await kit.call(tcp.close, id),
      await kit.call(tcp.close, id),
    ];
  });
  const good = { args: [], error: undefined };
  assert.deepEqual(outcomes, [
    { args: [{ resultCode: -15 }], error: 'net::ERR_SOCKET_NOT_CONNECTED' },
    good,
    good,
    good,
    good,
    { args: [], error: 'Socket not found' },
  ]);
});

test('90: a half-closed peer of a paused stream can be answered', async (scene) => {
  const { page, client } = await openStream(scene);
  client.end();
  const { info, outcome } = await page.evaluate(async () => ({
    info: await chrome.sockets.tcp.getInfo(id),
    outcome: await kit.call(chrome.sockets.tcp.send, id, kit.utf8('answer')),
  }));
  assert.equal(info.connected, true);
  assert.deepEqual(outcome, { args: [{ resultCode: 0, bytesSent: 6 }], error: undefined });
  assert.equal(String(await client.read(6)), 'answer');
});

test('a client that half-closes gets the answer that onReceive sends', async (scene) => {
  const { page, client } = await openStream(scene);
  await page.evaluate((size) => {
    const { tcp } = chrome.sockets;
    globalThis.answer = kit.randomBytes(size);
    tcp.onReceive.addListener(() => tcp.send(id, answer, () => void chrome.runtime.lastError));
  }, MEGABYTES);
  await client.write('question');
  client.end();
  await page.evaluate(() => unpause());
  const { length, hash } = await client.digestAll();
  assert.equal(length, MEGABYTES);
  assert.equal(hash, await page.evaluate(() => kit.sha256(answer)));
});

test('nc -N gets the answer, and ends', async ({ open }) => {
  if (!(await hasNetcat())) return;
  const page = await open();
  const port = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    tcp.onReceive.addListener(({ socketId, data }) => {
      const line = new TextDecoder().decode(data);
      tcp.send(socketId, kit.utf8(line.toUpperCase()), () => void chrome.runtime.lastError);
    });
    return (await kit.listenFor((id) => tcp.setPaused(id, false))).port;
  });
  const { code, stdout } = await run('nc', ['-N', '127.0.0.1', String(port)], 'hello\n');
  assert.deepEqual({ code, text: String(stdout) }, { code: 0, text: 'HELLO\n' });
});

test('91: disconnect of an unpaused stream calls back, then raises -100', async (scene) => {
  const { page, client } = await openStream(scene);
  const { order, info } = await page.evaluate(async () => {
    await unpause();
    const { tcp } = chrome.sockets;
    const order = [];
    tcp.disconnect(id, () => order.push('callback'));
    order.push(await stream.ended);
    return { order, info: await tcp.getInfo(id) };
  });
  assert.deepEqual(order, ['callback', -100]);
  assert.equal(info.connected, false);
  assert.equal(info.paused, true);
  assert.equal((await client.readAll()).length, 0, 'the peer sees the end');
});

test('92: disconnect of a paused stream calls back only', async (scene) => {
  const { page, client } = await openStream(scene);
  const errors = await page.evaluate(async () => {
    const { infos } = kit.queue(chrome.sockets.tcp.onReceiveError);
    await chrome.sockets.tcp.disconnect(id);
    await chrome.sockets.tcp.getInfo(id); // An event would have come before this.
    return infos;
  });
  assert.deepEqual(errors, []);
  assert.equal((await client.readAll()).length, 0);
});

test('93: close of an unpaused stream calls back, then raises -100', async (scene) => {
  const { page, client } = await openStream(scene);
  const { order, outcome } = await page.evaluate(async () => {
    await unpause();
    const { tcp } = chrome.sockets;
    const order = [];
    tcp.close(id, () => order.push('callback'));
    order.push(await stream.ended);
    return { order, outcome: await kit.call(tcp.getInfo, id) };
  });
  assert.deepEqual(order, ['callback', -100]);
  assert.deepEqual(outcome, { args: [], error: 'Socket not found' });
  assert.equal((await client.readAll()).length, 0);
});

test('110: close and disconnect in the callback of a send of megabytes lose nothing', async (scene) => {
  for (const method of ['close', 'disconnect']) {
    const { page, client } = await openStream(scene);
    await page.evaluate(
      ({ size, method }) => {
        const { tcp } = chrome.sockets;
        globalThis.bytes = kit.randomBytes(size);
        tcp.send(id, bytes, () => tcp[method](id));
      },
      { size: MEGABYTES, method },
    );
    const { length, hash } = await client.digestAll();
    assert.equal(length, MEGABYTES);
    assert.equal(hash, await page.evaluate(() => kit.sha256(bytes)));
    assert.equal(client.error, undefined);
  }
});

test('close and disconnect right behind send lose nothing and answer it', async (scene) => {
  for (const method of ['close', 'disconnect']) {
    const { page, client } = await openStream(scene);
    await page.evaluate(
      ({ size, method }) => {
        const { tcp } = chrome.sockets;
        globalThis.bytes = kit.randomBytes(size);
        globalThis.sending = kit.call(tcp.send, id, bytes);
        tcp[method](id);
      },
      { size: MEGABYTES, method },
    );
    const { length, hash } = await client.digestAll();
    assert.equal(length, MEGABYTES);
    assert.equal(hash, await page.evaluate(() => kit.sha256(bytes)));
    assert.deepEqual(await page.evaluate(() => sending), {
      args: [{ bytesSent: MEGABYTES, resultCode: 0 }],
      error: undefined,
    });
  }
});

test('a peer that resets in mid-transfer fails the sends, in order', async (scene) => {
  const { page, client } = await openStream(scene);
  await page.evaluate(async () => {
    await unpause();
    globalThis.results = [];
    for (let i = 0; i < 40; i++) {
      const bytes = new Uint8Array(1 << 20);
      chrome.sockets.tcp.send(id, bytes, ({ resultCode }) => {
        results.push(resultCode);
        void chrome.runtime.lastError;
      });
    }
  });
  await client.read(1 << 20);
  client.reset();
  await page.waitForFunction(() => results.length === 40);
  const codes = await page.evaluate(() => stream.ended.then(() => results));
  const failure = codes.indexOf(-2);
  assert.ok(failure >= 0, 'not all could be sent');
  assert.deepEqual(codes, [...Array(failure).fill(0), -2, ...Array(39 - failure).fill(-15)]);
});

test('112: a reset with sends pending on a paused stream gives -2, then -15', async (scene) => {
  const { page, client } = await openStream(scene);
  await page.evaluate(() => {
    globalThis.sending = [
      kit.call(chrome.sockets.tcp.send, id, new Uint8Array(20 << 20)),
      kit.call(chrome.sockets.tcp.send, id, new Uint8Array(3)),
    ];
  });
  await client.read(1 << 20);
  client.reset();
  assert.deepEqual(await page.evaluate(() => Promise.all(sending)), [
    { args: [{ resultCode: -2 }], error: 'net::ERR_FAILED' },
    { args: [{ resultCode: -15 }], error: 'net::ERR_SOCKET_NOT_CONNECTED' },
  ]);
});

test('111: after a reset of a paused stream sends fail, at last with -15', async (scene) => {
  const { page, client } = await openStream(scene);
  client.reset();
  await client.closed();
  const outcomes = await page.evaluate(async () => {
    const outcomes = [];
    while (outcomes.at(-1)?.error !== 'net::ERR_SOCKET_NOT_CONNECTED') {
      outcomes.push(await kit.call(chrome.sockets.tcp.send, id, kit.utf8('anybody?')));
    }
    return outcomes;
  });
  const codes = outcomes.map(({ args }) => args[0].resultCode);
  const failure = codes.findIndex((code) => code !== 0);
  assert.deepEqual(codes.slice(failure), [-2, -15]);
});

test('the page closes while its peer sends: the peer is stopped', async (scene) => {
  const { page, client, port } = await openStream(scene);
  await page.evaluate(() => unpause());
  const sending = (async () => {
    for (;;) await client.write(Buffer.alloc(1 << 20));
  })();
  const stopped = assert.rejects(sending, { code: /ECONNRESET|EPIPE/ });
  await page.evaluate(async () => {
    await stream.reaches(1 << 20);
    await chrome.sockets.tcp.close(id);
  });
  await client.readAll();
  await stopped;
  await scene.peer(port);
  assert.ok(await page.evaluate(() => server.accepted()), 'the server goes on');
});

test('a peer that goes away in mid-transfer leaves the other streams alone', async (scene) => {
  const { page, client } = await openStream(scene);
  const { port } = await page.evaluate(async () => {
    void unpause();
    return kit.echo();
  });
  const echo = await scene.peer(port);
  client.write(randomBytes(MEGABYTES)).catch(() => {});
  await page.evaluate(() => stream.reaches(100_000));
  client.reset();
  assert.equal(await page.evaluate(() => stream.ended), -100);
  const sent = await settled(
    () => page.evaluate(() => stream.length),
    () => echo.roundTrip(),
  );
  assert.equal(await page.evaluate(() => stream.length), sent, 'nothing after the end');
});

test('what was sent arrives although its page is closed at once', async (scene) => {
  const { page, client } = await openStream(scene);
  const size = 1 << 20;
  const hash = await page.evaluate(async (size) => {
    const bytes = kit.randomBytes(size);
    await kit.get(chrome.sockets.tcp.send, id, bytes);
    return kit.sha256(bytes);
  }, size);
  await page.context().close();
  assert.deepEqual(await client.digestAll(), { length: size, hash });
  assert.equal(client.error, undefined);
});
