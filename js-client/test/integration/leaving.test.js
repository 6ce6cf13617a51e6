/** What is left of a page's sockets when it goes away (assertions 122, 123). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway, useGateway } from '../gateway.js';
import { Page, onPage } from '../page.js';
import { Peer } from '../peer.js';

const gateway = useGateway();

test(
  '122: the peers of accepted streams get FIN, though the server is persistent',
  onPage(gateway, async (page) => {
    const { id, peer, serverId } = await page.accept();
    await page.tcpServer.update(serverId, { persistent: true });
    await page.send(id, 'goodbye');
    page.unload();
    assert.equal(await peer.readAll(), 'goodbye');
    assert.equal(peer.error, undefined);
  }),
);

test('123: a session that ends leaves no sockets, and no ports that are taken', async () => {
  const page = new Page(gateway);
  const { socketId, port } = await page.listen();
  await page.tcpServer.update(socketId, { persistent: true });
  await page.tcp.create({ persistent: true });
  await page.client.close();
  const next = new Page(gateway);
  assert.deepEqual(await next.tcpServer.getSockets(), []);
  assert.deepEqual(await next.tcp.getSockets(), []);
  await assert.rejects(Peer.connect(port), { code: 'ECONNREFUSED' });
  await next.client.close();
});

test('a gateway that is started again: what was under way fails, and the page serves again', async () => {
  const first = await startGateway();
  const page = new Page(first);
  const { id, peer } = await page.accept();
  peer.socket.pause();
  const sent = page.send(id, Buffer.alloc(20 << 20));
  await page.call(page.tcp.getInfo, id);
  await first.stop('SIGKILL');
  const gone = new Promise((resolve) => page.client.onSessionGone.addListener(() => resolve(true)));
  const second = await startGateway(['--port', new URL(first.url).port]);
  try {
    assert.deepEqual(await sent, [{ resultCode: -2 }, 'Gateway connection lost: session gone']);
    await page.event('onReceiveError');
    await page.event('onAcceptError');
    await gone;
    const before = await page.tcpServer.getSockets();
    assert.deepEqual(before, []);
    const { id: next, peer: other } = await page.accept();
    assert.ok(next > id, 'ids of the session before are not given out again');
    await page.send(next, 'again');
    assert.equal((await other.read(5)).toString(), 'again');
    await page.client.close();
  } finally {
    await second.stop();
  }
});
