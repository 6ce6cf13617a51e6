/**
 * The console's page as the gateway serves it, over an API that shows what a test wants and writes down
 * what the user decides.
 */

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { text } from 'node:stream/consumers';

const FOLDER = new URL('../../../web/console/', import.meta.url);

const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
});

/** As the gateway's console has them. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

export const KEY = 'the-key-of-the-console';

export class FakeConsole {
  /** @type {{ version: number, requests: any[], grants: any[], blocked: string[] }} */
  #state = { version: 1, requests: [], grants: [], blocked: [] };
  /** Requests that wait for news. @type {import('node:http').ServerResponse[]} */
  #waiting = [];
  /** What the user has decided: path and body. @type {[string, any][]} */
  decisions = [];
  #server = createServer((request, response) => void this.#answer(request, response));

  /** @returns {Promise<string>} Its origin. */
  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.origin;
  }

  get origin() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}`;
  }

  /** @param {{ requests?: any[], grants?: any[], blocked?: string[] }} change */
  show(change) {
    this.#state = { ...this.#state, ...change, version: this.#state.version + 1 };
    for (const response of this.#waiting.splice(0)) this.#send(response);
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.origin);
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (!pathname.startsWith('/v1/')) return this.#sendFile(pathname, response);
    if (request.headers.authorization !== `Bearer ${KEY}`) {
      response.writeHead(401).end('The key is wrong.');
    } else if (request.method === 'POST') {
      const body = JSON.parse(await text(request));
      this.decisions.push([pathname, body]);
      this.show({
        requests: this.#state.requests.filter(({ code }) => code !== body.code),
        grants: this.#state.grants.filter(({ origin }) => origin !== body.origin),
        blocked: this.#state.blocked.filter((origin) => origin !== body.origin),
      });
      this.#send(response);
    } else if (searchParams.get('after') === String(this.#state.version)) {
      this.#waiting.push(response);
    } else {
      this.#send(response);
    }
  }

  /** @param {import('node:http').ServerResponse} response */
  #send(response) {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(this.#state));
  }

  /**
   * @param {string} pathname
   * @param {import('node:http').ServerResponse} response
   */
  async #sendFile(pathname, response) {
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    try {
      const body = await readFile(new URL(name, FOLDER));
      response.setHeader('Content-Type', TYPES[extname(name)]);
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  }
}

/** @returns {number} The time so many days from now, as the API has it. */
const days = (/** @type {number} */ count) => Math.floor(Date.now() / 1000 + count * 86400);

/** A page of the internet that asks for much. */
export const REQUEST = {
  code: 'K7QM-2XRD',
  origin: 'https://devices.app.example.co.uk:8443',
  name: 'Device Workbench',
  permissions: [
    { text: 'Accept connections on this computer, port 8000', risk: 'loopback' },
    { text: 'Accept connections from your network, any port', risk: 'network' },
    { text: 'Connect to devices on your network', risk: 'private' },
    { text: 'Connect to any host', risk: 'internet' },
    { text: 'Use a port below 1024', risk: 'privileged' },
  ],
  seconds: 112,
};

export const GRANTS = [
  {
    origin: 'https://chat.example.com',
    name: 'Chat host',
    permissions: [{ text: 'Accept connections on this computer, any port', risk: 'loopback' }],
    created: days(-12),
    used: days(-0.1),
    expires: days(18),
    kind: '30d',
    sessions: 2,
  },
  {
    origin: 'http://localhost:5173',
    name: 'My app',
    permissions: [
      { text: 'Accept connections on this computer, any port', risk: 'loopback' },
      { text: 'Connect to programs on this computer, any port', risk: 'loopback' },
    ],
    created: days(-2),
    used: null,
    expires: null,
    kind: 'always',
    sessions: 0,
  },
  {
    origin: 'program:backup',
    name: 'backup',
    permissions: [{ text: 'Connect to nas.example.net, port 873', risk: 'internet' }],
    created: days(-90),
    used: days(-1),
    expires: null,
    kind: 'program',
    sessions: 1,
  },
];
