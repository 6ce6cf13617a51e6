/**
 * The program that a session serves: makes calls, gives each event to the socket that it is for, and
 * keeps the account of ids. What must not happen ends the round.
 */

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { WebSocket } from 'ws';
import { SocketError, connect } from '../../src/index.js';

/** @import { ServerModel } from './server-model.js' */
/** @import { StreamModel } from './stream-model.js' */

/** @typedef {{ result?: any, code?: number }} Outcome Of a call: its result, or its error's code. */

/** No such socket. */
export const NOT_FOUND = { code: -32001 };

export class Program {
  /** By id; those that are closed too. @type {Map<number, StreamModel>} */
  streams = new Map();
  /** As `streams`. @type {Map<number, ServerModel>} */
  servers = new Map();
  /** Calls without an answer. @type {Set<string>} */
  pending = new Set();
  /** How many calls were answered. */
  calls = 0;
  /** How many bytes streams have received and sent. */
  get bytes() {
    let sum = 0;
    for (const { bytes } of this.streams.values()) sum += bytes;
    return sum;
  }

  /** Rejected when something has happened that must not. @type {Promise<never>} */
  failed;
  /** @type {(error: Error) => void} */
  #reject = () => {};
  #lastAccepted = 0;
  /** Whether the program has failed: it goes no further. */
  #over = false;
  #ending = false;
  /** @type {(() => unknown)[]} */
  #releases = [];

  /** @param {string} url Of the proxy. */
  constructor(url) {
    this.failed = new Promise((_, reject) => (this.#reject = reject));
    this.failed.catch(() => {}); // The round sees it.
    this.client = connect(url, { WebSocket, backoff: () => 1 });
    this.client.onStateChange.addListener(({ state, reason }) => {
      if (state === 'closed' && !this.#ending) this.fail(`the session is over: ${reason}`);
    });
    const { tcp, tcpServer } = this.client;
    tcpServer.onAccept.addListener((info) => this.#accept(info));
    tcpServer.onAcceptError.addListener(({ socketId, resultCode }) => {
      this.fail(`onAcceptError ${resultCode} of server ${socketId}`);
    });
    tcp.onReceive.addListener(({ socketId, data }) => {
      this.#stream('onReceive', socketId)?.receive(new Uint8Array(data));
    });
    tcp.onReceiveError.addListener(({ socketId, resultCode }) => {
      this.#stream('onReceiveError', socketId)?.receiveError(resultCode);
    });
  }

  /** @type {(what: string) => void} */
  fail = (what) => {
    this.#over = true;
    this.#reject(new Error(what));
  };

  /**
   * @param {string} method With its namespace.
   * @param {any[]} args
   * @returns {Promise<Outcome>} Not fulfilled when the program has failed.
   */
  async call(method, ...args) {
    const shown = args.map((arg) => (arg instanceof Uint8Array ? `${arg.length} bytes` : arg));
    const text = `${method}(${JSON.stringify(shown).slice(1, -1)})  #${this.calls++}`;
    this.pending.add(text);
    const outcome = await this.#outcome(method, args);
    if (this.#over) return new Promise(() => {});
    this.pending.delete(text);
    return outcome;
  }

  /**
   * @param {string} method
   * @param {any[]} args
   * @returns {Promise<Outcome>}
   */
  async #outcome(method, args) {
    const [namespace, name] = method.split('.');
    try {
      return { result: await /** @type {any} */ (this.client)[namespace][name](...args) };
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      return { code: error.code };
    }
  }

  /**
   * Makes a call whose outcome is known.
   *
   * @param {Outcome} want
   * @param {string} method
   * @param {any[]} args
   * @returns {Promise<any>} Its result.
   */
  async expect(want, method, ...args) {
    const outcome = await this.call(method, ...args);
    if (isDeepStrictEqual(outcome, want)) return outcome.result;
    const [got, wanted] = [JSON.stringify(outcome), JSON.stringify(want)];
    return this.#stop(`${method}(${args}) has given ${got}, and should have given ${wanted}`);
  }

  /**
   * Makes a call that must succeed.
   *
   * @param {string} method
   * @param {any[]} args
   * @returns {Promise<any>} Its result.
   */
  async get(method, ...args) {
    const { result, code } = await this.call(method, ...args);
    return code ? this.#stop(`${method}(${args}) has failed with ${code}`) : result;
  }

  /** @param {string} what @returns {Promise<never>} Not settled. */
  #stop(what) {
    this.fail(what);
    return new Promise(() => {});
  }

  /** @param {StreamModel} stream That the gateway has given an id. */
  addStream(stream) {
    if (this.streams.has(stream.id)) this.fail(`stream ${stream.id} has been given twice`);
    this.streams.set(stream.id, stream);
  }

  /** @param {ServerModel} server */
  addServer(server) {
    if (this.servers.has(server.id)) this.fail(`server ${server.id} has been given twice`);
    this.servers.set(server.id, server);
  }

  /** Checks what must be true when all is over. */
  async finish() {
    for (const [name, { size }, ids] of /** @type {const} */ ([
      ['tcp', this.streams, [...this.streams.keys()]],
      ['tcpServer', this.servers, [...this.servers.keys()]],
    ])) {
      assert.deepEqual(await this.get(`${name}.getSockets`), [], 'no socket should be left');
      assert.equal(Math.max(0, ...ids), size, `each ${name} id should be given exactly once`);
    }
    for (const stream of this.streams.values()) stream.finish();
  }

  /** @param {() => unknown} release To be called at the end, also if the program fails before. */
  atEnd(release) {
    this.#releases.push(release);
  }

  /** Ends the session, and all that belongs to it. */
  async end() {
    this.#ending = true;
    for (const release of this.#releases.splice(0)) release();
    await this.client.close();
  }

  /** @returns {string[]} What is not over. */
  get unfinished() {
    const streams = [...this.streams.values()].filter(({ closed }) => !closed);
    const servers = [...this.servers.values()].filter(({ closed }) => !closed);
    return [...this.pending, ...streams.map(String), ...servers.map(String)];
  }

  /** @param {{ socketId: number, clientSocketId: number }} info */
  #accept({ socketId, clientSocketId: id }) {
    if (id <= this.#lastAccepted)
      this.fail(`stream ${id} is accepted behind ${this.#lastAccepted}`);
    this.#lastAccepted = id;
    const server = this.servers.get(socketId);
    if (server) server.accept(id);
    else this.fail(`onAccept of server ${socketId}, which is unknown`);
  }

  /**
   * @param {string} event
   * @param {number} id
   */
  #stream(event, id) {
    const stream = this.streams.get(id);
    if (!stream) this.fail(`${event} of stream ${id}, which is unknown`);
    return stream;
  }
}
