/** `secure`: which failures close the stream, and what the program is told of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callback, openStream, settled } from '../fake-gateway.js';

const UNTRUSTED = { code: -202, message: 'net::ERR_CERT_AUTHORITY_INVALID' };

/** @param {import('../fake-gateway.js').Opened} opened */
async function secure({ gateway, chrome, tcp }, error = UNTRUSTED) {
  const outcome = callback(chrome, tcp.secure, 1);
  await settled();
  await gateway.reply('tcp.secure', undefined, error);
  return outcome;
}

test('a failed handshake closes the stream', async () => {
  const opened = await openStream({ paused: true });
  const { chrome, tcp, log } = opened;
  const sends = ['a', 'b'].map((text) => callback(chrome, tcp.send, 1, Buffer.from(text)));
  assert.deepEqual(await secure(opened), { args: [-202], error: UNTRUSTED.message });
  assert.deepEqual(log, [], 'nobody was reading');
  assert.deepEqual(await Promise.all(sends), [
    { args: [{ resultCode: -2 }], error: 'net::ERR_FAILED' },
    { args: [{ resultCode: -15 }], error: 'net::ERR_SOCKET_NOT_CONNECTED' },
  ]);
  const late = await callback(chrome, tcp.send, 1, new ArrayBuffer(1));
  assert.deepEqual(late, { args: [], error: 'Socket not found' });
});

test('secure of an unpaused stream fails, and raises -100 behind its callback', async () => {
  const { gateway, chrome, tcp, log } = await openStream();
  tcp.secure(1, (/** @type {number} */ result) => {
    log.push(`called back: ${result} ${chrome.runtime.lastError.message}`);
  });
  await settled();
  await gateway.reply('tcp.secure', undefined, { code: -2, message: 'net::ERR_FAILED' });
  assert.deepEqual(log, ['called back: -2 net::ERR_FAILED', -100]);
});

for (const error of [
  { code: -4, message: 'Socket must be a connected client TCP socket.' },
  { code: -3, message: 'net::ERR_ABORTED' },
]) {
  test(`${error.message} leaves the stream open`, async () => {
    const opened = await openStream();
    const { gateway, tcp, log } = opened;
    assert.deepEqual(await secure(opened, error), { args: [error.code], error: error.message });
    assert.deepEqual(log, []);
    tcp.send(1, Buffer.from('on'), () => {});
    await settled();
    assert.deepEqual(gateway.records.at(-1), ['DATA', 1, 'on']);
  });
}

test('the promise face rejects with the code', async () => {
  const opened = await openStream({ paused: true });
  const refused = assert.rejects(opened.client.tcp.secure(1), { name: 'SocketError', code: -202 });
  await settled();
  await opened.gateway.reply('tcp.secure', undefined, UNTRUSTED);
  await refused;
});

test('a close meanwhile ends it as it ends all calls', async () => {
  const opened = await openStream();
  const { gateway, chrome, tcp, log } = opened;
  const outcome = callback(chrome, tcp.secure, 1);
  tcp.close(1, () => {});
  await settled();
  await gateway.reply('tcp.close');
  await gateway.reply('tcp.secure', undefined, { code: -32001, message: 'Socket not found' });
  assert.deepEqual(await outcome, { args: [-4], error: 'Socket not found' });
  assert.deepEqual(log, [-100], 'of the close');
});
