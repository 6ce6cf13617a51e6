/**
 * What keeps a page from its gateway, and what its client says about it. The browser takes the sites of
 * this file to be on the internet or in the network, and does what it does to such pages.
 */

import assert from 'node:assert/strict';
import { startGateway } from '../gateway.js';
import { answer, waitForReason } from './lna.js';
import { Site } from './site.js';
import { createSuite, httpOrigin } from './suite.js';

const internet = new Site({ name: 'app.test', scheme: 'https' });
const insecure = new Site({ name: 'app.test' });
const frames = new Site({ name: 'frames.test', scheme: 'https' });
const network = new Site({ name: 'lan.test' });
const suite = createSuite({
  elsewhere: [
    { site: internet, space: 'public' },
    { site: insecure, space: 'public' },
    { site: frames, space: 'public' },
    { site: network, space: 'local' },
  ],
});
const { test } = suite;

/** A gateway that does not run: nothing listens on this port, which browsers do not block. */
const NOBODY = 'http://127.0.0.1:2';

/** A page with a client of its own, which writes down what it is told. */
const body = (gateway = 'GATEWAY') => `
  <script src="/socketgate.js" data-gateway="${gateway}"></script>
  <script>
    globalThis.told = [];
    const note = ({ state, reason }) => told.push(reason ? state + ' ' + reason : state);
    socketgate.client.onStateChange.addListener(note);
  </script>
  <h1>Test</h1>`;

for (const site of [suite.site, internet, insecure, frames, network]) {
  site.add('/page', { body: body() });
  site.add('/nobody', { body: body(NOBODY) });
  site.add('/policy', { body: body(), policy: "connect-src 'self'" });
  site.add('/websocket-only', {
    body: body(NOBODY),
    policy: `connect-src ${NOBODY.replace('http', 'ws')}`,
  });
  site.add('/both', {
    body: body(NOBODY),
    policy: `connect-src ${NOBODY.replace('http', 'ws')} ${NOBODY}`,
  });
  site.add('/forbidden', { body: body(), permissions: 'loopback-network=()' });
}

/**
 * @param {import('playwright-core').Page | import('playwright-core').Frame} page
 * @param {string} reason
 */
async function explains(page, reason) {
  const { message, help } = await waitForReason(page, reason);
  assert.ok(message && help, 'it says so in words, and what to do');
}

/**
 * @param {import('./suite.js').Scene} scene
 * @param {Site} site
 * @param {string} path
 * @param {'granted' | 'denied' | 'prompt'} [setting]
 */
async function open({ open }, site, path, setting) {
  const page = await open('about:blank');
  if (setting) await answer(suite.browser, page, setting);
  await page.goto(site.origin + path);
  return page;
}

/** @param {import('playwright-core').Page} page */
const stateOf = (page) =>
  page.evaluate(() => {
    const { state, retryAt } = socketgate.client;
    return { state, retries: retryAt !== undefined };
  });

/** What a client does behind each reason. */
const RETRIES = { state: 'waiting', retries: true };
const WAITS = { state: 'waiting', retries: false };
const GIVES_UP = { state: 'closed', retries: false };

for (const { name, site, path, setting, reason, then, silent } of /** @type {const} */ ([
  {
    name: 'nobody answers a page of this computer',
    site: suite.site,
    path: '/nobody',
    reason: 'not-running',
    then: RETRIES,
  },
  {
    name: 'nobody answers a page that the browser lets through',
    site: internet,
    path: '/nobody',
    setting: 'granted',
    reason: 'not-running',
    then: RETRIES,
  },
  {
    name: 'the browser would have to ask, and nobody has clicked',
    site: internet,
    path: '/page',
    reason: 'lna-prompt',
    then: WAITS,
    silent: true,
  },
  {
    name: 'the user has told the browser no',
    site: internet,
    path: '/page',
    setting: 'denied',
    reason: 'lna-denied',
    then: WAITS,
  },
  {
    name: 'a page of the internet over http',
    site: insecure,
    path: '/page',
    reason: 'insecure-context',
    then: GIVES_UP,
  },
  {
    name: 'a header keeps the page from this computer',
    site: internet,
    path: '/forbidden',
    reason: 'iframe-policy',
    then: GIVES_UP,
  },
  {
    name: 'a policy forbids the connection',
    site: suite.site,
    path: '/policy',
    reason: 'csp',
    then: GIVES_UP,
  },
  {
    name: 'a policy forbids the connection of a page of the internet',
    site: internet,
    path: '/policy',
    setting: 'granted',
    reason: 'csp',
    then: GIVES_UP,
  },
  {
    name: 'a policy lets nothing but the WebSocket through',
    site: suite.site,
    path: '/websocket-only',
    reason: 'unreachable',
    then: RETRIES,
  },
  {
    name: 'a policy lets the question through whether the gateway runs',
    site: suite.site,
    path: '/both',
    reason: 'not-running',
    then: RETRIES,
  },
  {
    name: 'a gateway whose name only happens to mean this computer',
    site: internet,
    path: '/by-name',
    setting: 'granted',
    reason: 'mixed-content',
    then: GIVES_UP,
  },
])) {
  test(`${reason}: ${name}`, async (scene) => {
    site.add('/by-name', { body: body(suite.gateway.replace('127.0.0.1', 'gate.test')) });
    const page = await open(scene, site, path, setting);
    await explains(page, reason);
    assert.deepEqual(await stateOf(page), then);
    await page.close();
    if (!silent) await scene.takeErrors(1);
  });
}

test('a click lets the browser ask, and no answer is no reason to ask again', async (scene) => {
  const page = await open(scene, internet, '/page', 'prompt');
  await explains(page, 'lna-prompt');
  assert.deepEqual(await page.evaluate(() => told.slice(-1)), ['waiting lna-prompt']);
  await page.getByText('Test').click();
  // Headless, the browser takes the question for denied.
  await page.waitForFunction(
    () => told.includes('connecting') && /lna/.test(told[told.length - 1]),
  );
  assert.deepEqual(await stateOf(page), WAITS);
  await page.evaluate(() => (told.length = 0));
  await page.getByText('Test').click();
  assert.deepEqual(await page.evaluate(() => told), []);
  await page.close();
  await scene.takeErrors(1);
});

for (const setting of /** @type {const} */ (['prompt', 'denied'])) {
  test(`a page that waits because of "${setting}" tries once when it is allowed`, async (scene) => {
    const page = await open(scene, internet, '/page', setting);
    await explains(page, setting === 'prompt' ? 'lna-prompt' : 'lna-denied');
    await answer(suite.browser, page, 'granted');
    await explains(page, 'permission-needed'); // Which only the gateway can say.
    await page.close();
    if (setting === 'denied') await scene.takeErrors(1);
  });
}

for (const { allow, reason } of [
  { allow: '', reason: 'iframe-policy' },
  { allow: 'allow="camera"', reason: 'iframe-policy' },
  { allow: 'allow="loopback-network"', reason: 'lna-prompt' },
]) {
  test(`${reason}: a page in a frame with ${allow || 'nothing'}`, async (scene) => {
    frames.add('/frame', { body: `<iframe src="${internet.origin}/page" ${allow}></iframe>` });
    const page = await open(scene, frames, '/frame');
    const frame = page.frameLocator('iframe').owner().contentFrame();
    await frame.getByText('Test').waitFor();
    await explains(page.frames()[1], reason);
    await page.close();
    if (reason === 'iframe-policy') await scene.takeErrors(1);
  });
}

test('permission-needed: the browser lets pages of the network through', async (scene) => {
  const page = await open(scene, network, '/page');
  await explains(page, 'permission-needed');
  assert.deepEqual(await stateOf(page), WAITS);
});

test('origin-refused: a page in a sandbox has no origin to permit', async (scene) => {
  const frame = `<iframe src="/page" sandbox="allow-scripts"></iframe>`;
  suite.site.add('/sandbox', { body: frame });
  const page = await open(scene, suite.site, '/sandbox');
  const sandbox = page.frames()[1];
  await sandbox.waitForFunction(() => globalThis.socketgate?.client.reason === 'origin-refused');
  await page.close();
  await scene.takeErrors(1);
});

test('calls of a page that can never connect fail, and say why', async (scene) => {
  const page = await open(scene, suite.site, '/policy');
  await explains(page, 'csp');
  const { error } = await page.evaluate(
    () =>
      new Promise((resolve) => {
        chrome.sockets.tcpServer.create({}, () =>
          resolve({ error: chrome.runtime.lastError.message }),
        );
      }),
  );
  assert.match(error, /Content-Security-Policy/);
  await page.close();
  await scene.takeErrors(1);
});

test('a page that is there before its gateway is let in when it comes', async (scene) => {
  const earlier = await startGateway();
  const gateway = httpOrigin(earlier.url);
  await earlier.stop();
  suite.site.add('/early', { body: body(gateway) });
  const early = await open(scene, suite.site, '/early');
  await explains(early, 'not-running');
  const later = await startGateway(['--port', new URL(gateway).port]);
  try {
    await early.waitForFunction(() => socketgate.client.state === 'open');
    assert.equal(await early.evaluate(() => socketgate.client.reason), undefined);
    await early.close();
    await scene.takeErrors(1);
  } finally {
    await later.stop();
  }
});
