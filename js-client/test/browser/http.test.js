/** A page that is an HTTP server, with curl and a browser tab as its clients. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from './peer.js';
import { curl } from './programs.js';
import { createSuite } from './suite.js';

const { test } = createSuite();

/**
 * Starts a server in the page: it answers GET /PATH with the path, GET /big with random bytes, POST
 * with the SHA-256 of the body. It closes each connection in the callback of the last send.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<number>} Its port.
 */
function serveHttp(page) {
  return page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const ignore = () => void chrome.runtime.lastError;
    globalThis.big = kit.randomBytes(32 << 20);
    globalThis.requests = [];

    const answer = (id, body, close = true) => {
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.byteLength}\r\n\r\n`;
      tcp.send(id, kit.utf8(head), ignore);
      tcp.send(id, body, () => {
        if (close) tcp.close(id, ignore);
      });
    };
    const { port } = await kit.listenFor(async (id) => {
      tcp.update(id, { bufferSize: 65536 }, ignore);
      const stream = kit.receive(id);
      tcp.setPaused(id, false, ignore);
      let head;
      for (let length = 1; !head; length = stream.length + 1) {
        await stream.reaches(length);
        head = /^([A-Z]+) (\S+)[^]*?\r\n\r\n/.exec(stream.text());
      }
      requests.push(`${head[1]} ${head[2]}`);
      if (head[1] === 'GET') return answer(id, head[2] === '/big' ? big : kit.utf8(head[2]));
      const length = Number(/content-length: (\d+)/i.exec(head[0])[1]);
      await stream.reaches(head[0].length + length);
      answer(id, kit.utf8(await kit.sha256(stream.bytes().subarray(head[0].length))));
    });
    return port;
  });
}

test('curl gets an answer from the page', async ({ open }) => {
  const page = await open();
  const port = await serveHttp(page);
  const { code, stdout, stderr } = await curl('--include', `http://127.0.0.1:${port}/hello`);
  assert.equal(String(stdout), 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n/hello');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.deepEqual(await page.evaluate(() => requests), ['GET /hello']);
});

test('curl reaches a page that listens on IPv6', async ({ open }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const answer = 'HTTP/1.0 200 OK\r\n\r\nsix';
    const server = await kit.listenFor((id) => tcp.setPaused(id, false), '::1');
    tcp.onReceive.addListener(({ socketId }) => {
      tcp.send(socketId, kit.utf8(answer), () => tcp.close(socketId));
    });
    return server.port;
  });
  assert.equal(String((await curl(`http://[::1]:${port}/`)).stdout), 'six');
});

test('32 MB to curl and 32 MB from curl arrive unchanged', async ({ open }) => {
  const page = await open();
  const port = await serveHttp(page);
  const folder = await mkdtemp(join(tmpdir(), 'socketgate-http-'));
  try {
    const [upload, download] = [join(folder, 'upload'), join(folder, 'download')];
    const body = randomBytes(32 << 20);
    await writeFile(upload, body);
    const url = `http://127.0.0.1:${port}`;
    const [posted, got] = await Promise.all([
      curl('--data-binary', `@${upload}`, '-H', 'Expect:', `${url}/`),
      curl('--output', download, `${url}/big`),
    ]);
    assert.deepEqual([posted.code, got.code], [0, 0], posted.stderr + got.stderr);
    assert.equal(String(posted.stdout), sha256(body));
    assert.equal(sha256(await readFile(download)), await page.evaluate(() => kit.sha256(big)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('one curl with 40 transfers at once gets 40 answers', async ({ open }) => {
  const page = await open();
  const port = await serveHttp(page);
  const url = `http://127.0.0.1:${port}/[1-40]`;
  const { code, stdout } = await curl('--parallel', '--parallel-max', '40', url);
  const answers = String(stdout).match(/\/\d+/g) ?? [];
  const expected = Array.from({ length: 40 }, (_, i) => `/${i + 1}`);
  assert.equal(code, 0);
  assert.deepEqual(answers.sort(), expected.sort());
});

test('another tab shows what the page serves', async ({ open }) => {
  const server = await open();
  const port = await serveHttp(server);
  const visitor = await open(`http://127.0.0.1:${port}/from-a-tab`);
  assert.equal(await visitor.locator('body').innerText(), '/from-a-tab');
});
