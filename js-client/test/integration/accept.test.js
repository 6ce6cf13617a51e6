/** Accepting connections (assertions 60 to 72). */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { useGateway } from '../gateway.js';
import { onPage } from '../page.js';
import { Peer } from '../peer.js';

const gateway = useGateway();

test(
  '60, 61, D8: onAccept, and the info of the stream inside it',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    /** @type {Promise<any>} */
    const inside = new Promise((resolve) => {
      page.tcpServer.onAccept.addListener((/** @type {any} */ info) => {
        page.tcp.getInfo(info.clientSocketId, resolve);
      });
    });
    const peer = await Peer.connect(port);
    assert.deepEqual(await page.event('onAccept'), { socketId, clientSocketId: 1 });
    assert.deepEqual(await inside, {
      connected: true,
      localAddress: '127.0.0.1',
      localPort: port,
      paused: true,
      peerAddress: '127.0.0.1',
      peerPort: peer.localPort,
      persistent: false,
      socketId: 1,
    });
  }),
);

test(
  '60: the callback of listen precedes the first onAccept',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    for (let i = 0; i < 10; i++) {
      await page.tcpServer.disconnect(socketId);
      const accepted = page.events('onAccept').length;
      page.tcpServer.listen(socketId, '127.0.0.1', port, () => page.note('listening', i));
      while (!(await Peer.connect(port).catch(() => undefined))); // Until it listens.
      await page.event('onAccept', accepted + 1);
      const tail = page.log.slice(-2).map(({ name }) => name);
      assert.deepEqual(tail, ['listening', 'onAccept']);
    }
  }),
);

test(
  '62: ids are consecutive, in the order of the connections',
  onPage(gateway, async (page) => {
    const { port } = await page.listen();
    const peers = await Promise.all(Array.from({ length: 50 }, () => Peer.connect(port)));
    await page.event('onAccept', 50);
    const ids = page.events('onAccept').map(({ clientSocketId }) => clientSocketId);
    assert.deepEqual(
      ids,
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
    const infos = await Promise.all(ids.map((id) => page.tcp.getInfo(id)));
    const ports = new Set(infos.map(({ peerPort }) => peerPort));
    assert.deepEqual(ports, new Set(peers.map(({ localPort }) => localPort)));
  }),
);

test(
  '63: without a listener the stream is there, paused',
  onPage(gateway, async (page) => {
    const { socketId } = await page.tcpServer.create();
    await page.call(page.tcpServer.listen, socketId, '127.0.0.1', 0);
    const { localPort } = await page.tcpServer.getInfo(socketId);
    await Peer.connect(localPort);
    await page.event('onAccept');
    const [{ paused, connected }] = await page.tcp.getSockets();
    assert.deepEqual([paused, connected], [true, true]);
  }),
);

test(
  '66: pausing and unpausing with nobody between',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    await page.tcpServer.setPaused(socketId, true);
    await page.tcpServer.setPaused(socketId, false);
    await Promise.all([Peer.connect(port), Peer.connect(port)]);
    await page.event('onAccept', 2);
  }),
);

test(
  'ours, other than 65 and 67: a paused server accepts nobody, unpausing accepts those who wait',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    await page.tcpServer.setPaused(socketId, true);
    await Promise.all([Peer.connect(port), Peer.connect(port)]);
    await page.quiet('onAccept');
    await page.tcpServer.setPaused(socketId, false);
    await page.event('onAccept', 2);
  }),
);

test(
  '68: paused before listen',
  onPage(gateway, async (page) => {
    const { socketId } = await page.tcpServer.create();
    await page.tcpServer.setPaused(socketId, true);
    assert.deepEqual(await page.call(page.tcpServer.listen, socketId, '127.0.0.1', 0), [0]);
    await Peer.connect((await page.tcpServer.getInfo(socketId)).localPort);
    await page.quiet('onAccept');
  }),
);

test(
  '69: a full backlog holds one connection more than its size',
  { skip: process.platform !== 'linux' && 'the number is that of Linux' },
  onPage(gateway, async (page) => {
    const { socketId } = await page.tcpServer.create();
    await page.tcpServer.setPaused(socketId, true);
    assert.deepEqual(await page.call(page.tcpServer.listen, socketId, '127.0.0.1', 0, 1), [0]);
    const { localPort } = await page.tcpServer.getInfo(socketId);
    const sockets = Array.from({ length: 6 }, () => connect(localPort, '127.0.0.1'));
    let connected = 0;
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.on('connect', () => page.note('peer', ++connected));
    }
    await page.event('peer', 2);
    await page.quiet('peer', 2);
    for (const socket of sockets) socket.destroy();
  }),
);

test(
  '70: accepted streams outlive their server',
  onPage(gateway, async (page) => {
    const { id, peer, serverId } = await page.accept();
    await page.tcpServer.close(serverId);
    peer.write('ping');
    assert.equal(await page.received(id, 4), 'ping');
    assert.deepEqual(await page.send(id, 'pong'), [{ bytesSent: 4, resultCode: 0 }]);
    assert.equal(await peer.read(4), 'pong');
  }),
);

test(
  '71: a connection that is reset at once',
  onPage(gateway, async (page) => {
    const { port } = await page.listen();
    (await Peer.connect(port)).reset();
    const { clientSocketId } = await page.event('onAccept');
    await page.tcp.setPaused(clientSocketId, false);
    assert.deepEqual(await page.event('onReceiveError'), {
      socketId: clientSocketId,
      resultCode: -100,
    });
  }),
);

test(
  '72: no onAccept follows the callback of close',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    let stop = false;
    const hammering = (async () => {
      while (!stop)
        await Peer.connect(port).then(
          (peer) => peer.socket.destroy(),
          () => (stop = true),
        );
    })();
    await page.event('onAccept', 20);
    await page.tcpServer.close(socketId);
    const count = page.events('onAccept').length;
    await page.quiet('onAccept', count);
    stop = true;
    await hammering;
  }),
);
