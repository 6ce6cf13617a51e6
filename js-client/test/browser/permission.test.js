/**
 * A page of the internet asks to be let in; the user decides on the console. Everything here is real: the
 * page, the browser's own permission, the gateway and its console.
 */

import assert from 'node:assert/strict';
import { answer, waitForReason } from './lna.js';
import { Peer } from './peer.js';
import { Site } from './site.js';
import { createSuite } from './suite.js';

/** @import { Page } from 'playwright-core' */
/** @import { Scene } from './suite.js' */

const internet = new Site({ name: 'app.test', scheme: 'https' });
/** A page that is denied three times may not ask for a day: this one is denied for the others. */
const unwanted = new Site({ name: 'unwanted.test', scheme: 'https' });
const suite = createSuite({
  elsewhere: [
    { site: internet, space: 'public' },
    { site: unwanted, space: 'public' },
  ],
});
const { test } = suite;

const SOCKETS = { tcpServer: { listen: '127.0.0.1:*' } };

for (const site of [internet, unwanted]) {
  site.add('/page', {
    body: `
      <script src="/socketgate.js" data-gateway="GATEWAY"
        data-name="Chat host" data-sockets='${JSON.stringify(SOCKETS)}'></script>
      <script src="/kit.js"></script>
      <h1>Test</h1>`,
  });
}

/**
 * A page that the browser lets through to this computer.
 *
 * @param {Scene} scene
 * @param {Site} site
 * @returns {Promise<Page>}
 */
async function openPage({ open }, site) {
  const page = await open('about:blank');
  await answer(suite.browser, page, 'granted');
  await page.goto(`${site.origin}/page`);
  return page;
}

/**
 * A page that has asked, on a click.
 *
 * @param {Scene} scene
 * @param {Site} [site]
 */
async function openAndAsk(scene, site = internet) {
  const page = await openPage(scene, site);
  await waitForReason(page, 'permission-needed');
  await page.getByText('Test').click();
  await waitForReason(page, 'permission-pending');
  const { code, url } = await page.evaluate(() => ({
    code: socketgate.client.code,
    url: socketgate.client.url,
  }));
  return { page, code, url };
}

/**
 * The console, on which the user decides about the page.
 *
 * @param {Scene} scene
 * @param {string} button
 */
async function decide({ open }, button) {
  const console = await open(suite.console);
  await console.getByRole('button', { name: button, exact: true }).first().click();
  return console;
}

/** @param {Page} page */
const open = (page) => page.waitForFunction(() => socketgate.client.state === 'open');

/** Leaves the gateway as it was before the test. @param {Page} console */
async function revoke(console) {
  await console.getByRole('button', { name: `Revoke ${internet.origin}` }).click();
  await console.getByText(`Revoked ${internet.origin}`).waitFor();
}

test('asked, approved, and the page serves, now and when it is loaded again', async (scene) => {
  const { page, code } = await openAndAsk(scene);
  await page.evaluate(() => {
    globalThis.listening = kit.echo(); // Before the user has decided.
    void listening;
  });
  const console = await scene.open(suite.console);
  const request = console.locator('.request');
  await request.waitFor();
  assert.equal(await request.locator('.origin').textContent(), internet.origin);
  assert.equal(await request.locator('.code').textContent(), `Code ${code}`);
  assert.equal(await request.locator('.name').textContent(), 'It calls itself “Chat host”.');
  assert.deepEqual(await request.locator('.permissions li > :first-child').allTextContents(), [
    'Accept connections on this computer, any port',
  ]);
  await console.getByRole('button', { name: 'Approve' }).click();
  await open(page);
  const { port } = await page.evaluate(() => listening);
  assert.equal(await (await scene.peer(port)).roundTrip(), 'ping');
  await console.getByText('1 open').waitFor();

  await page.reload();
  await open(page);
  const again = await page.evaluate(() => kit.echo());
  assert.equal(await (await scene.peer(again.port)).roundTrip(), 'ping');
  await revoke(console);
});

test('the address that the page is given leads to its request', async (scene) => {
  const { page, code, url } = await openAndAsk(scene);
  const console = await scene.open(suite.console);
  await console.getByText(code).waitFor();
  await console.goto(url);
  await console.locator('.wanted').waitFor();
  assert.equal(await console.locator('.wanted .code').textContent(), `Code ${code}`);
  await console.getByRole('button', { name: 'Deny', exact: true }).click();
  await waitForReason(page, 'permission-denied');
});

test('a page may do what it has asked for, and nothing else', async (scene) => {
  const { page } = await openAndAsk(scene);
  const console = await decide(scene, 'Approve');
  await open(page);
  const outcomes = await page.evaluate(async () => {
    const { tcp, tcpServer } = chrome.sockets;
    const server = await tcpServer.create({});
    const stream = await tcp.create({});
    return [
      await kit.call(tcpServer.listen, server.socketId, '127.0.0.1', 0),
      await kit.call(tcpServer.listen, server.socketId, '0.0.0.0', 0),
      await kit.call(tcp.connect, stream.socketId, '127.0.0.1', 80),
    ];
  });
  const denied = { args: [], error: 'Does not have permission' };
  assert.deepEqual(outcomes, [{ args: [0], error: undefined }, denied, denied]);
  await revoke(console);
});

test('revoked while it serves: everything is closed, and the page asks anew', async (scene) => {
  const { page } = await openAndAsk(scene);
  const console = await decide(scene, 'Approve');
  await open(page);
  const { port } = await page.evaluate(() => kit.echo());
  const peer = await scene.peer(port);
  await peer.roundTrip();
  await revoke(console);
  await waitForReason(page, 'revoked');
  assert.equal(await page.evaluate(() => socketgate.client.state), 'closed');
  await peer.readAll().catch(() => {}); // However the connection ends.
  await assert.rejects(Peer.connect(port), { code: 'ECONNREFUSED' });
  await page.reload();
  await waitForReason(page, 'permission-needed');
});

test('a page that leaves withdraws its request', async (scene) => {
  const { page, code } = await openAndAsk(scene);
  const console = await scene.open(suite.console);
  await console.getByText(code).waitFor();
  await page.close();
  await console.getByText('No page is asking').waitFor();
});

test('a page that is blocked is refused, and may ask again when it is not', async (scene) => {
  const { page } = await openAndAsk(scene, unwanted);
  const console = await decide(scene, 'Deny and block');
  await waitForReason(page, 'permission-denied');
  await page.reload();
  await waitForReason(page, 'origin-refused');
  await console.getByRole('button', { name: `Unblock ${unwanted.origin}` }).click();
  await waitForReason(page, 'permission-needed');
  await page.close();
  await scene.takeErrors(1);
});

test('denied, and asked again when the program wants it', async (scene) => {
  const { page } = await openAndAsk(scene, unwanted);
  await decide(scene, 'Deny');
  await waitForReason(page, 'permission-denied');
  await page.getByText('Test').click();
  assert.equal(await page.evaluate(() => socketgate.client.reason), 'permission-denied');
  await page.evaluate(() => socketgate.client.requestPermission());
  await waitForReason(page, 'permission-pending');
  await decide(scene, 'Approve');
  await open(page);
});
