/**
 * A gateway that does only what a test tells it, for faults and moments that a real one does not
 * show on demand. To extend it: what the client sent is in `sent`, parsed; what it should hear goes
 * through `#emit`.
 */

import assert from 'node:assert/strict';
import { setImmediate as nextTask } from 'node:timers/promises';
import { connect } from '../src/index.js';
import { install } from '../src/install.js';
import {
  ACK,
  DATA,
  END,
  HEADER,
  LIMIT,
  STOP,
  writeHeader,
  writeU32,
  writeU64,
} from '../src/records.js';

/** @import { Client } from '../index.js' */

/** Bytes of credit per stream that the fake grants: small, so that tests can use it up. */
export const WINDOW = 1000;

const LIMITS = {
  session: 'test',
  secret: 'open sesame',
  window: WINDOW,
  maxFrame: 512,
  maxText: 65536,
  maxBatch: 50,
  maxCalls: 8,
  maxSockets: 1024,
};

/**
 * @typedef {{ id?: number, method: string, params: any[], record?: undefined }} SentCall
 * @typedef {{ record: 'DATA' | 'LIMIT' | 'END' | 'STOP' | 'ACK', socketId: number, value: any, method?: undefined }} SentRecord
 */

/**
 * @param {number} type
 * @param {number} socketId
 * @param {number} length
 * @returns {Uint8Array}
 */
function record(type, socketId, length) {
  const bytes = new Uint8Array(HEADER + length);
  writeHeader(bytes, 0, type, socketId, length);
  return bytes;
}

/**
 * @param {number} socketId
 * @param {string | Uint8Array} payload
 */
export function data(socketId, payload) {
  const content = Buffer.from(/** @type {string} */ (payload));
  const bytes = record(DATA, socketId, content.length);
  bytes.set(content, HEADER);
  return bytes;
}

/**
 * @param {number} socketId
 * @param {number} offset
 */
export function limit(socketId, offset) {
  const bytes = record(LIMIT, socketId, 8);
  writeU64(bytes, HEADER, offset);
  return bytes;
}

/**
 * @param {number} socketId
 * @param {number} resultCode
 */
export function end(socketId, resultCode = -100) {
  const bytes = record(END, socketId, 4);
  writeU32(bytes, HEADER, resultCode);
  return bytes;
}

/**
 * @param {number} socketId
 * @param {number} resultCode
 */
export function stop(socketId, resultCode = -2) {
  const bytes = record(STOP, socketId, 4);
  writeU32(bytes, HEADER, resultCode);
  return bytes;
}

/** @param {number} messages */
export function ack(messages) {
  const bytes = record(ACK, 0, 8);
  writeU64(bytes, HEADER, messages);
  return bytes;
}

/**
 * As `assert.deepEqual(list, [])`, which would tell the type checker that the list stays empty.
 *
 * @param {readonly unknown[]} list
 * @param {string} [reason]
 */
export function isEmpty(list, reason) {
  assert.deepEqual([...list], [], reason);
}

/** Lets all that is under way in the client come to rest. */
export async function settled() {
  for (let i = 0; i < 6; i++) await nextTask();
}

class FakeSocket extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  binaryType = '';
  /** @type {(string | Uint8Array)[]} */
  messages = [];

  /** @param {string | Uint8Array} message */
  send(message) {
    // A browser copies what it is given before send returns.
    this.messages.push(typeof message === 'string' ? message : message.slice());
  }

  close() {
    this.end(1000, '');
  }

  /**
   * @param {string} type
   * @param {object} properties
   */
  emit(type, properties) {
    this.dispatchEvent(Object.assign(new Event(type), properties));
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  end(code, reason) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.emit('close', { code, reason });
  }
}

export class FakeGateway {
  /** One per attempt of the client to connect. @type {FakeSocket[]} */
  sockets = [];
  /** Ids of calls that were answered. */
  #answered = new Set();

  /** The constructor to give to the client. @type {any} */
  WebSocket;

  constructor() {
    const { sockets } = this;
    this.WebSocket = class extends FakeSocket {
      constructor() {
        super();
        sockets.push(this);
      }
    };
  }

  get #socket() {
    return this.sockets[this.sockets.length - 1];
  }

  /** The binary and text messages, as they came. */
  get messages() {
    return this.#socket.messages;
  }

  set bufferedAmount(/** @type {number} */ amount) {
    this.#socket.bufferedAmount = amount;
  }

  /** What the client has sent on this connection, in order. @type {(SentCall | SentRecord)[]} */
  get sent() {
    return this.messages.flatMap((message) =>
      typeof message === 'string' ? [JSON.parse(message)].flat() : parseRecords(message),
    );
  }

  /** The records only, as `['DATA', socketId, text]` and so on. */
  get records() {
    return this.sent.flatMap(({ record, ...rest }) => {
      const { socketId, value } = /** @type {SentRecord} */ (rest);
      return record ? [[record, socketId, value]] : [];
    });
  }

  /** The methods that were called and have no answer. */
  get unanswered() {
    return this.#calls.map(({ method }) => method);
  }

  get #calls() {
    return this.sent.flatMap((sent) =>
      sent.method !== undefined && !this.#answered.has(sent.id) ? [sent] : [],
    );
  }

  /** Accepts the connection and answers `session.open`. @param {object} [limits] */
  async accept(limits = {}) {
    this.#socket.readyState = 1;
    this.#socket.emit('open', {});
    await settled();
    await this.reply('session.open', { ...LIMITS, ...limits });
  }

  /**
   * Accepts the connection of a client that comes back, and answers with how much had arrived.
   *
   * @param {number} received
   * @returns {Promise<any>} The parameters of `session.open`.
   */
  async resume(received) {
    return this.#accept({ result: { ...LIMITS, secret: undefined, received } });
  }

  /** Accepts the connection of a client that comes back, and does not know its session. */
  async forget() {
    const params = await this.#accept({ error: { code: -32006, message: 'Session gone' } });
    this.#answered.delete(0); // It is called again, by the same id.
    return params;
  }

  /**
   * Accepts the connection of a page that is not permitted.
   *
   * @param {object} data Of the error.
   * @returns {Promise<any>} The parameters of `session.open`.
   */
  async refuse(data) {
    const error = { code: -32010, message: 'Origin not permitted', data };
    const params = await this.#accept({ error });
    // It is called again, by the same id.
    this.#answered.delete(0);
    return params;
  }

  /** Answers `session.open` on a connection that was refused before, and on which a permission was given. */
  admit() {
    this.#answered.delete(1);
    return this.reply('session.open', LIMITS);
  }

  /** @param {object} answer */
  async #accept(answer) {
    this.#answered.delete(0);
    this.#socket.readyState = 1;
    this.#socket.emit('open', {});
    const call = /** @type {SentCall} */ (this.sent[0]);
    this.#answered.add(call.id);
    this.#text({ jsonrpc: '2.0', id: call.id, ...answer });
    await settled();
    return call.params;
  }

  /**
   * Answers the oldest call of a method.
   *
   * @param {string} method
   * @param {any} [result]
   * @param {{ code: number, message: string }} [error]
   * @returns {Promise<any[]>} Its parameters.
   */
  async reply(method, result = null, error) {
    const params = this.replyNow(method, result, error);
    await settled();
    return params;
  }

  /**
   * As `reply`, without waiting until the client has done something about it.
   *
   * @param {string} method
   * @param {any} [result]
   * @param {{ code: number, message: string }} [error]
   */
  replyNow(method, result = null, error) {
    const call = this.#calls.find((other) => other.method === method);
    assert.ok(call, `the client should have called ${method}`);
    this.#answered.add(call.id);
    this.#text({ jsonrpc: '2.0', id: call.id, ...(error ? { error } : { result }) });
    return call.params ?? [];
  }

  /**
   * @param {string} method
   * @param {object} params
   */
  async notify(method, params) {
    this.#text({ jsonrpc: '2.0', method, params });
    await settled();
  }

  /** @param {Uint8Array[]} records In one message. */
  async send(...records) {
    this.sendNow(...records);
    await settled();
  }

  /** @param {Uint8Array[]} records */
  sendNow(...records) {
    this.#emit(new Uint8Array(Buffer.concat(records)).buffer);
  }

  /**
   * Ends the connection.
   *
   * @param {number} code
   * @param {string} reason
   */
  async drop(code = 1006, reason = '') {
    this.#socket.end(code, reason);
    await settled();
  }

  /** @param {object} message */
  #text(message) {
    this.#emit(JSON.stringify(message));
  }

  /** @param {string | ArrayBuffer} content */
  #emit(content) {
    this.#socket.emit('message', { data: content });
  }
}

/**
 * @param {Uint8Array} message
 * @returns {SentRecord[]}
 */
function parseRecords(message) {
  const buffer = Buffer.from(message);
  /** @type {SentRecord[]} */
  const records = [];
  for (let at = 0; at < buffer.length;) {
    const type = buffer[at];
    const length = buffer.readUIntBE(at + 1, 3);
    const payload = buffer.subarray(at + HEADER, at + HEADER + length);
    assert.equal(payload.length, length, 'the record should be complete');
    /** @type {any} */
    let value = payload.toString('latin1');
    if (type === LIMIT || type === ACK) value = Number(payload.readBigUInt64BE());
    if (type === END || type === STOP) value = payload.readInt32BE();
    const names = /** @type {const} */ (['DATA', 'LIMIT', 'END', 'STOP', 'ACK']);
    records.push({ record: names[type], socketId: buffer.readUInt32BE(at + 4), value });
    at += HEADER + length;
  }
  return records;
}

/** @typedef {{ gateway: FakeGateway, client: Client, chrome: any, tcp: any, tcpServer: any }} Opened */

/**
 * A Chrome face and a promise face over one fake gateway, which has accepted the connection.
 *
 * @param {object} [limits]
 * @returns {Promise<Opened>}
 */
export async function openClient(limits = {}) {
  const gateway = new FakeGateway();
  /** @type {any} */
  const target = {};
  const client = install({ target, url: 'ws://fake', WebSocket: gateway.WebSocket });
  await gateway.accept(limits);
  return { gateway, client, chrome: target.chrome, ...target.chrome.sockets };
}

/**
 * A promise face alone, whose connection is not open.
 *
 * @param {import('../index.js').ConnectOptions} [options]
 */
export function startClient(options = {}) {
  const gateway = new FakeGateway();
  return { gateway, client: connect('ws://fake', { WebSocket: gateway.WebSocket, ...options }) };
}

/**
 * A client with one accepted stream, id 1.
 *
 * @param {{ paused?: boolean }} [options]
 * @returns {Promise<Opened & { log: any[] }>} And a log as `logEvents` makes it.
 */
export async function openStream({ paused = false } = {}) {
  const opened = await openClient();
  const { gateway, tcp } = opened;
  await gateway.notify('tcpServer.onAccept', { socketId: 1, clientSocketId: 1 });
  if (!paused) {
    tcp.setPaused(1, false);
    await settled();
    await gateway.reply('tcp.setPaused');
  }
  return { ...opened, log: logEvents(tcp) };
}

/**
 * @param {any} tcp
 * @returns {any[]} Grows with each event: the text of the data, or the result code.
 */
export function logEvents(tcp) {
  /** @type {any[]} */
  const log = [];
  tcp.onReceive.addListener((/** @type {any} */ info) => {
    log.push(Buffer.from(info.data).toString());
  });
  tcp.onReceiveError.addListener((/** @type {any} */ info) => log.push(info.resultCode));
  return log;
}

/**
 * Calls a method of the Chrome face.
 *
 * @param {any} chrome
 * @param {Function} method
 * @param {unknown[]} args Without the callback.
 * @returns {Promise<{ args: any[], error: string | undefined }>} What the callback got.
 */
export function callback(chrome, method, ...args) {
  return new Promise((resolve) => {
    method(...args, (/** @type {any[]} */ ...results) => {
      resolve({ args: results, error: chrome.runtime.lastError?.message });
    });
  });
}
