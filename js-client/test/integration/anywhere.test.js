/** What needs a gateway that permits every address, run by a user without privileges. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startOpenGateway, useGateway } from '../gateway.js';
import { onPage } from '../page.js';
import { Peer } from '../peer.js';

/** @import { Page } from '../page.js' */

const gateway = useGateway(startOpenGateway);

const INVALID = [-4, 'net::ERR_INVALID_ARGUMENT'];
const UNRESOLVED = [-105, 'net::ERR_NAME_NOT_RESOLVED'];
const UNREACHABLE = [-109, 'net::ERR_ADDRESS_UNREACHABLE'];

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

/**
 * @param {Page} page
 * @param {any[]} args Of connect, behind the id.
 */
async function connect(page, ...args) {
  const { socketId } = await page.tcp.create();
  return page.call(page.tcp.connect, socketId, ...args);
}

test(
  '40: addresses are shown as they were given',
  onPage(gateway, async (page) => {
    for (const address of ['0.0.0.0', '::', '::1']) {
      const { outcome, info } = await listen(page, address, 0);
      assert.deepEqual([outcome, info.localAddress], [[0], address]);
    }
  }),
);

test(
  '44: old spellings of 0.0.0.0, and all spellings of IPv6',
  onPage(gateway, async (page) => {
    for (const [address, shown] of [
      ['0', '0.0.0.0'],
      ['0x0', '0.0.0.0'],
      ['0:0:0:0:0:0:0:1', '::1'],
      ['0::FFFF:7F00:1', '::ffff:7f00:1'],
    ]) {
      const { outcome, info } = await listen(page, address, 0);
      assert.deepEqual([outcome, info.localAddress], [[0], shown], address);
    }
  }),
);

test(
  '43: what is no address of this form is -4, with every permission too',
  onPage(gateway, async (page) => {
    for (const address of [
      ...['', '*', '[::1]', ' 127.0.0.1', '127.0.0.1 ', '127.0.0.256', '1.2.3.4.5', 'localhost'],
      ...['::1%lo', '127.0.0.1:80', '127.0.0.1/8', '１２７.０.０.１', 'example.test'],
    ]) {
      const { outcome } = await listen(page, address, 0);
      assert.deepEqual(outcome, INVALID, JSON.stringify(address));
    }
  }),
);

test(
  "45: another machine's address is -108, a link's without its scope -4",
  onPage(gateway, async (page) => {
    const invalid = [-108, 'net::ERR_ADDRESS_INVALID'];
    assert.deepEqual((await listen(page, '192.0.2.1', 0)).outcome, invalid);
    assert.deepEqual((await listen(page, '2001:db8::1', 0)).outcome, invalid);
    assert.deepEqual((await listen(page, 'fe80::1', 0)).outcome, INVALID);
  }),
);

test(
  'multicast and broadcast addresses can be listened on in Linux',
  { skip: process.platform !== 'linux' },
  onPage(gateway, async (page) => {
    for (const address of ['224.0.0.1', '255.255.255.255']) {
      assert.deepEqual((await listen(page, address, 0)).outcome, [0], address);
    }
  }),
);

test(
  '47: a port of 127.0.0.1 is taken for 0.0.0.0, and free on ::1',
  onPage(gateway, async (page) => {
    const { port } = await page.listen();
    const { outcome, id } = await listen(page, '0.0.0.0', port);
    assert.deepEqual(outcome, [-147, 'net::ERR_ADDRESS_IN_USE']);
    assert.deepEqual(await page.call(page.tcpServer.listen, id, '::1', port), [0]);
  }),
);

/** @returns {string | false} Why nobody is refused port 80 here. */
function portsForAll() {
  if (process.platform !== 'linux') return false;
  const first = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  return first <= 80 && `this system gives ports from ${first} to all users`;
}

test(
  '48: a privileged port is -10',
  { skip: portsForAll() },
  onPage(gateway, async (page) => {
    const { outcome, info } = await listen(page, '127.0.0.1', 80);
    assert.deepEqual(outcome, [-10, 'net::ERR_ACCESS_DENIED']);
    assert.equal('localPort' in info, false);
  }),
);

test(
  '64: a server on :: takes IPv4 too, and shows it as mapped',
  onPage(gateway, async (page) => {
    const { port } = await page.listen('::');
    for (const [i, [host, shown]] of [
      ['127.0.0.1', '::ffff:7f00:1'],
      ['::1', '::1'],
    ].entries()) {
      const peer = await Peer.connect(port, host);
      const { clientSocketId } = await page.event('onAccept', i + 1);
      const info = await page.tcp.getInfo(clientSocketId);
      assert.deepEqual([info.peerAddress, info.peerPort], [shown, peer.localPort]);
    }
  }),
);

test(
  '101: names that cannot be resolved',
  onPage(gateway, async (page) => {
    for (const name of ['no-such-host.invalid', '', '[::1]', 'bad host', 'a..b']) {
      assert.deepEqual(await connect(page, name, 80), UNRESOLVED, JSON.stringify(name));
    }
    assert.deepEqual(await connect(page, '127.0.0.1', 80, 'ipv6'), UNRESOLVED);
    assert.deepEqual(await connect(page, '::1', 80, 'ipv4'), UNRESOLVED);
  }),
);

test(
  'names and spellings that can be resolved',
  onPage(gateway, async (page) => {
    const { port } = await page.listen();
    for (const name of ['localhost', 'LOCALHOST', '127.1', '127.0.0.1.', '::ffff:127.0.0.1']) {
      assert.deepEqual(await connect(page, name, port), [0], name);
    }
  }),
);

test(
  'broadcast and multicast addresses cannot be connected to',
  onPage(gateway, async (page) => {
    assert.deepEqual(await connect(page, '255.255.255.255', 80), UNREACHABLE);
    assert.deepEqual(await connect(page, '224.0.0.1', 80), UNREACHABLE);
  }),
);

test(
  'connect: ports outside 0 to 65535 are -4, as in listen',
  onPage(gateway, async (page) => {
    for (const port of [-1, 65536, 70000]) {
      assert.deepEqual(await connect(page, '127.0.0.1', port), INVALID, String(port));
    }
  }),
);
