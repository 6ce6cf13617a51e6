/** Streams that the page connects (assertions 97 to 103, 115). */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { useGateway } from '../gateway.js';
import { onPage } from '../page.js';
import { listenForPeers } from '../peer.js';

/** @import { Page } from '../page.js' */

const gateway = useGateway();
/** @type {Awaited<ReturnType<typeof listenForPeers>>} */
let remote;
before(async () => {
  remote = await listenForPeers();
});
after(() => remote.close());

/**
 * @param {Page} page
 * @returns {Promise<{ id: number, peer: import('../peer.js').Peer }>}
 */
async function connect(page) {
  const { socketId } = await page.tcp.create();
  assert.deepEqual(await page.call(page.tcp.connect, socketId, '127.0.0.1', remote.port), [0]);
  return { id: socketId, peer: await remote.next() };
}

test(
  '97: connected, with all addresses',
  onPage(gateway, async (page) => {
    const { id, peer } = await connect(page);
    const { localPort, ...info } = await page.tcp.getInfo(id);
    assert.equal(localPort, peer.socket.remotePort);
    assert.deepEqual(info, {
      connected: true,
      localAddress: '127.0.0.1',
      paused: false,
      peerAddress: '127.0.0.1',
      peerPort: remote.port,
      persistent: false,
      socketId: id,
    });
  }),
);

test(
  '98: the callback precedes the greeting',
  onPage(gateway, async (page) => {
    const { socketId } = await page.tcp.create();
    page.tcp.connect(socketId, 'localhost', remote.port, 'ipv4', () => page.note('connected', 0));
    (await remote.next()).write('220 ready');
    assert.equal(await page.received(socketId, 9), '220 ready');
    assert.equal(page.log[0].name, 'connected');
  }),
);

test(
  '99: a second connect is -23 and harmless',
  onPage(gateway, async (page) => {
    const { id, peer } = await connect(page);
    const again = await page.call(page.tcp.connect, id, '127.0.0.1', remote.port);
    assert.deepEqual(again, [-23, 'net::ERR_SOCKET_IS_CONNECTED']);
    peer.write('still here');
    assert.equal(await page.received(id, 10), 'still here');
  }),
);

test(
  '100: refused, then connected elsewhere',
  onPage(gateway, async (page) => {
    const gone = await listenForPeers();
    gone.close();
    await page.tcp.create();
    const refused = await page.call(page.tcp.connect, 1, '127.0.0.1', gone.port);
    assert.deepEqual(refused, [-102, 'net::ERR_CONNECTION_REFUSED']);
    assert.deepEqual(await page.call(page.tcp.connect, 1, '127.0.0.1', remote.port), [0]);
    await remote.next();
  }),
);

test(
  '102: close right after connect',
  onPage(gateway, async (page) => {
    const own = await listenForPeers(); // It may see a connection or not.
    await page.tcp.create();
    const connecting = page.call(page.tcp.connect, 1, '127.0.0.1', own.port);
    page.tcp.close(1, () => {});
    assert.deepEqual(await connecting, ['Socket not found']);
    own.close();
  }),
);

test(
  'two connects at once: the first wins',
  onPage(gateway, async (page) => {
    await page.tcp.create();
    const connects = [1, 2].map(() => page.call(page.tcp.connect, 1, '127.0.0.1', remote.port));
    const [first, [second]] = await Promise.all(connects);
    assert.deepEqual(first, [0]);
    assert.ok(second === -23 || second === -104, `${second}`);
    await remote.next();
  }),
);

test(
  'ours: disconnect right behind connect ends unconnected, and both are answered',
  onPage(gateway, async (page) => {
    const own = await listenForPeers(); // It may see a connection or not.
    const { socketId } = await page.tcp.create();
    const connecting = page.call(page.tcp.connect, socketId, '127.0.0.1', own.port);
    assert.deepEqual(await page.call(page.tcp.disconnect, socketId), []);
    const [result] = await connecting;
    assert.ok(result === 0 || result === -3, `${result}`);
    assert.equal((await page.tcp.getInfo(socketId)).connected, false);
    own.close();
  }),
);

test(
  '103: after disconnect a stream connects again, paused as Chrome has it',
  onPage(gateway, async (page) => {
    const { id, peer: first } = await connect(page);
    await page.tcp.disconnect(id);
    assert.equal(await first.readAll(), '');
    first.end();
    assert.deepEqual(await page.call(page.tcp.connect, id, '127.0.0.1', remote.port), [0]);
    const peer = await remote.next();
    peer.write('second');
    await page.quiet('onReceive');
    assert.equal((await page.tcp.getInfo(id)).paused, true);
    await page.tcp.setPaused(id, false);
    assert.equal(await page.received(id, 6), 'second');
    assert.deepEqual(await page.send(id, 'back'), [{ bytesSent: 4, resultCode: 0 }]);
    assert.equal(await peer.read(4), 'back');
  }),
);

test(
  'a stream that was paused when it was left stays paused',
  onPage(gateway, async (page) => {
    const { id } = await connect(page);
    await page.tcp.setPaused(id, true);
    await page.tcp.disconnect(id);
    await page.quiet('onReceiveError');
    assert.equal((await page.tcp.getInfo(id)).paused, true);
  }),
);

test(
  'offsets of both directions go on through five connections',
  onPage(gateway, async (page) => {
    await page.tcp.create();
    for (let i = 1; i <= 5; i++) {
      assert.deepEqual(await page.call(page.tcp.connect, 1, '127.0.0.1', remote.port), [0]);
      const peer = await remote.next();
      await page.tcp.setPaused(1, false);
      const content = String(i).repeat(700_000);
      const sent = page.send(1, content);
      peer.write(content);
      assert.equal((await peer.read(content.length)).length, content.length);
      await sent;
      await page.received(1, i * content.length);
      if (i % 2) peer.end();
      else page.tcp.disconnect(1, () => {});
      await page.event('onReceiveError', i);
      peer.end();
    }
  }),
);

test(
  '115: setKeepAlive and setNoDelay',
  onPage(gateway, async (page) => {
    const { id } = await connect(page);
    const { tcp } = page;
    const failed = [-2, 'net::ERR_FAILED'];
    assert.deepEqual(await page.call(tcp.setKeepAlive, id, true, 30), [0]);
    assert.deepEqual(await page.call(tcp.setKeepAlive, id, false), [0]);
    assert.deepEqual(await page.call(tcp.setNoDelay, id, true), [0]);
    assert.deepEqual(await page.call(tcp.setKeepAlive, id, true, -5), failed);
    const { socketId } = await tcp.create();
    assert.deepEqual(await page.call(tcp.setKeepAlive, socketId, true), failed);
    assert.deepEqual(await page.call(tcp.setNoDelay, socketId, true), failed);
  }),
);

// The default policy lets through no name that cannot be resolved; the rest of 101 is the gateway's.
test(
  '101: an address of the wrong family',
  onPage(gateway, async (page) => {
    await page.tcp.create();
    const failed = [-105, 'net::ERR_NAME_NOT_RESOLVED'];
    assert.deepEqual(await page.call(page.tcp.connect, 1, '127.0.0.1', 80, 'ipv6'), failed);
    assert.deepEqual(await page.call(page.tcp.connect, 1, '::1', 80, 'ipv4'), failed);
  }),
);

test(
  'the promise face',
  onPage(gateway, async ({ client }) => {
    const { tcp } = client;
    const { socketId } = await tcp.create();
    assert.equal(await tcp.connect(socketId, '127.0.0.1', remote.port), 0);
    const peer = await remote.next();
    assert.deepEqual(await tcp.send(socketId, Buffer.from('hi')), { bytesSent: 2, resultCode: 0 });
    assert.equal(await peer.read(2), 'hi');
    await assert.rejects(tcp.connect(socketId, '127.0.0.1', 1), { name: 'SocketError', code: -23 });
    await tcp.close(socketId);
    assert.equal(await peer.readAll(), '');
  }),
);
