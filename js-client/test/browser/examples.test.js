/** The three examples: unchanged Chrome App scripts, with real programs as their clients. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { sha256 } from './peer.js';
import { curl, hasNetcat, run, runGoClient } from './programs.js';
import { createSuite } from './suite.js';

const suite = createSuite();
const { test } = suite;

/**
 * Opens an example and waits until it listens.
 *
 * @param {import('./suite.js').Scene} scene
 * @param {string} name
 */
async function openExample({ open }, name) {
  const page = await open(`${suite.gateway}/examples/${name}/`);
  await page.waitForFunction(() => document.getElementById('status').textContent === 'listening');
  return { page, port: Number(await page.locator('#port').textContent()) };
}

/**
 * Reads whole lines of a chat, without what comes before `last`.
 *
 * @param {import('./peer.js').Peer} peer
 * @param {string} last The line to wait for.
 */
async function readUntil(peer, last) {
  let text = '';
  while (!text.endsWith(`${last}\r\n`)) {
    const byte = await peer.read(1);
    assert.equal(byte.length, 1, `the connection ended after ${JSON.stringify(text)}`);
    text += byte.toString('latin1');
  }
  return text.split('\r\n').slice(0, -1);
}

test('http-server: curl gets the pages and the file of 6 MB in pieces of 4 KB', async (scene) => {
  const { page, port } = await openExample(scene, 'http-server');
  const url = `http://127.0.0.1:${port}`;
  assert.match(String((await curl(`${url}/`)).stdout), /<h1>A site in a web page/);
  const { code, stdout: file } = await curl(`${url}/file.bin`);
  assert.equal(code, 0);
  assert.equal(file.length, 6 << 20);
  const hash = await page.evaluate(async () => {
    const bytes = await crypto.subtle.digest('SHA-256', Site['/file.bin'].content);
    return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  });
  assert.equal(sha256(file), hash);
  await page.locator('#log').getByText('/file.bin').waitFor();
});

test('http-server: 4 files at once, HEAD, keep-alive and errors', async (scene) => {
  const { port } = await openExample(scene, 'http-server');
  const url = `http://127.0.0.1:${port}`;
  const files = await Promise.all(
    Array.from({ length: 4 }, async () => sha256((await curl(`${url}/file.bin`)).stdout)),
  );
  assert.equal(new Set(files).size, 1);
  assert.match(
    String((await curl('--head', `${url}/file.bin`)).stdout),
    /content-length: 6291456/i,
  );
  const format = ['--write-out', '%{http_code} %{num_connects}\n', '--output', '/dev/null'];
  const { stdout } = await curl(...format, `${url}/`, ...format, `${url}/nothing`);
  assert.equal(String(stdout), '200 1\n404 0\n');
  const posted = await curl('--data', 'x', '--write-out', '%{http_code}', `${url}/`);
  assert.match(String(posted.stdout), /405$/);
});

test('http-server: nc -N gets the whole file', async (scene) => {
  if (!(await hasNetcat())) return;
  const { port } = await openExample(scene, 'http-server');
  const request = 'GET /file.bin HTTP/1.0\r\n\r\n';
  const { stdout } = await run('nc', ['-N', '127.0.0.1', String(port)], request);
  assert.equal(stdout.length - stdout.indexOf('\r\n\r\n') - 4, 6 << 20);
});

test('chat: what one says, all others hear', async (scene) => {
  const { page, port } = await openExample(scene, 'chat');
  const [ann, bob, cid] = [await scene.peer(port), await scene.peer(port), await scene.peer(port)];
  for (const [i, client] of [ann, bob, cid].entries()) {
    await readUntil(client, `* Welcome. You are guest${i + 1}; type /help for what you can do.`);
  }
  await ann.write('/nick ann\r\n/wh');
  await ann.write('o\nhello, everybody\n');
  assert.deepEqual((await readUntil(bob, '<ann> hello, everybody')).slice(-2), [
    '* guest1 is now ann',
    '<ann> hello, everybody',
  ]);
  await readUntil(cid, '<ann> hello, everybody');
  await readUntil(ann, '* ann, guest2, guest3');
  await cid.write('/quit\n');
  assert.match(String(await cid.readAll()), /\* Goodbye\.\r\n$/);
  await readUntil(bob, '* guest3 has left');
  await page.getByLabel('Say as the host').fill('from the page');
  await page.getByRole('button', { name: 'Say' }).click();
  await readUntil(bob, '<host> from the page');
  bob.reset();
  await readUntil(ann, '* guest2 has left');
  assert.equal(await page.locator('#members').innerText(), 'ann');
});

test('proxy: bytes through the page to a server in Node and back', async (scene) => {
  const { page, port } = await openExample(scene, 'proxy');
  const target = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  try {
    const address = /** @type {import('node:net').AddressInfo} */ (target.address());
    await page.getByLabel('Target port').fill(String(address.port));
    await page.getByRole('button', { name: 'Set target' }).click();
    assert.equal(await page.locator('#target').innerText(), `127.0.0.1:${address.port}`);
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        const client = await scene.peer(port);
        const bytes = randomBytes(2 << 20);
        const writing = client.write(bytes);
        assert.equal(sha256(await client.read(bytes.length)), sha256(bytes));
        await writing;
        client.socket.destroy();
      }),
    );
  } finally {
    target.close();
  }
});

test('proxy: through the page to its own echo server', async (scene) => {
  const { page, port } = await openExample(scene, 'proxy');
  const client = await scene.peer(port);
  assert.equal(await client.roundTrip('round and round'), 'round and round');
  const echoPort = await page.locator('#echo-port').innerText();
  const { code, stderr } = await runGoClient('-connections', '20', `127.0.0.1:${echoPort}`);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

test('proxy: a target that refuses ends the connection', async (scene) => {
  const { page, port } = await openExample(scene, 'proxy');
  await page.getByLabel('Target port').fill('1');
  await page.getByRole('button', { name: 'Set target' }).click();
  const client = await scene.peer(port);
  assert.equal((await client.readAll()).length, 0);
  await page.locator('#log').getByText('net::ERR_CONNECTION_REFUSED').waitFor();
});

for (const name of ['', 'http-server/', 'chat/', 'proxy/']) {
  test(`/examples/${name} has a title, a language and one main heading`, async ({ open }) => {
    const page = await open(`${suite.gateway}/examples/${name}`);
    assert.match(await page.title(), /socketgate/);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.equal(await page.locator('h1').count(), 1);
  });
}
