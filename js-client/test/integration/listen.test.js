/** listen, disconnect and close of servers (assertions 39 to 59). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../gateway.js';
import { onPage } from '../page.js';
import { Peer, listenForPeers } from '../peer.js';

/** @import { Page } from '../page.js' */

const gateway = useGateway();

const INVALID = [-4, 'net::ERR_INVALID_ARGUMENT'];
const IN_USE = [-147, 'net::ERR_ADDRESS_IN_USE'];
const FORBIDDEN = ['Does not have permission'];

/**
 * @param {Page} page
 * @param {any[]} args Of listen, behind the id.
 * @returns {Promise<{ outcome: any[], info: any, id: number }>}
 */
async function listen(page, ...args) {
  const { socketId } = await page.tcpServer.create();
  const outcome = await page.call(page.tcpServer.listen, socketId, ...args);
  return { outcome, info: await page.tcpServer.getInfo(socketId), id: socketId };
}

test(
  '39: port 0 is any free one, shown by getInfo',
  onPage(gateway, async (page) => {
    const { outcome, info } = await listen(page, '127.0.0.1', 0);
    assert.deepEqual(outcome, [0]);
    assert.equal(info.localAddress, '127.0.0.1');
    assert.ok(info.localPort >= 1 && info.localPort <= 65535);
  }),
);

test(
  '40: ::1 is listened on as it is written',
  onPage(gateway, async (page) => {
    const { outcome, info } = await listen(page, '::1', 0);
    assert.deepEqual([outcome, info.localAddress], [[0], '::1']);
  }),
);

test(
  '41: a mapped address is shown in hexadecimal',
  onPage(gateway, async (page) => {
    const { outcome, info } = await listen(page, '::ffff:127.0.0.1', 0);
    assert.deepEqual([outcome, info.localAddress], [[0], '::ffff:7f00:1']);
  }),
);

test(
  '42, 43: what is not an address of this form is -4',
  onPage(gateway, async (page) => {
    for (const address of [
      'localhost',
      '',
      '*',
      '[::1]',
      ' 127.0.0.1',
      '127.0.0.1 ',
      '127.0.0.256',
    ]) {
      const { outcome, info } = await listen(page, address, 0);
      assert.deepEqual(outcome, INVALID, JSON.stringify(address));
      assert.equal('localAddress' in info, false);
    }
  }),
);

test(
  '44: old spellings of IPv4 addresses',
  onPage(gateway, async (page) => {
    for (const address of ['127.1', '2130706433', '0177.0.0.1', '127.0.0.1.']) {
      const { outcome, info } = await listen(page, address, 0);
      assert.deepEqual([outcome, info.localAddress], [[0], '127.0.0.1'], address);
    }
  }),
);

test(
  '46, 51: a taken port is -147, and the socket can listen again',
  onPage(gateway, async (page) => {
    const { port } = await page.listen();
    const { outcome, info, id } = await listen(page, '127.0.0.1', port);
    assert.deepEqual(outcome, IN_USE);
    assert.equal('localAddress' in info, false);
    assert.deepEqual(await page.call(page.tcpServer.listen, id, '127.0.0.1', 0), [0]);
  }),
);

test(
  '47: a port of 127.0.0.1 is free on ::1',
  onPage(gateway, async (page) => {
    const { port } = await page.listen();
    assert.deepEqual((await listen(page, '::1', port)).outcome, [0]);
  }),
);

test(
  'ours, other than 49: ports outside 0 to 65535 are -4',
  onPage(gateway, async (page) => {
    for (const port of [70000, -1, 65536]) {
      assert.deepEqual((await listen(page, '127.0.0.1', port)).outcome, INVALID, String(port));
    }
  }),
);

test(
  '25, 50: backlog',
  onPage(gateway, async (page) => {
    assert.deepEqual((await listen(page, '127.0.0.1', 0, 0)).outcome, INVALID);
    for (const backlog of [-1, 1, 2147483647, undefined, null]) {
      assert.deepEqual((await listen(page, '127.0.0.1', 0, backlog)).outcome, [0], String(backlog));
    }
  }),
);

test(
  '52, 53: disconnect',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    assert.deepEqual(await page.call(page.tcpServer.disconnect, socketId), []);
    assert.equal('localAddress' in (await page.tcpServer.getInfo(socketId)), false);
    await assert.rejects(Peer.connect(port), { code: 'ECONNREFUSED' });
    assert.deepEqual(await page.call(page.tcpServer.disconnect, socketId), []);
  }),
);

test(
  '54: disconnect, then listen on the same port without waiting',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    for (let i = 0; i < 20; i++) {
      page.tcpServer.disconnect(socketId, () => {});
      assert.deepEqual(await page.call(page.tcpServer.listen, socketId, '127.0.0.1', port), [0]);
    }
  }),
);

test(
  '55: close, then listen on the same port with a new socket',
  onPage(gateway, async (page) => {
    let { socketId, port } = await page.listen();
    for (let i = 0; i < 20; i++) {
      page.tcpServer.close(socketId, () => {});
      ({ socketId } = await page.tcpServer.create());
      assert.deepEqual(await page.call(page.tcpServer.listen, socketId, '127.0.0.1', port), [0]);
    }
  }),
);

test(
  '56: disconnect resets the connections that wait',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    await page.tcpServer.setPaused(socketId, true);
    const peer = await Peer.connect(port);
    await page.tcpServer.disconnect(socketId);
    assert.equal(await peer.readAll(), '');
    assert.equal(peer.error, 'ECONNRESET');
  }),
);

test(
  '57: a listen that fails does not disturb the listening socket',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    assert.deepEqual(await page.call(page.tcpServer.listen, socketId, 'localhost', 0), INVALID);
    await Peer.connect(port);
    await page.event('onAccept');
  }),
);

test(
  'D2: listening twice, on the same address and on another',
  onPage(gateway, async (page) => {
    const { socketId, port } = await page.listen();
    assert.deepEqual(await page.call(page.tcpServer.listen, socketId, '127.0.0.1', port), IN_USE);
    assert.deepEqual(await page.call(page.tcpServer.listen, socketId, '127.0.0.1', 0), [
      -2,
      'net::ERR_FAILED',
    ]);
    assert.equal((await page.tcpServer.getInfo(socketId)).localPort, port);
    await Peer.connect(port);
    await page.event('onAccept');
  }),
);

test(
  'D4, D6: calls that do not wait for each other are all answered',
  onPage(gateway, async (page) => {
    const { tcpServer } = page;
    const { socketId } = await tcpServer.create();
    const listens = [0, 0].map((port) => page.call(tcpServer.listen, socketId, '127.0.0.1', port));
    assert.deepEqual(await Promise.all(listens), [[0], [-2, 'net::ERR_FAILED']]);
    await tcpServer.disconnect(socketId);
    const outcomes = [
      page.call(tcpServer.listen, socketId, '127.0.0.1', 0),
      page.call(tcpServer.disconnect, socketId),
      page.call(tcpServer.listen, socketId, '127.0.0.1', 0),
      page.call(tcpServer.close, socketId),
      page.call(tcpServer.listen, socketId, '127.0.0.1', 0),
    ];
    assert.deepEqual(await Promise.all(outcomes), [[0], [], [0], [], ['Socket not found']]);
  }),
);

test(
  '58, 59, 104: what the policy forbids',
  onPage(gateway, async (page) => {
    assert.deepEqual((await listen(page, '0.0.0.0', 0)).outcome, FORBIDDEN);
    assert.deepEqual(await page.call(page.tcpServer.listen, 99, '0.0.0.0', 0), [
      'Socket not found',
    ]);
    await page.tcp.create();
    assert.deepEqual(await page.call(page.tcp.connect, 1, '192.0.2.1', 80), FORBIDDEN);
  }),
);

test(
  'a port that another program has is -147 too',
  onPage(gateway, async (page) => {
    const other = await listenForPeers();
    assert.deepEqual((await listen(page, '127.0.0.1', other.port)).outcome, IN_USE);
    other.close();
  }),
);
