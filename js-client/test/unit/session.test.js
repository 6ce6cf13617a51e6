/** The session: waiting for the gateway, calls in flight, loss, close, and the promise face. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from '../../src/backoff.js';
import { SocketError, connect } from '../../src/index.js';
import { forAll } from '../random.js';
import { callback, limit, logEvents, openClient, openStream, isEmpty } from '../fake-gateway.js';
import { WINDOW, data, settled, startClient } from '../fake-gateway.js';

test('calls made before the connection is open wait for it, behind session.open', async () => {
  const { gateway, client } = startClient();
  const created = client.tcp.create({ name: 'early' });
  await settled();
  isEmpty(gateway.messages);
  await gateway.accept();
  assert.deepEqual(
    gateway.sent.map(({ method }) => method),
    ['session.open', 'tcp.create'],
  );
  await gateway.reply('tcp.create', { socketId: 1 });
  assert.deepEqual(await created, { socketId: 1 });
});

test('a client that cannot reach the gateway goes on trying, and tells when', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const { gateway, client } = startClient();
  /** @type {any[]} */
  const states = [];
  client.onStateChange.addListener((change) => states.push(change));
  await gateway.drop();
  assert.equal(client.state, 'waiting');
  assert.deepEqual(
    [client.reason, client.message, client.help],
    ['unreachable', 'The gateway cannot be reached.', 'Is it running at ws://fake?'],
  );
  const wait = /** @type {number} */ (client.retryAt) - Date.now();
  assert.ok(wait >= 0 && wait <= 250, `${wait} ms`);
  t.mock.timers.tick(wait);
  assert.equal(gateway.sockets.length, 2);
  await gateway.accept();
  await client.ready;
  assert.deepEqual(
    states.map(({ state }) => state),
    ['connecting', 'waiting', 'connecting', 'open'],
  );
});

test('a refusal that is final is not tried again', async () => {
  const { gateway, client } = startClient();
  await gateway.accept();
  const created = client.tcp.create();
  created.catch(() => {});
  await gateway.drop(4503, 'not-permitted');
  assert.deepEqual([client.state, client.reason], ['closed', 'not-permitted']);
  await assert.rejects(created, { code: -32000 });
});

test('backoff doubles its bound up to five seconds, and jitters over all of it', () => {
  forAll(200, (random) => {
    const attempt = 1 + random(40);
    const bound = Math.min(5000, 250 * 2 ** (attempt - 1));
    const delay = backoff(attempt, random(1000) / 1000);
    assert.ok(delay >= 0 && delay <= bound, `attempt ${attempt}: ${delay} ms`);
  });
  assert.equal(backoff(3, 0.5), 500);
  assert.equal(backoff(1e9, 0.999), 4995);
});

test('no more calls are under way than the gateway permits; the others follow in order', async () => {
  const { gateway, client } = startClient();
  await gateway.accept({ maxCalls: 4 });
  const order = Array.from({ length: 10 }, (_, i) => client.tcp.update(i, {}));
  await settled();
  for (let i = 0; i < 10; i++) {
    assert.equal(gateway.unanswered.length, Math.min(4, 10 - i));
    assert.deepEqual(await gateway.reply('tcp.update'), [i, {}]);
  }
  await Promise.all(order);
});

test('a stream that was unpaused at once tells of a lost gateway, whatever the gateway has heard', async () => {
  const { gateway, chrome, tcp } = await openStream();
  await gateway.notify('tcpServer.onAccept', { socketId: 1, clientSocketId: 2 });
  /** @type {any[]} */
  const errors = [];
  tcp.onReceiveError.addListener((/** @type {any} */ info) => errors.push(info));
  assert.deepEqual((await callback(chrome, tcp.setPaused, 2, false)).args, []);
  await gateway.drop(4523, 'revoked');
  await settled();
  assert.deepEqual(
    errors.filter(({ socketId }) => socketId === 2),
    [{ resultCode: -100, socketId: 2 }],
  );
});

test('slow calls leave room for quick ones', async () => {
  const { gateway, client } = startClient();
  await gateway.accept({ maxCalls: 4 });
  for (let i = 1; i <= 10; i++) client.tcp.connect(i, 'h', 80).catch(() => {});
  client.tcp.close(1).catch(() => {});
  await settled();
  assert.deepEqual(gateway.unanswered, ['tcp.connect', 'tcp.connect', 'tcp.close']);
});

test('arguments that are too long for a message fail, and nothing is sent', async () => {
  const { gateway, client } = startClient();
  await gateway.accept();
  await assert.rejects(client.tcp.create({ name: '\u20ac'.repeat(30000) }), /too long/);
  isEmpty(gateway.unanswered);
});

test('when the session is lost each callback is answered and each socket tells, once', async () => {
  const { gateway, chrome, tcp, tcpServer, client, log } = await openStream();
  await gateway.notify('tcpServer.onAccept', { socketId: 1, clientSocketId: 2 });
  const listening = callback(chrome, tcpServer.listen, 7, '127.0.0.1', 0);
  await settled();
  await gateway.reply('tcpServer.listen', 0);
  await listening;
  /** @type {any[]} */
  const errors = [];
  tcpServer.onAcceptError.addListener((/** @type {any} */ info) => errors.push(info));
  tcp.onReceiveError.addListener((/** @type {any} */ info) => errors.push(info));
  const outcomes = Promise.all([
    callback(chrome, tcp.getInfo, 1),
    callback(chrome, tcp.send, 1, new ArrayBuffer(5)),
    callback(chrome, tcp.connect, 3, 'h', 80),
  ]);
  await settled();
  gateway.sendNow(data(1, 'last'));
  await gateway.drop(4523, 'revoked');
  const error = "This page's permission was revoked.";
  const lost = { args: [], error };
  const unsent = { args: [{ resultCode: -2 }], error };
  assert.deepEqual(await outcomes, [lost, unsent, { args: [-2], error }]);
  assert.deepEqual(log, ['last', -100], 'data first');
  assert.deepEqual(errors, [
    { resultCode: -100, socketId: 1 },
    { resultCode: -2, socketId: 7 },
  ]);
  assert.deepEqual([client.state, client.reason], ['closed', 'revoked']);
  assert.deepEqual(await callback(chrome, tcp.create), lost);
  assert.deepEqual(await callback(chrome, tcp.send, 1, new ArrayBuffer(5)), unsent);
});

test('close ends the session, answers what is under way and raises nothing', async () => {
  const { gateway, chrome, client, log, tcp } = await openStream();
  const outcome = callback(chrome, tcp.getInfo, 1);
  const closed = client.close();
  assert.equal((await outcome).error, 'Gateway connection lost: closed by the page');
  await closed;
  await settled();
  assert.equal(gateway.sent.at(-1)?.method, 'session.close');
  assert.deepEqual([client.state, log], ['closed', []]);
  await client.close();
});

test('close before the connection is open', async () => {
  const { client } = startClient();
  const created = assert.rejects(client.tcp.create(), SocketError);
  await client.close();
  await created;
  await assert.rejects(client.ready);
});

test('a bad record ends the session', async (t) => {
  t.mock.method(console, 'error', () => {});
  const { gateway, client } = await openClient();
  await gateway.send(new Uint8Array([9, 0, 0, 1, 0, 0, 0, 1, 0]));
  assert.deepEqual(
    [client.state, client.reason, client.message],
    ['closed', 'bad-record', 'Gateway connection lost: bad record: unknown type 9'],
  );
});

test('what makes no sense is logged and does no harm', async (t) => {
  const logged = t.mock.method(console, 'error', () => {});
  const { gateway, client } = await openClient();
  const socket = gateway.sockets[0];
  for (const text of ['{', 'null', '[1]', '{"id":77,"result":1}', '{"method":"x.y"}']) {
    socket.emit('message', { data: text });
  }
  await settled();
  assert.equal(client.state, 'open');
  assert.equal(logged.mock.callCount(), 5);
});

test('the promise face rejects with SocketError, code and text', async () => {
  const { gateway, client } = startClient();
  await gateway.accept();
  const error = { code: -147, message: 'net::ERR_ADDRESS_IN_USE' };
  const refused = assert.rejects(client.tcpServer.listen(1, '127.0.0.1', 80), {
    name: 'SocketError',
    ...error,
  });
  await settled();
  await gateway.reply('tcpServer.listen', undefined, error);
  await refused;
  await assert.rejects(client.tcp.send(9, new ArrayBuffer(1)), (reason) => {
    assert.ok(reason instanceof SocketError);
    assert.deepEqual([reason.code, reason.message], [-32001, 'Socket not found']);
    return true;
  });
});

test('both faces share the events', async () => {
  const { client, tcp } = await openClient();
  assert.equal(client.tcp.onReceive, tcp.onReceive);
});

test('bytes sent before the session is open are copied when send is called', async () => {
  const { client } = startClient();
  const sending = client.tcp.send(1, new Uint8Array(3));
  await client.close();
  await assert.rejects(sending, { code: -32000 });
});

test('a late LIMIT of a stream that is gone is ignored', async () => {
  const { gateway, client, tcp } = await openStream();
  const log = logEvents(tcp);
  tcp.close(1, () => {});
  await settled();
  await gateway.reply('tcp.close');
  await gateway.send(limit(1, WINDOW + 5));
  assert.deepEqual([client.state, log], ['open', [-100]]);
});

test('connect checks its arguments at once', () => {
  const { WebSocket } = startClient().gateway;
  assert.throws(() => connect('not a url', { WebSocket }), TypeError);
  assert.throws(() => connect('ftp://127.0.0.1', { WebSocket }), /http: or ws:/);
  assert.throws(
    () => connect('ws://127.0.0.1', { WebSocket: /** @type {any} */ (1) }),
    /WebSocket/,
  );
});
