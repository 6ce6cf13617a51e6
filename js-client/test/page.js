/** What a page would see: a Chrome face over the real gateway, and all its events. */

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { install } from '../src/install.js';
import { callback } from './fake-gateway.js';
import { Peer } from './peer.js';

/** How long a test looks for something that should not happen. */
const QUIET_MS = 60;

/** After this a test that waits hangs. */
const PATIENCE_MS = 60_000;

export class Page {
  /** Each event and each callback made through `call`, in order. @type {{ name: string, info: any }[]} */
  log = [];
  /** @type {(() => void)[]} */
  #wake = [];
  /** Bytes received, by stream. @type {Map<number, number>} */
  #bytes = new Map();

  /** Whether `unload` was called. */
  left = false;

  /** Its connection to the gateway. @type {WebSocket | undefined} */
  #connection;

  /** @param {{ url: string }} gateway */
  constructor({ url }) {
    const note = (/** @type {WebSocket} */ connection) => (this.#connection = connection);
    class NotedWebSocket extends WebSocket {
      /** @param {any} args */
      constructor(...args) {
        super(.../** @type {[string]} */ (args));
        note(this);
      }
    }
    /** @type {any} */
    const target = {};
    this.client = install({ target, url, WebSocket: NotedWebSocket });
    this.chrome = target.chrome;
    const { tcp, tcpServer } = this.chrome.sockets;
    /** @type {any} */
    this.tcp = tcp;
    /** @type {any} */
    this.tcpServer = tcpServer;
    for (const [name, event] of Object.entries({ ...tcp, ...tcpServer })) {
      if (!name.startsWith('on')) continue;
      event.addListener((/** @type {any} */ info) => this.note(name, info));
    }
  }

  /**
   * @param {string} name
   * @param {any} info
   */
  note(name, info) {
    this.log.push({ name, info });
    if (name === 'onReceive') {
      const { socketId, data } = info;
      this.#bytes.set(socketId, (this.#bytes.get(socketId) ?? 0) + data.byteLength);
    }
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }

  /**
   * @param {Function} method
   * @param {unknown[]} args Without the callback.
   * @returns {Promise<any[]>} The arguments of the callback, and lastError's text if there is one.
   */
  async call(method, ...args) {
    const { args: results, error } = await callback(this.chrome, method, ...args);
    return error === undefined ? results : [...results, error];
  }

  /**
   * @param {string} name Of an event.
   * @param {number} [socketId]
   * @returns {any[]} Those raised so far.
   */
  events(name, socketId) {
    return this.log
      .filter((entry) => entry.name === name)
      .map(({ info }) => info)
      .filter((info) => socketId === undefined || info.socketId === socketId);
  }

  /**
   * Waits until an event has been raised so many times.
   *
   * @param {string} name
   * @param {number} [count]
   * @param {number} [socketId]
   * @returns {Promise<any>} The last of them.
   */
  async event(name, count = 1, socketId) {
    while (this.events(name, socketId).length < count) await this.#change(`${name} ${count}`);
    return this.events(name, socketId)[count - 1];
  }

  /**
   * Waits until the log is longer.
   *
   * @param {string} what For the text of the error if that takes too long.
   * @returns {Promise<void>}
   */
  #change(what) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited for ${what}`)), PATIENCE_MS);
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /**
   * Waits until a stream has received something.
   *
   * @param {number} socketId
   * @param {number} length
   * @returns {Promise<string>} All that it has received.
   */
  async received(socketId, length) {
    while ((this.#bytes.get(socketId) ?? 0) < length) await this.#change('bytes');
    return this.text(socketId);
  }

  /** @param {number} socketId @returns {string} All that it has received so far. */
  text(socketId) {
    const parts = this.events('onReceive', socketId).map(({ data }) => Buffer.from(data));
    return Buffer.concat(parts).toString('latin1');
  }

  /**
   * @param {string} name Of an event that should not be raised.
   * @param {number} [count] How often it has been raised already.
   */
  async quiet(name, count = 0) {
    await delay(QUIET_MS);
    assert.equal(this.events(name).length, count, `${name} should not be raised`);
  }

  /**
   * @param {string} [address]
   * @returns {Promise<{ socketId: number, port: number }>} A listening server.
   */
  async listen(address = '127.0.0.1') {
    const { socketId } = await this.tcpServer.create();
    assert.deepEqual(await this.call(this.tcpServer.listen, socketId, address, 0), [0]);
    const { localPort } = await this.tcpServer.getInfo(socketId);
    return { socketId, port: localPort };
  }

  /**
   * @param {object} [options]
   * @param {boolean} [options.paused] Whether it stays as it was accepted.
   * @returns {Promise<{ id: number, peer: Peer, serverId: number }>} An accepted stream.
   */
  async accept({ paused = false } = {}) {
    const { socketId, port } = await this.listen();
    const count = this.events('onAccept').length;
    const peer = await Peer.connect(port);
    const { clientSocketId: id } = await this.event('onAccept', count + 1);
    if (!paused) await this.tcp.setPaused(id, false);
    return { id, peer, serverId: socketId };
  }

  /** Goes away as a page does that is closed or that navigates: without a word. */
  unload() {
    const connection = /** @type {WebSocket} */ (this.#connection);
    connection.removeAllListeners(); // No script of the page runs any more.
    connection.close(1001);
    this.left = true;
  }

  /** @param {number} id @param {string | Uint8Array} bytes */
  send(id, bytes) {
    return this.call(this.tcp.send, id, Buffer.from(/** @type {string} */ (bytes)));
  }
}

/**
 * Runs a test on a page of its own.
 *
 * @param {{ url: string }} gateway
 * @param {(page: Page) => Promise<void>} body
 * @returns {() => Promise<void>}
 */
export function onPage(gateway, body) {
  return async () => {
    const page = new Page(gateway);
    try {
      await body(page);
    } finally {
      if (!page.left) await page.client.close();
    }
  };
}
