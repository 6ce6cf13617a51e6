/** Connections arriving at a page: ids, order, many at once, pausing and the backlog. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Peer } from './peer.js';
import { runGoClient } from './programs.js';
import { createSuite } from './suite.js';

const { test } = createSuite();

test('4, 60: connections get the next ids, after the listen callback', async ({ open, peer }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    globalThis.seen = [];
    const { tcp, tcpServer } = chrome.sockets;
    globalThis.created = (await tcp.create({})).socketId;
    const { socketId } = await tcpServer.create({});
    globalThis.server = socketId;
    tcpServer.onAccept.addListener((info) => seen.push(info));
    await new Promise((resolve) => {
      tcpServer.listen(socketId, '127.0.0.1', 0, (result) => {
        seen.push(result);
        resolve();
      });
    });
    return (await tcpServer.getInfo(socketId)).localPort;
  });
  await peer(port);
  await peer(port);
  await page.waitForFunction(() => seen.length === 3);
  const { seen, server, created } = await page.evaluate(() => ({ seen, server, created }));
  assert.deepEqual(seen, [
    0,
    { socketId: server, clientSocketId: created + 1 },
    { socketId: server, clientSocketId: created + 2 },
  ]);
});

test('61: an accepted socket is connected, paused, and knows its peer', async ({ open, peer }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    const server = await kit.listenFor(async (id) => {
      globalThis.info = await chrome.sockets.tcp.getInfo(id);
      globalThis.keys = Object.keys(info);
    });
    return server.port;
  });
  const { socket } = await peer(port);
  await page.waitForFunction(() => globalThis.keys);
  const { info, keys } = await page.evaluate(() => ({ info, keys }));
  assert.deepEqual(info, {
    connected: true,
    localAddress: '127.0.0.1',
    localPort: port,
    paused: true,
    peerAddress: '127.0.0.1',
    peerPort: socket.localPort,
    persistent: false,
    socketId: info.socketId,
  });
  assert.deepEqual(keys, [...keys].sort(), 'keys come in alphabetical order, as in Chrome');
});

test('62: 200 connections at once get consecutive ids in the order of the kernel', async ({
  open,
}) => {
  const count = 200;
  const page = await open();
  const port = await page.evaluate(async () => {
    globalThis.ids = [];
    globalThis.ports = [];
    const { port } = await kit.listenFor(async (id) => {
      ids.push(id);
      ports.push((await chrome.sockets.tcp.getInfo(id)).peerPort);
    });
    return port;
  });
  // SYNs leave in the order of these calls, so the kernel queues them in this order.
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await page.waitForFunction((count) => ports.length === count, count);
  const { ids, ports } = await page.evaluate(() => ({ ids, ports }));
  assert.deepEqual(
    ids,
    ids.map((_, i) => ids[0] + i),
    'consecutive',
  );
  assert.deepEqual(
    ports,
    sockets.map((socket) => socket.localPort),
    'in the order of connecting',
  );
  for (const socket of sockets) socket.destroy();
});

test('a Go client with 200 connections at once gets its bytes back on each', async ({ open }) => {
  const page = await open();
  const { port } = await page.evaluate(() => kit.echo({ bufferSize: 65536 }));
  const args = ['-connections', '200', '-bytes', '20000', `127.0.0.1:${port}`];
  const { code, stdout, stderr } = await runGoClient(...args);
  assert.deepEqual(
    { code, stderr, stdout: String(stdout) },
    { code: 0, stderr: '', stdout: '200 connections, 20000 bytes each\n' },
  );
  await page.waitForFunction(async () => (await chrome.sockets.tcp.getSockets()).length === 0);
});

test('63: without a listener the accepted socket exists, paused', async ({ open, peer }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    const { tcpServer } = chrome.sockets;
    const { socketId } = await tcpServer.create({});
    await kit.get(tcpServer.listen, socketId, '127.0.0.1', 0);
    return (await tcpServer.getInfo(socketId)).localPort;
  });
  await peer(port);
  await page.waitForFunction(async () => (await chrome.sockets.tcp.getSockets()).length === 1);
  const [info] = await page.evaluate(() => chrome.sockets.tcp.getSockets());
  assert.equal(info.paused, true);
  assert.equal(info.connected, true);
});

test('68: a paused server accepts nothing, and all that waits once it goes on', async ({
  open,
  peer,
}) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    const { tcpServer } = chrome.sockets;
    globalThis.accepts = [];
    tcpServer.onAccept.addListener((info) => accepts.push(info.clientSocketId));
    globalThis.server = (await tcpServer.create({})).socketId;
    await tcpServer.setPaused(server, true);
    await kit.get(tcpServer.listen, server, '127.0.0.1', 0);
    return (await tcpServer.getInfo(server)).localPort;
  });
  const peers = [await peer(port), await peer(port), await peer(port)];
  const before = await page.evaluate(async () => {
    // An event about them would have come before the answer to this.
    await chrome.sockets.tcpServer.getInfo(server);
    return accepts.length;
  });
  assert.equal(before, 0, 'the kernel has taken the connections, the page has not');
  await page.evaluate(() => chrome.sockets.tcpServer.setPaused(server, false));
  await page.waitForFunction(() => accepts.length === 3);
  for (const { socket } of peers) assert.equal(socket.destroyed, false);
});

test('66: pausing and going on at once changes nothing', async ({ open, peer }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    globalThis.server = await kit.listen();
    chrome.sockets.tcpServer.setPaused(server.socketId, true);
    await chrome.sockets.tcpServer.setPaused(server.socketId, false);
    return server.port;
  });
  await peer(port);
  await peer(port);
  const ids = await page.evaluate(async () => [await server.accepted(), await server.accepted()]);
  assert.equal(ids[1], ids[0] + 1);
});

test('52, 56: disconnect resets those who wait, and refuses the next', async ({ open }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    const { tcpServer } = chrome.sockets;
    globalThis.server = (await tcpServer.create({})).socketId;
    await tcpServer.setPaused(server, true);
    await kit.get(tcpServer.listen, server, '127.0.0.1', 0);
    return (await tcpServer.getInfo(server)).localPort;
  });
  const waiting = await Peer.connect(port);
  const outcome = await page.evaluate(async () => {
    const outcome = await kit.call(chrome.sockets.tcpServer.disconnect, server);
    return { ...outcome, info: await chrome.sockets.tcpServer.getInfo(server) };
  });
  assert.deepEqual(outcome, {
    args: [],
    error: undefined,
    info: { socketId: outcome.info.socketId, persistent: false, paused: true },
  });
  await waiting.readAll();
  await waiting.closed();
  assert.equal(waiting.error?.code, 'ECONNRESET');
  await assert.rejects(Peer.connect(port), { code: 'ECONNREFUSED' });
});

test('54, 55: a port is free again at once', async ({ open, peer }) => {
  const page = await open();
  const { results, port } = await page.evaluate(async () => {
    const { tcpServer } = chrome.sockets;
    const first = await kit.listen();
    const results = [];
    tcpServer.disconnect(first.socketId);
    results.push(await kit.get(tcpServer.listen, first.socketId, '127.0.0.1', first.port));
    tcpServer.close(first.socketId);
    globalThis.second = await kit.listen('127.0.0.1', first.port);
    return { results, port: second.port };
  });
  assert.deepEqual(results, [0]);
  await peer(port);
  assert.ok(await page.evaluate(() => second.accepted()));
});

test('70: streams live on when their server is closed', async ({ open, peer }) => {
  const page = await open();
  const { port, socketId } = await page.evaluate(() => kit.echo());
  const client = await peer(port);
  assert.equal(await client.roundTrip('before'), 'before');
  await page.evaluate((id) => chrome.sockets.tcpServer.close(id), socketId);
  assert.equal(await client.roundTrip('after'), 'after');
});

test('71: a connection that is reset at once is accepted and has ended', async ({ open, peer }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    globalThis.server = await kit.listen();
    return server.port;
  });
  (await peer(port)).reset();
  const code = await page.evaluate(async () => {
    const id = await server.accepted();
    const stream = kit.receive(id);
    chrome.sockets.tcp.setPaused(id, false);
    return stream.ended;
  });
  assert.equal(code, -100);
});

test('a listen fails as in Chrome, and the socket stays usable', async ({ open, peer }) => {
  const page = await open();
  const { outcomes, port } = await page.evaluate(async () => {
    const { tcpServer } = chrome.sockets;
    const taken = await kit.listen();
    globalThis.server = await tcpServer.create({});
    const outcomes = [];
    for (const [address, port] of [
      ['localhost', 0],
      ['127.0.0.1', taken.port],
      ['127.0.0.1', 0],
    ]) {
      outcomes.push(await kit.call(tcpServer.listen, server.socketId, address, port));
    }
    return { outcomes, port: (await tcpServer.getInfo(server.socketId)).localPort };
  });
  assert.deepEqual(outcomes, [
    { args: [-4], error: 'net::ERR_INVALID_ARGUMENT' },
    { args: [-147], error: 'net::ERR_ADDRESS_IN_USE' },
    { args: [0], error: undefined },
  ]);
  await peer(port);
});
