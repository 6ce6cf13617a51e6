/**
 * Takes pictures of the gateway's pages and its console, for people to look at: desktop and phone, light
 * and dark.
 *
 *     node test/browser/screenshots.js FOLDER
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startGateway } from '../gateway.js';
import { startBrowser } from './browser.js';
import { FakeConsole, GRANTS, KEY, REQUEST } from './fake-console.js';
import { curl } from './programs.js';
import { httpOrigin } from './suite.js';

const SIZES = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true },
};

const PAGES = {
  demo: '/',
  examples: '/examples/',
  'http-server': '/examples/http-server/',
  chat: '/examples/chat/',
  proxy: '/examples/proxy/',
};

const STRANGER = {
  code: 'ZB4H-9WPA',
  origin: 'http://accounts.xn--80ak6aa92e.login.example.net',
  name: 'Your account, please approve to continue to the next step',
  permissions: [{ text: 'Connect to programs on this computer, port 22', risk: 'loopback' }],
  seconds: 45,
};

const CONSOLES = {
  'console-locked': { key: 'wrong', show: {} },
  'console-empty': { key: KEY, show: { requests: [], grants: [] } },
  console: {
    key: KEY,
    show: { requests: [REQUEST, STRANGER], grants: GRANTS, blocked: ['https://ads.example.net'] },
  },
};

const folder = process.argv[2];
if (!folder) {
  console.error('usage: node test/browser/screenshots.js FOLDER');
  process.exit(2);
}
await mkdir(folder, { recursive: true });

const [gateway, browser] = await Promise.all([startGateway(), startBrowser()]);
const fake = new FakeConsole();
await fake.start();
try {
  for (const [device, size] of Object.entries(SIZES)) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const context = await browser.newContext({ ...size, colorScheme });
      for (const [name, path] of Object.entries(PAGES)) {
        const page = await context.newPage();
        await page.goto(httpOrigin(gateway.url) + path);
        if (await page.locator('#port').count()) await makeTraffic(page, name);
        await picture(page, `${name}-${device}-${colorScheme}`);
      }
      for (const [name, { key, show }] of Object.entries(CONSOLES)) {
        fake.show(show);
        const page = await context.newPage();
        await page.goto(`${fake.origin}/#key=${key}&request=${REQUEST.code}`);
        await page
          .locator('.request button:enabled, .locked:visible, .empty:visible')
          .first()
          .waitFor();
        await picture(page, `${name}-${device}-${colorScheme}`);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await fake.stop();
  await gateway.stop();
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
async function picture(page, name) {
  const file = join(folder, `${name}.png`);
  await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
  console.log(file);
  await page.close();
}

/**
 * Something to see in the log.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
async function makeTraffic(page, name) {
  await page.waitForFunction(() =>
    /^\d+$/.test(document.getElementById('port')?.textContent ?? ''),
  );
  if (name !== 'demo' && name !== 'http-server') return;
  const url = `http://127.0.0.1:${await page.locator('#port').textContent()}`;
  await curl(`${url}/`);
  await curl(`${url}/hello`, `${url}/bytes/1000000`);
  await curl(`${url}/missing`);
  await page.locator('#log').getByText('/missing').first().waitFor();
}
