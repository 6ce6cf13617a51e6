/** What getInfo and getSockets show in each state, and the paused flag through each change. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { useGateway } from '../gateway.js';
import { onPage } from '../page.js';
import { listenForPeers } from '../peer.js';

/** @import { Peer } from '../peer.js' */

const gateway = useGateway();
/** @type {Awaited<ReturnType<typeof listenForPeers>>} */
let remote;
before(async () => {
  remote = await listenForPeers();
});
after(() => remote.close());

test(
  'the states of a stream',
  onPage(gateway, async (page) => {
    const { tcp } = page;
    const { socketId: id } = await tcp.create({ name: 'stream', bufferSize: 100 });
    /** @type {Peer | undefined} */
    let peer;
    let ends = 0;
    const connect = async () => {
      assert.deepEqual(await page.call(tcp.connect, id, '127.0.0.1', remote.port), [0]);
      peer = await remote.next();
    };
    const told = () => page.event('onReceiveError', ++ends);
    /** @type {[string, () => any, string][]} */
    const steps = [
      ['created', () => {}, ''],
      ['paused', () => tcp.setPaused(id, true), 'paused'],
      ['connected while paused', connect, 'connected paused'],
      ['unpaused', () => tcp.setPaused(id, false), 'connected'],
      ['connected again', () => page.call(tcp.connect, id, '127.0.0.1', 1), 'connected'],
      ['left while unpaused', () => tcp.disconnect(id).then(told), 'paused'],
      ['left again', () => tcp.disconnect(id), 'paused'],
      ['connected after that', connect, 'connected paused'],
      ['left while paused', () => tcp.disconnect(id), 'paused'],
      ['unpaused while unconnected', () => tcp.setPaused(id, false), ''],
      ['connected while unpaused', connect, 'connected'],
      ['ended by its peer', () => peer?.end() && told(), 'paused'],
      ['unpaused behind the end', () => tcp.setPaused(id, false), ''],
      ['connected for the last time', connect, 'connected'],
      ['reset by its peer', () => (peer?.reset(), told()), 'paused'],
      ['refused', () => page.call(tcp.connect, id, '::1', remote.port), 'paused'],
    ];
    for (const [name, step, want] of steps) {
      await step();
      const info = await tcp.getInfo(id);
      assert.deepEqual(await tcp.getSockets(), [info], name);
      const { localAddress, localPort, peerAddress, peerPort, connected, paused, ...kept } = info;
      const state = [connected && 'connected', paused && 'paused'].filter(Boolean).join(' ');
      assert.equal(state, want, name);
      assert.deepEqual(
        [localAddress, peerAddress, peerPort, typeof localPort],
        connected
          ? ['127.0.0.1', '127.0.0.1', remote.port, 'number']
          : [undefined, undefined, undefined, 'undefined'],
        name,
      );
      assert.deepEqual(
        kept,
        { bufferSize: 100, name: 'stream', persistent: false, socketId: id },
        name,
      );
    }
    assert.equal(page.events('onReceiveError').length, ends, 'and not once more');
  }),
);

test(
  'the states of a server',
  onPage(gateway, async (page) => {
    const { tcpServer } = page;
    const { socketId: id } = await tcpServer.create({ name: 'server' });
    /** @param {string} address */
    const listen = (address) => page.call(tcpServer.listen, id, address, 0);
    /** @type {[string, () => any, string][]} */
    const steps = [
      ['created', () => {}, ''],
      ['a listen that fails', () => listen('localhost'), ''],
      ['paused', () => tcpServer.setPaused(id, true), 'paused'],
      ['listening while paused', () => listen('127.0.0.1'), 'listening paused'],
      ['unpaused', () => tcpServer.setPaused(id, false), 'listening'],
      ['a second listen', () => listen('127.0.0.1'), 'listening'],
      ['paused while listening', () => tcpServer.setPaused(id, true), 'listening paused'],
      ['disconnected', () => tcpServer.disconnect(id), 'paused'],
      ['disconnected again', () => tcpServer.disconnect(id), 'paused'],
      ['unpaused while idle', () => tcpServer.setPaused(id, false), ''],
      ['listening again', () => listen('127.0.0.1'), 'listening'],
    ];
    for (const [name, step, want] of steps) {
      await step();
      const info = await tcpServer.getInfo(id);
      assert.deepEqual(await tcpServer.getSockets(), [info], name);
      const { localAddress, localPort, paused, ...kept } = info;
      const state = [localPort && 'listening', paused && 'paused'].filter(Boolean).join(' ');
      assert.equal(state, want, name);
      assert.equal(localAddress, localPort && '127.0.0.1', name);
      assert.deepEqual(kept, { name: 'server', persistent: false, socketId: id }, name);
    }
  }),
);
