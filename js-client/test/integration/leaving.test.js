/** What is left of a page's sockets when it goes away (assertions 122, 123). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../gateway.js';
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
