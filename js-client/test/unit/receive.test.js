/** Receiving: pause, order, the end of a stream, and credit. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WINDOW, callback, data, end, logEvents, openClient, isEmpty } from '../fake-gateway.js';
import { openStream, settled } from '../fake-gateway.js';

test('D11: setPaused(true) holds back at once, setPaused(false) gives everything', async () => {
  const { gateway, tcp, log } = await openStream();
  gateway.sendNow(data(1, 'a'));
  tcp.setPaused(1, true, () => {});
  await gateway.send(data(1, 'b'), end(1));
  isEmpty(log);
  await gateway.reply('tcp.setPaused');
  tcp.setPaused(1, false, () => log.push('unpaused'));
  await settled();
  await gateway.reply('tcp.setPaused');
  assert.deepEqual(log, ['unpaused', 'ab', -100]);
});

test('82: pausing back and forth delivers once', async () => {
  const { gateway, tcp, log } = await openStream();
  tcp.getInfo(1, () => {}); // What is called behind it is answered behind it.
  for (const paused of [true, false, true, false]) tcp.setPaused(1, paused, () => {});
  await gateway.send(data(1, 'a'));
  await gateway.reply('tcp.getInfo', {});
  for (let i = 0; i < 3; i++) await gateway.reply('tcp.setPaused');
  isEmpty(log, 'the last call decides');
  await gateway.reply('tcp.setPaused');
  await gateway.send(data(1, 'b'));
  assert.deepEqual(log, ['a', 'b']);
});

test('a pause inside onReceive stops what has already arrived', async () => {
  const { gateway, tcp } = await openStream();
  tcp.update(1, { bufferSize: 1 }, () => {});
  await settled();
  await gateway.reply('tcp.update');
  /** @type {string[]} */
  const seen = [];
  tcp.onReceive.addListener((/** @type {any} */ info) => {
    seen.push(Buffer.from(info.data).toString());
    tcp.setPaused(1, true, () => {});
  });
  await gateway.send(data(1, 'x'));
  await gateway.send(data(1, 'abc'));
  assert.deepEqual(seen, ['x']);
});

test('78: a bufferSize set while a read is outstanding applies from the next read', async () => {
  const { gateway, tcp, log } = await openStream();
  tcp.update(1, { bufferSize: 10 }, () => {});
  await settled();
  await gateway.reply('tcp.update');
  await gateway.send(data(1, 'x'.repeat(25)));
  await gateway.send(data(1, 'y'.repeat(25)));
  assert.deepEqual(
    log.map((text) => text.length),
    [25, 10, 10, 5],
  );
});

test('96: events come in the order of arrival across streams', async () => {
  const { gateway, tcp } = await openStream();
  await gateway.notify('tcpServer.onAccept', { socketId: 1, clientSocketId: 2 });
  tcp.setPaused(2, false, () => {});
  await settled();
  await gateway.reply('tcp.setPaused');
  /** @type {any[]} */
  const order = [];
  tcp.onReceive.addListener((/** @type {any} */ info) => order.push(info.socketId));
  for (const id of [1, 2, 1, 2]) await gateway.send(data(id, 'x'));
  await gateway.send(data(2, 'x'), data(1, 'x'));
  assert.deepEqual(order, [1, 2, 1, 2, 2, 1]);
});

test('94: every listener gets the same object, also behind one that throws', async (t) => {
  const { gateway, tcp } = await openStream();
  const logged = t.mock.method(console, 'error', () => {});
  /** @type {any[]} */
  const seen = [];
  tcp.onReceive.addListener((/** @type {any} */ info) => {
    seen.push(info.data);
    throw new Error('listener');
  });
  tcp.onReceive.addListener((/** @type {any} */ info) => seen.push(info.data));
  await gateway.send(data(1, 'x'));
  assert.equal(seen.length, 2);
  assert.equal(seen[0], seen[1]);
  assert.match(logged.mock.calls[0].arguments[0], /^Error in event handler: Error: listener/);
});

test('credit goes back when the listeners have run, also when there are none', async () => {
  const { gateway, tcp } = await openStream();
  await gateway.send(data(1, 'x'.repeat(WINDOW / 2 - 1)));
  isEmpty(gateway.records);
  await gateway.send(data(1, 'x'));
  assert.deepEqual(gateway.records, [['LIMIT', 1, WINDOW / 2 + WINDOW]]);

  tcp.setPaused(1, true, () => {});
  await gateway.send(data(1, 'x'.repeat(WINDOW / 2)));
  assert.equal(gateway.records.length, 1, 'a paused stream returns nothing');
});

test('83, 87, 88: after the end the stream is unconnected and paused', async () => {
  const { gateway, chrome, tcp, log } = await openStream();
  await gateway.send(data(1, 'x'), end(1));
  assert.deepEqual(log, ['x', -100]);
  assert.deepEqual(gateway.records, [['END', 1, 0]]);
  assert.deepEqual(await callback(chrome, tcp.send, 1, new Uint8Array(1)), {
    args: [{ resultCode: -15 }],
    error: 'net::ERR_SOCKET_NOT_CONNECTED',
  });
  tcp.setPaused(1, false, () => {});
  await settled();
  await gateway.reply('tcp.setPaused');
  assert.deepEqual(log, ['x', -100]);
});

test('a call made in the listener of the end finds the gateway told', async () => {
  const { gateway, tcp } = await openStream();
  tcp.onReceiveError.addListener(() => tcp.getInfo(1, () => {}));
  await gateway.send(end(1));
  const tail = gateway.sent.slice(-2).map((sent) => sent.method ?? sent.record);
  assert.deepEqual(tail, ['END', 'tcp.getInfo']);
});

for (const [number, method] of [
  [91, 'disconnect'],
  [93, 'close'],
]) {
  test(`${number}: own ${method} of an unpaused stream raises -100 behind the callback`, async () => {
    const { gateway, tcp, log } = await openStream();
    tcp[method](1, () => log.push('callback'));
    await gateway.send(data(1, 'late'), end(1));
    // The answer to close is certain, so that it is not waited for.
    if (method === 'disconnect') isEmpty(log, 'what arrives after the call is dropped');
    await gateway.reply(`tcp.${method}`);
    assert.deepEqual(log, ['callback', -100]);
  });
}

test('92: own disconnect of a paused stream raises nothing', async () => {
  const { gateway, tcp, log } = await openStream({ paused: true });
  tcp.disconnect(1, () => log.push('callback'));
  await settled();
  await gateway.reply('tcp.disconnect');
  assert.deepEqual(log, ['callback']);
});

test('103: a stream that was left unpaused is paused in its next connection', async () => {
  const { gateway, tcp, log } = await openStream();
  tcp.disconnect(1, () => {});
  await settled();
  await gateway.reply('tcp.disconnect');
  tcp.connect(1, '127.0.0.1', 80, () => log.push('connected'));
  await settled();
  await gateway.reply('tcp.connect', 0);
  await gateway.send(data(1, 'x'));
  assert.deepEqual(log, [-100, 'connected']);
  tcp.setPaused(1, false, () => {});
  await settled();
  await gateway.reply('tcp.setPaused');
  assert.deepEqual(log, [-100, 'connected', 'x']);
});

test('98: the callback of connect precedes the first onReceive', async () => {
  const { gateway, tcp } = await openClient();
  const log = logEvents(tcp);
  tcp.create(() => {});
  await settled();
  await gateway.reply('tcp.create', { socketId: 1 });
  tcp.connect(1, '127.0.0.1', 80, () => log.push('connected'));
  await settled();
  gateway.replyNow('tcp.connect', 0);
  await gateway.send(data(1, 'x'));
  assert.deepEqual(log, ['connected', 'x']);
});

test('102: close wins over a connect that has just succeeded', async () => {
  const { gateway, chrome, tcp } = await openClient();
  const log = logEvents(tcp);
  tcp.create(() => {});
  await settled();
  await gateway.reply('tcp.create', { socketId: 1 });
  const connecting = callback(chrome, tcp.connect, 1, '127.0.0.1', 80);
  tcp.close(1, () => log.push('closed'));
  await settled();
  gateway.replyNow('tcp.connect', 0);
  await gateway.reply('tcp.close');
  assert.deepEqual(await connecting, { args: [], error: 'Socket not found' });
  assert.deepEqual(log, ['closed']);
});

test('records of ids that do not exist are dropped', async () => {
  const { gateway, client } = await openClient();
  await gateway.send(data(77, 'x'), end(77));
  assert.equal(client.state, 'open');
});
