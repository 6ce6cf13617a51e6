/** A session goes on over a new connection: what is sent again, what is not, and what a program sees. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { WINDOW, ack, data, isEmpty, limit, logEvents, settled } from '../fake-gateway.js';
import { startClient } from '../fake-gateway.js';

/** A client that comes back at once, with one stream, id 1, that is not paused. */
async function openStream() {
  const { gateway, client } = startClient({ backoff: () => 0 });
  await gateway.accept();
  await gateway.notify('tcpServer.onAccept', { socketId: 1, clientSocketId: 1 });
  const unpaused = client.tcp.setPaused(1, false);
  await settled();
  await gateway.reply('tcp.setPaused');
  await unpaused;
  return { gateway, client, log: logEvents(client.tcp) };
}

/**
 * @param {import('../fake-gateway.js').FakeGateway} gateway
 * @param {number} connections How many there shall have been.
 */
async function reconnected(gateway, connections) {
  while (gateway.sockets.length < connections) await delay(1);
}

test('what the gateway has not received is sent again, and nothing else', async () => {
  const { gateway, client, log } = await openStream();
  const info = client.tcp.getInfo(1);
  await settled();
  const sending = client.tcp.send(1, Buffer.from('hello'));
  await settled();
  const [, , asked, sent] = gateway.messages;
  /** @type {string[]} */
  const states = [];
  client.onStateChange.addListener(({ state }) => states.push(state));
  await gateway.drop();
  await reconnected(gateway, 2);
  // It has the calls of setPaused and getInfo, and has lost the bytes.
  const { page, attempt, ...params } = await gateway.resume(2);
  assert.deepEqual(params, { session: 'test', secret: 'open sesame', received: 2 });
  assert.deepEqual([typeof page, typeof attempt], ['string', 'number']);
  assert.deepEqual(gateway.messages.slice(1), [sent]);
  assert.notDeepEqual(sent, asked);
  assert.deepEqual(states, ['waiting', 'connecting', 'open']);
  gateway.sockets[1].emit('message', {
    data: JSON.stringify({ jsonrpc: '2.0', id: 2, result: { socketId: 1, connected: true } }),
  });
  await gateway.send(limit(1, WINDOW + 5));
  assert.deepEqual(await sending, { bytesSent: 5, resultCode: 0 });
  assert.equal((await info).connected, true);
  isEmpty(log, 'the program has seen nothing');
});

test('what is asked for while there is no connection waits for it', async () => {
  const { gateway, client } = await openStream();
  await gateway.drop();
  const created = client.tcp.create({ name: 'meanwhile' });
  await reconnected(gateway, 2);
  await gateway.resume(1);
  assert.equal(gateway.sent[1].method, 'tcp.create');
  await gateway.reply('tcp.create', { socketId: 2 });
  assert.deepEqual(await created, { socketId: 2 });
});

test('large sends are sent again byte for byte', async () => {
  const { gateway, client } = await openStream();
  const bytes = Uint8Array.from({ length: WINDOW }, (_, i) => i % 251);
  client.tcp.send(1, bytes).catch(() => {});
  await settled();
  const before = gateway.messages.slice(2);
  assert.ok(before.length > 1, 'in several messages');
  await gateway.drop();
  await reconnected(gateway, 2);
  await gateway.resume(1);
  assert.deepEqual(gateway.messages.slice(1), before);
});

test('what was acknowledged is forgotten', async () => {
  const { gateway, client } = await openStream();
  client.tcp.getInfo(1).catch(() => {});
  await settled();
  await gateway.send(ack(2));
  client.tcp.getSockets().catch(() => {});
  await settled();
  await gateway.drop();
  await reconnected(gateway, 2);
  await gateway.resume(2);
  assert.deepEqual(
    gateway.sent.slice(1).map(({ method }) => method),
    ['tcp.getSockets'],
  );
});

test('the gateway is told what has arrived, now and then', async () => {
  const { gateway } = await openStream();
  for (let i = 0; i < 70; i++) await gateway.send(data(1, 'x'));
  const acks = gateway.records.filter(([type]) => type === 'ACK');
  assert.deepEqual(acks, [['ACK', 0, 64]]);
  await gateway.drop();
  await reconnected(gateway, 2);
  assert.equal((await gateway.resume(1)).received, 72);
});

test('a gateway that does not know the session: sockets tell of it, once, and a new session follows', async () => {
  const { gateway, client, log } = await openStream();
  const listening = client.tcpServer.listen(1, '127.0.0.1', 0);
  await settled();
  await gateway.reply('tcpServer.listen', 0);
  await listening;
  /** @type {any[]} */
  const told = [];
  client.tcpServer.onAcceptError.addListener((info) => told.push(info));
  client.onSessionGone.addListener(() => told.push('gone'));
  const unanswered = assert.rejects(client.tcp.getInfo(1), { code: -32000 });
  await gateway.drop(1001, 'shutting-down');
  await reconnected(gateway, 2);
  await gateway.forget();
  await unanswered;
  const again = /** @type {any} */ (gateway.sent[1]);
  assert.deepEqual(again.params.after, { tcpServer: 0, tcp: 1 });
  assert.deepEqual(log, [-100]);
  assert.deepEqual(told, [{ resultCode: -2, socketId: 1 }, 'gone']);
  const created = client.tcpServer.create();
  await settled();
  assert.equal(gateway.sent.length, 2, 'it waits for the new session');
  await gateway.reply('session.open', { session: 'new', secret: 's', window: WINDOW, maxFrame: 512, maxText: 65536, maxCalls: 8 }); // prettier-ignore
  await gateway.reply('tcpServer.create', { socketId: 2 });
  assert.deepEqual(await created, { socketId: 2 });
  assert.equal(client.state, 'open');
});

// A gateway ends a session that has received nothing with its connection. The page may know that session, and
// have called on it.
test('a session that has received nothing is begun again, and told the same', async () => {
  const { gateway, client } = startClient({ backoff: () => 0 });
  await gateway.accept();
  let gone = 0;
  client.onSessionGone.addListener(() => gone++);
  const created = client.tcp.create();
  await settled();
  await gateway.drop();
  await reconnected(gateway, 2);
  await gateway.forget();
  await gateway.reply('session.open', { session: 'new', secret: 's', window: WINDOW, maxFrame: 512, maxText: 65536, maxCalls: 8 }); // prettier-ignore
  await gateway.reply('tcp.create', { socketId: 1 });
  assert.deepEqual([await created, gone], [{ socketId: 1 }, 0]);
});

// A gateway can hear late what was said on a connection that the page has given up.
test('the numbers of connections grow, however fast they follow each other', async () => {
  const { gateway } = await openStream();
  const attempts = [];
  for (let connection = 2; connection < 10; connection++) {
    await gateway.drop();
    await reconnected(gateway, connection);
    attempts.push((await gateway.resume(1)).attempt);
  }
  assert.equal(new Set(attempts).size, attempts.length);
  assert.deepEqual([...attempts].sort(), attempts);
});

test('a page whose session was taken over does not come back', async () => {
  const { gateway, client, log } = await openStream();
  await gateway.drop(4501, 'taken-over');
  await delay(5);
  assert.deepEqual([client.state, client.reason], ['closed', 'taken-over']);
  assert.deepEqual([gateway.sockets.length, log], [1, [-100]]);
});

test('a connection on which nothing is heard is asked for a sign of life, and given up', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'] });
  const { gateway, client } = startClient({ backoff: () => 0 });
  await gateway.accept();
  t.mock.timers.tick(20_000);
  await settled();
  await gateway.reply('session.ping');
  assert.equal(client.state, 'open');
  for (let i = 0; i < 3; i++) t.mock.timers.tick(20_000);
  await settled();
  t.mock.timers.tick(1);
  assert.equal(gateway.sockets.length, 2);
  await client.close();
});
