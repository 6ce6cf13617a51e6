/**
 * A session with the gateway: its connection, its state, and JSON-RPC calls.
 *
 * For now a session ends with its connection. Nothing here but `#connectionClosed` knows that.
 */

import { backoff } from './backoff.js';
import { createEvent } from './event.js';
import { GATEWAY_LOST } from './errors.js';
import { readRecords } from './records.js';
import { Transport } from './transport.js';

/** @import { Dispatcher } from './dispatcher.js' */
/** @import { WebSocketConstructor } from './transport.js' */
/** @import { Failure, Outcome } from './errors.js' */
/** @import { RecordSink } from './records.js' */

/**
 * Takes what the gateway says without being asked.
 *
 * @typedef {RecordSink & {
 *   notify: (method: string, params: any) => void,
 *   lost: (failure: Failure, tell: boolean) => void,
 * }} SessionSink
 */

/** @typedef {'connecting' | 'open' | 'waiting' | 'closed'} State */

/**
 * @typedef {object} StateChange
 * @property {State} state
 * @property {string} [reason] Why it is `waiting` or `closed`.
 * @property {number} [retryAt] When `waiting`: time of the next attempt, as of Date.now().
 */

/**
 * @typedef {object} Call
 * @property {string} method
 * @property {string} text
 * @property {boolean} slow
 * @property {boolean} awaited Whether the program hears of the reply.
 * @property {(outcome: Outcome) => void} onReply
 */

/** Calls that wait for the network. The gateway answers all others at once. */
const SLOW = new Set(['tcp.connect', 'tcp.secure']);

/** Calls that must not wait for the answer of another, or have a long one. */
const ALONE = new Set([...SLOW, 'session.open', 'tcp.getSockets', 'tcpServer.getSockets']);

/** The gateway is told what has arrived after this much, and after this many messages. */
const ACK_BYTES = 131072;
const ACK_MESSAGES = 64;

/** Why a WebSocket that never opened has closed: browsers do not say more. */
const UNREACHABLE = 'the gateway cannot be reached, or refuses this page';

export class Session {
  #url;
  #WebSocket;
  #dispatcher;
  #sink;
  /** @type {Transport | undefined} */
  #transport;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  #attempts = 0;
  #nextId = 1;
  /** Calls that were sent and have no answer, by id. @type {Map<number, Call>} */
  #calls = new Map();
  /** How many of #calls are slow. */
  #slowCalls = 0;
  /** How many quick calls there are whose reply the program hears of, sent or not. */
  #awaited = 0;
  /** Calls that wait until fewer are under way. @type {Call[]} */
  #queue = [];
  /** As #queue, slow ones only: they take half of the places, so that others never wait for them. @type {Call[]} */
  #slowQueue = [];
  /** What was asked for before the connection was open. @type {(() => void)[]} */
  #beforeOpen = [];
  /** Whether `session.open` has been answered: what arrives behind it is numbered. */
  #numbered = false;
  #received = 0;
  /** About how much has arrived since the gateway was told. */
  #unacked = 0;
  /** Settles `ready`. @type {{ resolve: () => void, reject: (error: Error) => void }} */
  #readiness;

  /** What the gateway permits; these are its defaults until it has answered `session.open`. */
  limits = { window: 524288, maxFrame: 262144, maxText: 65536, maxCalls: 256 };

  /** @type {StateChange} */
  status = { state: 'connecting' };

  /** Raised for each new state. @type {import('./event.js').Event<[StateChange]>} */
  onStateChange = createEvent();

  /** Settled when the session is open for the first time, or closed before. @type {Promise<void>} */
  ready;

  /** Set when the session is over: what each later call fails with. @type {Failure | undefined} */
  failure;

  /**
   * @param {string} url
   * @param {WebSocketConstructor} WebSocket
   * @param {Dispatcher} dispatcher
   * @param {SessionSink} sink
   */
  constructor(url, WebSocket, dispatcher, sink) {
    this.#url = url;
    this.#WebSocket = WebSocket;
    this.#dispatcher = dispatcher;
    this.#sink = sink;
    dispatcher.flush = () => this.#transport?.flush() === true;
    /** @type {any} */
    let readiness;
    this.ready = new Promise((resolve, reject) => (readiness = { resolve, reject }));
    this.ready.catch(() => {}); // Whoever waits for it sees the rejection; nobody needs to.
    this.#readiness = readiness;
    this.#connect();
  }

  /** Where records go. Only valid in what `run` runs, and in what the sink is told. */
  get outbox() {
    return /** @type {Transport} */ (this.#transport).outbox;
  }

  /** Whether `run` runs its action at once. */
  get runs() {
    return this.failure !== undefined || this.#transport?.open === true;
  }

  /**
   * Runs `action` now, or when the connection is open. After the end of the session too: `call`
   * answers then.
   *
   * @param {() => void} action
   */
  run(action) {
    if (this.runs) action();
    else this.#beforeOpen.push(action);
  }

  /**
   * Whether a call whose reply is certain can be answered at once. Calls are answered in order, so not
   * behind one that waits for its reply.
   */
  get prompt() {
    return this.failure === undefined && this.#awaited === 0;
  }

  /**
   * Calls a method of the gateway.
   *
   * @param {string} method
   * @param {unknown[]} params By position; undefined becomes null, which counts as left out.
   * @param {(outcome: Outcome) => void} onReply Called once, when the reply arrives; what it tells
   *   program must go through the dispatcher.
   * @param {boolean} [answered] Whether the program has its answer: that one was `prompt`.
   */
  call(method, params, onReply, answered = false) {
    if (this.failure) return onReply({ error: this.failure });
    const text = JSON.stringify(params);
    const slow = SLOW.has(method);
    const call = { method, text, slow, awaited: !slow && !answered, onReply };
    if (tooLong(text, this.limits.maxText - 200)) {
      return onReply({ error: { code: GATEWAY_LOST, message: 'Arguments are too long' } });
    }
    if (call.awaited) this.#awaited++;
    (call.slow ? this.#slowQueue : this.#queue).push(call);
    this.#sendCalls();
  }

  /**
   * Ends the session: its sockets are closed.
   *
   * @returns {Promise<void>} Fulfilled when the connection is gone.
   */
  close() {
    const transport = this.#transport;
    if (!this.failure) {
      if (transport?.open) this.call('session.close', [], () => {});
      this.#fail('closed by the page', false);
      transport?.close(1000, '');
    }
    return transport ? transport.closed : Promise.resolve();
  }

  #connect() {
    this.#setStatus({ state: 'connecting' });
    let opened = false;
    try {
      this.#transport = new Transport(this.#url, this.#WebSocket, this.#dispatcher, {
        open: () => {
          opened = true;
          this.#open();
        },
        text: (text) => {
          this.#count(text.length);
          this.#receive(text);
        },
        binary: (message) => {
          this.#count(message.byteLength);
          this.#receiveRecords(message);
        },
        close: (code, reason) => this.#connectionClosed(opened, code, reason),
      });
    } catch (error) {
      this.#transport = undefined;
      // The URL cannot be used in this page; trying again does not help.
      this.#fail(String(error));
    }
  }

  #open() {
    // "The page need not wait for the answer before it sends more."
    this.call('session.open', [], ({ result, error }) => {
      if (error) {
        this.#fail(error.message);
        this.#transport?.close(1000, '');
        return;
      }
      const { window, maxFrame, maxText, maxCalls } = result;
      this.limits = { window, maxFrame, maxText, maxCalls };
      Object.assign(this.outbox, { maxFrame, maxText });
      this.#numbered = true;
      this.#setStatus({ state: 'open' });
      this.#readiness.resolve();
    });
    const actions = this.#beforeOpen;
    this.#beforeOpen = [];
    for (const action of actions) action();
  }

  /** Sends as many of the waiting calls as may be under way. */
  #sendCalls() {
    const { maxCalls } = this.limits;
    while (this.#slowQueue.length > 0 && this.#slowCalls < maxCalls / 2) {
      const call = /** @type {Call} */ (this.#slowQueue.shift());
      this.#slowCalls++;
      this.#send(call);
    }
    let sent = 0;
    while (sent < this.#queue.length && this.#calls.size < maxCalls)
      this.#send(this.#queue[sent++]);
    if (sent > 0) this.#queue.splice(0, sent);
  }

  /** @param {Call} call */
  #send(call) {
    const id = this.#nextId++;
    this.#calls.set(id, call);
    const params = call.text === '[]' ? '' : `,"params":${call.text}`;
    const text = `{"jsonrpc":"2.0","id":${id},"method":"${call.method}"${params}}`;
    if (ALONE.has(call.method)) this.outbox.callAlone(text);
    else this.outbox.call(text);
  }

  /** @param {number} length Of a message that has arrived. */
  #count(length) {
    if (!this.#numbered) return;
    this.#received++;
    this.#unacked += length + ACK_BYTES / ACK_MESSAGES;
    if (this.#unacked < ACK_BYTES) return;
    this.#unacked = 0;
    this.outbox.ack(this.#received);
  }

  /** @param {string} text */
  #receive(text) {
    if (this.failure) return;
    let messages;
    try {
      messages = JSON.parse(text);
    } catch {
      return report('not JSON', text);
    }
    for (const message of Array.isArray(messages) ? messages : [messages]) {
      if (message?.method) this.#sink.notify(message.method, message.params ?? {});
      else this.#receiveReply(message);
    }
  }

  /** @param {any} message */
  #receiveReply(message) {
    const call = this.#calls.get(message?.id);
    if (!call) return report('reply to nothing', JSON.stringify(message));
    this.#calls.delete(message.id);
    if (call.slow) this.#slowCalls--;
    if (call.awaited) this.#awaited--;
    call.onReply(message.error ? { error: message.error } : { result: message.result ?? null });
    this.#sendCalls();
  }

  /** @param {ArrayBuffer} message */
  #receiveRecords(message) {
    if (this.failure) return;
    const fault = readRecords(message, this.#sink);
    if (!fault) return;
    report('bad record', fault);
    this.#fail(`bad record: ${fault}`);
    this.#transport?.close(3002, 'bad-record');
  }

  /**
   * @param {boolean} opened Whether this connection has ever been open.
   * @param {number} code
   * @param {string} reason
   */
  #connectionClosed(opened, code, reason) {
    if (this.failure) return;
    const why = `${code}${reason && ` ${reason}`}`;
    if (opened || code >= 4500) return this.#fail(opened ? why : UNREACHABLE);
    const delay = backoff(++this.#attempts, Math.random());
    this.#setStatus({ state: 'waiting', reason: UNREACHABLE, retryAt: Date.now() + delay });
    this.#retry = setTimeout(() => this.#connect(), delay);
  }

  /**
   * The session is over: every call is answered, and no more are made.
   *
   * @param {string} reason
   * @param {boolean} [tell] Whether sockets tell of their end by events.
   */
  #fail(reason, tell = true) {
    if (this.failure) return;
    clearTimeout(this.#retry);
    const failure = { code: GATEWAY_LOST, message: `Gateway connection lost: ${reason}` };
    this.failure = failure;
    const calls = [...this.#calls.values(), ...this.#queue, ...this.#slowQueue];
    this.#calls.clear();
    this.#queue = [];
    this.#slowQueue = [];
    for (const { onReply } of calls) onReply({ error: failure });
    const actions = this.#beforeOpen;
    this.#beforeOpen = [];
    for (const action of actions) action();
    this.#sink.lost(failure, tell);
    this.#setStatus({ state: 'closed', reason });
    this.#readiness.reject(new Error(failure.message));
  }

  /** @param {StateChange} status */
  #setStatus(status) {
    this.status = status;
    this.#dispatcher.deliver(() => this.onStateChange.dispatch(status));
  }
}

/**
 * @param {string} text
 * @param {number} bytes
 * @returns {boolean} Whether it is longer than this in UTF-8.
 */
function tooLong(text, bytes) {
  if (text.length * 3 <= bytes) return false;
  return text.length > bytes || new TextEncoder().encode(text).length > bytes;
}

/**
 * @param {string} what
 * @param {string} detail
 */
function report(what, detail) {
  console.error(`socketgate: ${what} from the gateway: ${detail.slice(0, 200)}`);
}
