/** Sending: credit, completion, failure, quota, and the ways in which a stream ends. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  WINDOW,
  callback,
  data,
  end,
  limit,
  openClient,
  openStream,
  settled,
  stop,
  isEmpty,
} from '../fake-gateway.js';

/** @param {number} length */
const bytes = (length) => new Uint8Array(length).fill(120);

/**
 * @param {any[]} records
 * @returns {number} How many bytes of DATA there are.
 */
function sentBytes(records) {
  return records.reduce((sum, [type, , value]) => sum + (type === 'DATA' ? value.length : 0), 0);
}

/**
 * Sends, and notes the outcome.
 *
 * @param {any} chrome
 * @param {number} length
 * @param {any[]} outcomes
 */
function send(chrome, length, outcomes) {
  const { tcp } = chrome.sockets;
  callback(chrome, tcp.send, 1, bytes(length)).then((outcome) => outcomes.push(outcome));
}

const SENT = (/** @type {number} */ length) => ({
  args: [{ bytesSent: length, resultCode: 0 }],
  error: undefined,
});
const NOT_CONNECTED = {
  args: [{ resultCode: -15 }],
  error: 'net::ERR_SOCKET_NOT_CONNECTED',
};

test('what is sent in one turn leaves in one message', async () => {
  const { gateway, tcp } = await openStream();
  const before = gateway.messages.length;
  for (const text of ['a', 'bc', 'd']) tcp.send(1, Buffer.from(text), () => {});
  await settled();
  assert.equal(gateway.messages.length, before + 1);
  assert.deepEqual(gateway.records, [
    ['DATA', 1, 'a'],
    ['DATA', 1, 'bc'],
    ['DATA', 1, 'd'],
  ]);
});

test('bytes leave before the calls of the same turn', async () => {
  const { gateway, tcp } = await openStream();
  tcp.send(1, Buffer.from('a'), () => {});
  tcp.getInfo(1, () => {});
  tcp.send(1, Buffer.from('b'), () => {});
  await settled();
  const tail = gateway.sent.slice(-3).map((sent) => sent.method ?? sent.value);
  assert.deepEqual(tail, ['a', 'b', 'tcp.getInfo']);
});

test('a send is complete when LIMIT - window reaches its end', async () => {
  const { gateway, chrome } = await openStream();
  /** @type {any[]} */
  const outcomes = [];
  send(chrome, 300, outcomes);
  send(chrome, 200, outcomes);
  await settled();
  await gateway.send(limit(1, WINDOW + 299));
  isEmpty(outcomes);
  await gateway.send(limit(1, WINDOW + 300));
  assert.deepEqual(outcomes, [SENT(300)]);
  await gateway.send(limit(1, WINDOW + 100));
  await gateway.send(limit(1, WINDOW + 500));
  assert.deepEqual(outcomes, [SENT(300), SENT(200)]);
});

test('DATA stays within the credit and within maxFrame', async () => {
  const { gateway, chrome } = await openStream();
  /** @type {any[]} */
  const outcomes = [];
  send(chrome, 2500, outcomes);
  await settled();
  assert.equal(sentBytes(gateway.records), WINDOW, 'one window and no more');
  for (const message of gateway.messages) {
    if (typeof message !== 'string') assert.ok(message.length <= 512, `${message.length} bytes`);
  }
  await gateway.send(limit(1, WINDOW + 700));
  assert.equal(sentBytes(gateway.records), WINDOW + 700);
  await gateway.send(limit(1, WINDOW + 1700));
  assert.equal(sentBytes(gateway.records), 2500);
  isEmpty(outcomes);
  await gateway.send(limit(1, WINDOW + 2500));
  assert.deepEqual(outcomes, [SENT(2500)]);
});

test('large data goes out whole and in order, without touching the memory of the program', async () => {
  const { gateway, tcp } = await openStream();
  await gateway.send(limit(1, 10_000_000));
  const source = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  const copy = source.slice();
  tcp.send(1, source, () => {});
  source.fill(0);
  tcp.send(1, Buffer.from('behind'), () => {});
  await settled();
  const sent = gateway.records.map(([, , value]) => value).join('');
  assert.equal(sent, `${Buffer.from(copy).toString('latin1')}behind`);
});

test('106: an empty send is complete at once, but behind those before it', async () => {
  const { gateway, chrome } = await openStream();
  /** @type {any[]} */
  const outcomes = [];
  send(chrome, 0, outcomes);
  await settled();
  assert.deepEqual(outcomes, [SENT(0)]);
  send(chrome, 5, outcomes);
  send(chrome, 0, outcomes);
  await settled();
  assert.deepEqual(outcomes, [SENT(0)]);
  await gateway.send(limit(1, WINDOW + 5));
  assert.deepEqual(outcomes, [SENT(0), SENT(5), SENT(0)]);
});

test('111, 112: STOP fails the first unfinished send with -2 and the rest with -15', async () => {
  const { gateway, chrome } = await openStream({ paused: true });
  /** @type {any[]} */
  const outcomes = [];
  for (const length of [10, 2000, 3]) send(chrome, length, outcomes);
  await settled();
  await gateway.send(limit(1, WINDOW + 10), stop(1));
  const failed = { args: [{ resultCode: -2 }], error: 'net::ERR_FAILED' };
  assert.deepEqual(outcomes, [SENT(10), failed, NOT_CONNECTED]);
  send(chrome, 1, outcomes);
  await settled();
  assert.deepEqual(outcomes[3], NOT_CONNECTED);
});

test('113, 114: more than 200 MiB in unfinished sends is over quota, before the id is looked at', async () => {
  const { gateway, chrome, tcp } = await openStream();
  const over = { args: [], error: 'Exceeded write quota.' };
  const big = new Uint8Array(120 << 20);
  tcp.send(1, big, () => {});
  assert.deepEqual(await callback(chrome, tcp.send, 99, big), over);
  assert.deepEqual(await callback(chrome, tcp.send, 1, new Uint8Array(209715201)), over);
  await gateway.send(stop(1));
  assert.deepEqual(await callback(chrome, tcp.send, 99, big), {
    args: [],
    error: 'Socket not found',
  });
});

test('109: a stream that was never connected cannot send', async () => {
  const { gateway, chrome, tcp } = await openClient();
  tcp.create(() => {});
  await settled();
  await gateway.reply('tcp.create', { socketId: 1 });
  assert.deepEqual(await callback(chrome, tcp.send, 1, bytes(1)), NOT_CONNECTED);
});

test('close with bytes that have no credit passes finalOffset and goes on sending', async () => {
  const { gateway, chrome, tcp } = await openStream();
  /** @type {any[]} */
  const outcomes = [];
  send(chrome, 1500, outcomes);
  tcp.close(1, () => outcomes.push('closed'));
  await settled();
  assert.deepEqual(await gateway.reply('tcp.close'), [1, 1500]);
  send(chrome, 1, outcomes);
  await gateway.send(limit(1, WINDOW + 1000));
  await gateway.send(limit(1, WINDOW + 1500));
  assert.equal(sentBytes(gateway.records), 1500);
  const gone = { args: [], error: 'Socket not found' };
  assert.deepEqual(outcomes, ['closed', gone, SENT(1500)]);
});

test('close with nothing unsent passes no finalOffset', async () => {
  const { gateway, tcp } = await openStream();
  tcp.send(1, bytes(5), () => {});
  tcp.close(1, () => {});
  await settled();
  assert.deepEqual(await gateway.reply('tcp.close'), [1, null]);
});

test('STOP answers the sends of a closed stream too', async () => {
  const { gateway, chrome, tcp } = await openStream();
  /** @type {any[]} */
  const outcomes = [];
  send(chrome, 1500, outcomes);
  tcp.close(1, () => {});
  await settled();
  await gateway.reply('tcp.close');
  await gateway.send(stop(1));
  assert.deepEqual(outcomes, [{ args: [{ resultCode: -2 }], error: 'net::ERR_FAILED' }]);
});

test('a connect waits until the bytes of the last connection are acknowledged', async () => {
  const { gateway, chrome, tcp } = await openStream();
  tcp.send(1, bytes(1500), () => {});
  tcp.disconnect(1, () => {});
  const connected = callback(chrome, tcp.connect, 1, '127.0.0.1', 80);
  await settled();
  assert.deepEqual(await gateway.reply('tcp.disconnect'), [1, 1500]);
  isEmpty(gateway.unanswered, 'the connect is held back');
  await gateway.send(limit(1, WINDOW + 1499));
  isEmpty(gateway.unanswered, 'one byte is missing');
  await gateway.send(limit(1, WINDOW + 1500));
  await gateway.reply('tcp.connect', 0);
  assert.deepEqual(await connected, { args: [0], error: undefined });
  tcp.send(1, bytes(WINDOW + 1), () => {});
  await settled();
  assert.equal(sentBytes(gateway.records), 1500 + WINDOW, 'the new connection has a full window');
});

test('a close lets go of a connect that was held back', async () => {
  const { gateway, tcp } = await openStream();
  tcp.send(1, bytes(1500), () => {});
  tcp.disconnect(1, () => {});
  tcp.connect(1, '127.0.0.1', 80, () => {});
  tcp.close(1, () => {});
  await settled();
  assert.deepEqual(gateway.unanswered, ['tcp.disconnect', 'tcp.close', 'tcp.connect']);
});

test('after STOP offsets go on behind what was sent', async () => {
  const { gateway, tcp } = await openStream({ paused: true });
  tcp.send(1, bytes(1500), () => {});
  await settled();
  await gateway.send(stop(1));
  tcp.connect(1, '127.0.0.1', 80, () => {});
  await settled();
  await gateway.reply('tcp.connect', 0);
  tcp.send(1, bytes(2000), () => {});
  await settled();
  assert.equal(sentBytes(gateway.records), WINDOW + WINDOW);
});

test('END waits behind bytes that have no credit; meanwhile the stream shows as unconnected', async () => {
  const { gateway, chrome, tcp, log } = await openStream();
  tcp.send(1, bytes(1500), () => {});
  await settled();
  await gateway.send(end(1));
  assert.deepEqual(log, [-100]);
  assert.deepEqual(await callback(chrome, tcp.send, 1, bytes(1)), NOT_CONNECTED);

  const info = callback(chrome, tcp.getInfo, 1);
  await settled();
  await gateway.reply('tcp.getInfo', {
    connected: true,
    localAddress: '127.0.0.1',
    localPort: 1,
    paused: false,
    peerAddress: '127.0.0.1',
    peerPort: 2,
    persistent: false,
    socketId: 1,
  });
  const shown = { connected: false, paused: true, persistent: false, socketId: 1 };
  assert.deepEqual((await info).args, [shown]);

  assert.equal(gateway.records.at(-1)?.[0], 'DATA');
  await gateway.send(limit(1, WINDOW + 1500));
  assert.deepEqual(gateway.records.at(-1), ['END', 1, 0]);
});

test('what onReceive sends just before the end goes out before END', async () => {
  const { gateway, tcp } = await openStream();
  tcp.onReceive.addListener((/** @type {any} */ { socketId }) => {
    tcp.send(socketId, Buffer.from('answer'), () => {});
  });
  await gateway.send(data(1, 'question'), end(1));
  assert.deepEqual(gateway.records, [
    ['DATA', 1, 'answer'],
    ['END', 1, 0],
  ]);
});

test('with allowHalfOpen there is no END, and the page can go on sending', async () => {
  const { gateway, chrome, tcp, log } = await openStream();
  tcp.update(1, { allowHalfOpen: true }, () => {});
  await settled();
  await gateway.reply('tcp.update');
  await gateway.send(data(1, 'x'), end(1));
  assert.deepEqual(log, ['x', -100]);
  /** @type {any[]} */
  const outcomes = [];
  send(chrome, 5, outcomes);
  await settled();
  await gateway.send(limit(1, WINDOW + 5));
  assert.deepEqual(outcomes, [SENT(5)]);
  assert.deepEqual(gateway.records, [['DATA', 1, 'xxxxx']]);
  tcp.close(1, () => {});
  await settled();
  await gateway.reply('tcp.close');
  assert.deepEqual(log, ['x', -100], 'the end is told once');
});

test('a full outgoing queue of the browser holds bytes back', async () => {
  const { gateway, tcp } = await openStream();
  gateway.bufferedAmount = 100 << 20;
  tcp.send(1, bytes(5), () => {});
  await settled();
  isEmpty(gateway.records);
  gateway.bufferedAmount = 0;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(gateway.records, [['DATA', 1, 'xxxxx']]);
});
