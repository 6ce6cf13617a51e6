/** What leaves together, and what is answered before the gateway has answered. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callback, data, end, isEmpty, openClient, openStream } from '../fake-gateway.js';
import { limit, settled, WINDOW } from '../fake-gateway.js';

/** @param {import('../fake-gateway.js').FakeGateway} gateway */
const shapes = (gateway) =>
  gateway.messages.map((message) =>
    typeof message === 'string' ? [JSON.parse(message)].flat().length : 'bytes',
  );

test('what one turn leads to leaves in two messages: bytes, then a batch', async () => {
  const { gateway, tcp } = await openStream();
  await gateway.notify('tcpServer.onAccept', { socketId: 1, clientSocketId: 2 });
  const before = gateway.messages.length;
  for (const id of [1, 2]) {
    tcp.getInfo(id, () => {});
    tcp.send(id, Buffer.from('x'), () => {});
    tcp.close(id, () => {});
  }
  await settled();
  assert.deepEqual(shapes(gateway).slice(before), ['bytes', 4]);
});

test('a batch has twelve calls, and is no longer than a message may be', async () => {
  const { gateway, tcp } = await openClient({ maxCalls: 256 });
  for (let i = 0; i < 30; i++) tcp.getInfo(1, () => {});
  for (let i = 0; i < 3; i++) tcp.create({ name: 'n'.repeat(10000) }, () => {});
  await settled();
  assert.deepEqual(shapes(gateway).slice(1), [12, 12, 8, 1]);
});

test('calls that take long, or have a long answer, are in no batch', async () => {
  const { gateway, tcp } = await openClient();
  tcp.create({}, () => {});
  tcp.getSockets(() => {});
  tcp.connect(1, '127.0.0.1', 80, () => {});
  tcp.create({}, () => {});
  tcp.create({}, () => {});
  await settled();
  assert.deepEqual(shapes(gateway).slice(1), [1, 1, 1, 2]);
});

test('the end of a stream does not overtake a call', async () => {
  const { gateway, tcp } = await openStream();
  gateway.sendNow(end(1));
  tcp.getInfo(1, () => {});
  await settled();
  assert.deepEqual(
    gateway.sent.slice(-2).map((sent) => sent.method ?? sent.record),
    ['tcp.getInfo', 'END'],
  );
});

test('setPaused and close of a known stream call back at once', async () => {
  const { gateway, tcp, log } = await openStream({ paused: true });
  await gateway.send(data(1, 'early'));
  tcp.setPaused(1, false, () => log.push('unpaused'));
  await settled();
  assert.deepEqual(log, ['unpaused', 'early'], 'the callback precedes what it releases');
  tcp.close(1, () => log.push('closed'));
  await settled();
  assert.deepEqual(log.slice(2), ['closed', -100]);
  assert.deepEqual(gateway.unanswered, ['tcp.setPaused', 'tcp.close'], 'each is called once');
});

test('but behind calls that wait for their answer they wait too', async () => {
  const { gateway, tcp, log } = await openStream();
  tcp.getInfo(1, () => log.push('info'));
  tcp.setPaused(1, true, () => log.push('paused'));
  tcp.close(1, () => log.push('closed'));
  await settled();
  isEmpty(log);
  await gateway.reply('tcp.getInfo', { socketId: 1 });
  await gateway.reply('tcp.setPaused');
  await gateway.reply('tcp.close');
  assert.deepEqual(log, ['info', 'paused', 'closed']);
});

test('and so does a close while the stream connects', async () => {
  const { gateway, tcp } = await openClient();
  tcp.create({}, () => {});
  await settled();
  await gateway.reply('tcp.create', { socketId: 1 });
  /** @type {string[]} */
  const log = [];
  tcp.connect(1, '127.0.0.1', 80, () => log.push('connect'));
  tcp.close(1, () => log.push('close'));
  await settled();
  isEmpty(log);
  await gateway.reply('tcp.close');
  assert.deepEqual(log, ['close']);
});

test('close of a stream that was closed fails at once, and is not sent', async () => {
  const { gateway, chrome, tcp } = await openStream();
  tcp.close(1, () => {});
  await settled();
  const outcome = await callback(chrome, tcp.close, 1);
  assert.deepEqual(outcome, { args: [], error: 'Socket not found' });
  assert.deepEqual(gateway.unanswered, ['tcp.close']);
});

test('sends of a stream that was closed are answered when the gateway has them', async () => {
  const { gateway, tcp, log } = await openStream();
  tcp.send(1, Buffer.from('abc'), ({ resultCode = -1 } = {}) => log.push(`sent ${resultCode}`));
  tcp.close(1, () => log.push('closed'));
  await settled();
  assert.deepEqual(log, ['closed', -100]);
  await gateway.reply('tcp.close');
  await gateway.send(limit(1, WINDOW + 3));
  assert.deepEqual(log, ['closed', -100, 'sent 0']);
});
