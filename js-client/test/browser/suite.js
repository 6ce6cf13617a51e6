/**
 * What the tests of one file share: a gateway, a site and a browser; and for each test its own
 * browser profile, pages and TCP clients. An error on the console of a page that the test has not
 * taken fails the test.
 */

import assert from 'node:assert/strict';
import { after, before, test as nodeTest } from 'node:test';
import { startGateway } from '../gateway.js';
import { startBrowser } from './browser.js';
import { Peer } from './peer.js';
import { Site } from './site.js';

/** @import { Browser, BrowserContext, Page } from 'playwright-core' */

/** A test that has not ended by then hangs. */
const HANG_MS = 60_000;

/** The things of one test. `open`, `peer` and `takeErrors` can be detached. */
export class Scene {
  /** @type {BrowserContext[]} */
  #contexts = [];
  /** @type {Peer[]} */
  #peers = [];
  /** What pages have complained about. @type {string[]} */
  #errors = [];
  /** Errors that are part of the test. @type {RegExp | undefined} */
  #tolerated;
  #suite;

  /** @param {Suite} suite */
  constructor(suite) {
    this.#suite = suite;
  }

  /**
   * Opens a page in a browser profile of its own, and so in a process of its own.
   *
   * @param {string} [path] Of the site, or an absolute URL.
   * @param {object} [options]
   * @param {import('playwright-core').BrowserContextOptions} [options.context]
   * @returns {Promise<Page>}
   */
  open = async (path = '/', { context: contextOptions } = {}) => {
    const context = await this.#suite.browser.newContext(contextOptions);
    this.#contexts.push(context);
    context.setDefaultTimeout(HANG_MS);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(message.text());
    });
    page.on('pageerror', (error) => this.#errors.push(`uncaught: ${error.message}`));
    await page.goto(new URL(path, this.#suite.site.origin).href);
    return page;
  };

  /**
   * @param {number} port
   * @param {string} [host]
   * @returns {Promise<Peer>} A connection that ends with the test.
   */
  peer = async (port, host) => {
    const peer = await Peer.connect(port, host);
    this.#peers.push(peer);
    return peer;
  };

  /**
   * Waits for errors on the consoles of pages, and takes them off the account.
   *
   * @param {number} count
   * @returns {Promise<string[]>}
   */
  takeErrors = async (count) => {
    while (this.#errors.length < count) await new Promise(setImmediate);
    return this.#errors.splice(0);
  };

  /** The gateway goes away, or connections to it break: the browser logs each attempt that fails. */
  gatewayGoes = () => {
    this.#tolerated =
      /^(WebSocket connection to .* failed|Access to fetch at .*\/v1\/hello|Failed to load resource)/;
  };

  /** Fails if a page has complained. */
  check() {
    const errors = this.#errors.filter((text) => !this.#tolerated?.test(text));
    assert.deepEqual(errors, [], 'no errors on the console of any page');
  }

  async close() {
    for (const { socket } of this.#peers) socket.destroy();
    await Promise.all(this.#contexts.map((context) => context.close()));
  }
}

/**
 * @typedef {object} Suite
 * @property {Browser} browser
 * @property {Site} site
 * @property {string} gateway The gateway's `http:` origin.
 * @property {string} console The address of its console, with the key.
 * @property {(name: string, body: (scene: Scene) => Promise<void>) => void} test
 */

/**
 * A site that the browser takes to be somewhere else than on this computer.
 *
 * @typedef {object} Elsewhere
 * @property {Site} site Its name ends in `.test`.
 * @property {'public' | 'local'} space The internet, or this computer's network.
 */

/**
 * To be called once in a file. Everything but `test` is there when a test runs.
 *
 * @param {object} [options]
 * @param {string[]} [options.flags] More flags for the gateway.
 * @param {Elsewhere[]} [options.elsewhere] More sites.
 * @returns {Suite}
 */
export function createSuite({ flags = [], elsewhere = [] } = {}) {
  const suite = /** @type {Suite} */ ({ site: new Site() });
  /** @type {Awaited<ReturnType<typeof startGateway>>} */
  let gateway;
  const sites = elsewhere.map(({ site }) => site);

  before(async () => {
    gateway = await startGateway(flags);
    suite.gateway = httpOrigin(gateway.url);
    suite.console = gateway.console;
    await Promise.all([suite.site, ...sites].map((site) => site.start(suite.gateway)));
    suite.browser = await startBrowser(placesOf(elsewhere));
  });

  after(async () => {
    await suite.browser?.close();
    await Promise.all([suite.site, ...sites].map((site) => site.stop()));
    await gateway?.stop();
  });

  suite.test = (name, body) => {
    nodeTest(name, { timeout: HANG_MS }, async () => {
      const scene = new Scene(suite);
      try {
        await body(scene);
        scene.check();
      } finally {
        await scene.close();
      }
    });
  };
  return suite;
}

/**
 * @param {Elsewhere[]} elsewhere
 * @returns {string[]} Flags by which the browser finds these sites, where it is to take them to be.
 */
function placesOf(elsewhere) {
  if (elsewhere.length === 0) return [];
  const spaces = elsewhere.map(({ site, space }) => `127.0.0.1:${site.port}=${space}`);
  return [
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    '--ignore-certificate-errors',
    `--ip-address-space-overrides=${spaces.join()}`,
  ];
}

/**
 * @param {string} url Of the gateway's WebSocket.
 * @returns {string}
 */
export function httpOrigin(url) {
  return `http://${new URL(url).host}`;
}
