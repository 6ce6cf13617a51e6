/**
 * Takes pictures of the gateway's pages, for people to look at: desktop and phone, light and dark.
 *
 *     node test/browser/screenshots.js FOLDER
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startGateway } from '../gateway.js';
import { startBrowser } from './browser.js';
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

const folder = process.argv[2];
if (!folder) {
  console.error('usage: node test/browser/screenshots.js FOLDER');
  process.exit(2);
}
await mkdir(folder, { recursive: true });

const [gateway, browser] = await Promise.all([startGateway(), startBrowser()]);
try {
  for (const [device, size] of Object.entries(SIZES)) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const context = await browser.newContext({ ...size, colorScheme });
      for (const [name, path] of Object.entries(PAGES)) {
        const page = await context.newPage();
        await page.goto(httpOrigin(gateway.url) + path);
        if (await page.locator('#port').count()) await makeTraffic(page, name);
        const file = join(folder, `${name}-${device}-${colorScheme}.png`);
        await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
        console.log(file);
        await page.close();
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await gateway.stop();
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
