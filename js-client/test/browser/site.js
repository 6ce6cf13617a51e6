/**
 * A small web server for the test pages: an ordinary site of another origin than the gateway's, whose
 * pages load the client from the gateway.
 */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { makeCertificate } from '../certificate.js';

const FILES = /** @type {Record<string, string>} */ ({
  '/kit.js': './pages/kit.js',
  '/worker.js': './pages/worker.js',
  '/random.js': '../random.js',
  '/cuts.js': './pages/cuts.js',
  '/sequence.js': '../cuts/sequence.js',
  '/socketgate.js': '../../socketgate.js',
});

/**
 * @typedef {object} Page
 * @property {string} body HTML; `GATEWAY` stands for the gateway's `http:` origin.
 * @property {string} [policy] Its Content-Security-Policy; `GATEWAY` as above.
 * @property {string} [permissions] Its Permissions-Policy.
 */

/** The page of most tests. */
const ORDINARY =
  '<script src="GATEWAY/socketgate.js"></script><script src="/kit.js"></script><h1>Test</h1>';

export class Site {
  /** @type {Map<string, Page>} */
  #pages = new Map([['/', { body: ORDINARY }]]);
  #gateway = '';
  /** Answers that wait for `release`. @type {(() => void)[]} */
  #held = [];
  #name;
  #scheme;
  #server;

  /**
   * @param {object} [options]
   * @param {string} [options.name] Its host, which the browser must know as 127.0.0.1.
   * @param {'http' | 'https'} [options.scheme]
   */
  constructor({ name = '127.0.0.1', scheme = 'http' } = {}) {
    this.#name = name;
    this.#scheme = scheme;
    /** @type {import('node:http').RequestListener} */
    const listener = (request, response) => void this.#answer(request, response);
    this.#server =
      scheme === 'https'
        ? createTlsServer(makeCertificate(name), listener)
        : createServer(listener);
  }

  /** @param {string} gateway Its `http:` origin. */
  async start(gateway) {
    this.#gateway = gateway;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port() {
    return /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
  }

  /** @returns {string} */
  get origin() {
    return `${this.#scheme}://${this.#name}:${this.port}`;
  }

  /**
   * Adds a page.
   *
   * @param {string} path
   * @param {Page} page
   */
  add(path, page) {
    this.#pages.set(path, page);
  }

  /** Whether somebody waits for /held. */
  get holds() {
    return this.#held.length > 0;
  }

  /** Answers those who wait for /held. */
  release() {
    for (const answer of this.#held.splice(0)) answer();
  }

  async stop() {
    this.release();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    const page = this.#pages.get(pathname);
    if (page) {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      if (page.policy) response.setHeader('Content-Security-Policy', this.#fill(page.policy));
      if (page.permissions) response.setHeader('Permissions-Policy', page.permissions);
      const head =
        '<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,">';
      response.end(head + this.#fill(page.body));
    } else if (FILES[pathname]) {
      response.setHeader('Content-Type', 'text/javascript');
      const text = await readFile(new URL(FILES[pathname], import.meta.url), 'utf8');
      response.end(pathname === '/worker.js' ? this.#fill(text) : text);
    } else if (pathname === '/held') {
      this.#held.push(() => response.end());
    } else {
      response.writeHead(404).end();
    }
  }

  /** @param {string} text */
  #fill(text) {
    return text.replaceAll('GATEWAY', this.#gateway);
  }
}
