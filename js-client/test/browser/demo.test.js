/** The gateway's own page: a first-time user's HTTP server, with curl, nc and a tab as clients. */

import assert from 'node:assert/strict';
import { startGateway } from '../gateway.js';
import { curl, hasNetcat, run } from './programs.js';
import { createSuite, httpOrigin } from './suite.js';

const suite = createSuite();
const { test } = suite;

/**
 * Opens the page and waits until it listens.
 *
 * @param {import('./suite.js').Scene} scene
 */
async function openDemo({ open }) {
  const page = await open(`${suite.gateway}/`);
  await page.waitForFunction(() => /^\d+$/.test(document.getElementById('port').textContent));
  const port = Number(await page.locator('#port').textContent());
  return { page, port, url: `http://127.0.0.1:${port}` };
}

test('it listens without a click and shows how to try it', async (scene) => {
  const { page, port } = await openDemo(scene);
  assert.match(await page.locator('#status').innerText(), /listening/i);
  assert.match(await page.locator('#curl').innerText(), new RegExp(`^curl .*127.0.0.1:${port}`));
  assert.match(await page.locator('#nc').innerText(), new RegExp(`^nc 127.0.0.1 ${port}$`));
  assert.equal(await page.locator('#open').getAttribute('href'), `http://127.0.0.1:${port}/`);
});

for (const host of ['localhost', '[::1]']) {
  test(`it works at ${host}, too`, async (scene) => {
    const page = await scene.open(`${suite.gateway.replace('127.0.0.1', host)}/`);
    await page.waitForFunction(() => /^\d+$/.test(document.getElementById('port').textContent));
    const port = await page.locator('#port').textContent();
    assert.match(String((await curl(`http://127.0.0.1:${port}/hello`)).stdout), /^Hello/);
  });
}

test('the curl line on the page works as it stands', async (scene) => {
  const { page } = await openDemo(scene);
  const [program, ...args] = (await page.locator('#curl').innerText()).split(' ');
  assert.equal(program, 'curl');
  const { code, stdout } = await curl(...args);
  assert.equal(code, 0);
  assert.match(String(stdout), /^Hello 127\.0\.0\.1/);
});

test('curl gets an answer on each route, and the log shows each request', async (scene) => {
  const { page, url } = await openDemo(scene);
  assert.match(String((await curl(`${url}/`)).stdout), /<html/);
  assert.match(String((await curl(`${url}/hello`)).stdout), /^Hello 127\.0\.0\.1/);
  assert.ok(JSON.parse(String((await curl(`${url}/time`)).stdout)).milliseconds > 0);
  const body = 'x'.repeat(100_000);
  assert.equal(String((await curl('--data', body, `${url}/echo`)).stdout), body);
  const { stdout: bytes } = await curl(`${url}/bytes/3000000`);
  assert.equal(bytes.length, 3_000_000);
  assert.ok(bytes.every((byte, i) => byte === i % 251));
  const missing = await curl('--write-out', '%{http_code}', '--output', '-', `${url}/missing`);
  assert.match(String(missing.stdout), /404$/);

  const log = page.locator('#log');
  for (const target of ['/hello', '/time', '/echo', '/bytes/3000000', '/missing']) {
    await log.getByText(target).first().waitFor();
  }
  assert.match(await log.innerText(), /127\.0\.0\.1:\d+\s+connected/);
});

test('curl keeps one connection for several requests', async (scene) => {
  const { url } = await openDemo(scene);
  const { stdout } = await curl(`${url}/hello`, `${url}/hello`, `${url}/hello`);
  assert.match(String(stdout), /request 1 .*\n.*request 2 .*\n.*request 3 /);
});

test('nc gets an answer, also when it ends its direction first', async (scene) => {
  if (!(await hasNetcat())) return;
  const { port } = await openDemo(scene);
  const request = 'GET /hello HTTP/1.0\r\n\r\n';
  const { stdout } = await run('nc', ['-N', '127.0.0.1', String(port)], request);
  assert.match(String(stdout), /^HTTP\/1\.[01] 200 OK\r\n[^]*\r\n\r\nHello 127\.0\.0\.1/);
});

test('another tab gets the page that this page serves', async (scene) => {
  const { url } = await openDemo(scene);
  const visitor = await scene.open(`${url}/`);
  assert.ok(await visitor.title());
  assert.match(await visitor.locator('body').innerText(), /\S/);
});

test('what clients send is shown as text, never as markup', async (scene) => {
  const { page, url } = await openDemo(scene);
  await curl('--path-as-is', '--globoff', `${url}/<img/src=x/onerror=alert(1)>`);
  await page.locator('#log').getByText('onerror').first().waitFor();
  assert.equal(await page.locator('#log img').count(), 0);
});

test('it says so when the gateway stops, and serves again when that is back', async (scene) => {
  scene.gatewayGoes();
  const first = await startGateway();
  const page = await scene.open(httpOrigin(first.url));
  await page.waitForFunction(() => /^\d+$/.test(document.getElementById('port').textContent));
  await first.stop();
  await page.locator('#trouble').waitFor({ state: 'visible' });
  assert.match(await page.locator('#status').innerText(), /waiting/i);
  const second = await startGateway(['--port', new URL(first.url).port]);
  try {
    await page.locator('#trouble').waitFor({ state: 'hidden' });
    const port = Number(await page.locator('#port').innerText());
    const peer = await scene.peer(port);
    peer.socket.write('GET /hello HTTP/1.0\r\n\r\n');
    assert.match((await peer.readAll()).toString(), /^HTTP\/1\.1 200/);
  } finally {
    await second.stop();
  }
});

test('it has a title, a language, one main heading, and names for all controls', async (scene) => {
  const { page } = await openDemo(scene);
  assert.match(await page.title(), /socketgate/);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.equal(await page.locator('h1').count(), 1);
  assert.equal(await page.locator('main').count(), 1);
  const nameless = await page.evaluate(() => {
    const controls = [...document.querySelectorAll('a, button, input, [role=log]')];
    return controls
      .filter(
        (element) => !(element.textContent.trim() || element.ariaLabel || element.labels?.length),
      )
      .map((element) => element.outerHTML);
  });
  assert.deepEqual(nameless, []);
  const images = await page.locator('img:not([alt])').count();
  assert.equal(images, 0, 'images have a text');
});

for (const width of [320, 390, 1280]) {
  test(`nothing is wider than a window of ${width} pixels`, async (scene) => {
    const { page } = await openDemo(scene);
    await page.setViewportSize({ width, height: 800 });
    const scroll = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(scroll <= width, `the page is ${scroll} pixels wide`);
  });
}
