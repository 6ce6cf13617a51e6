/** Finds and starts headless Chromium. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A browser with a fresh profile; each context of it has its own.
 *
 * @param {string[]} [flags] More flags for it.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function startBrowser(flags = []) {
  const args = [...FLAGS, ...flags];
  return chromium.launch({ executablePath: findBrowser(), headless: true, args });
}

/** @returns {string} `CHROMIUM`, or the first browser in the path. */
export function findBrowser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  throw new Error(`No browser: install Chromium, or set CHROMIUM. Looked for ${NAMES.join(', ')}`);
}
