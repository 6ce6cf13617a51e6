/**
 * A session with the gateway: its state, and JSON-RPC calls. It goes on over one connection after another;
 * programs notice nothing of that but a pause.
 */

import { Connector } from './connector.js';
import { Dialogue } from './dialogue.js';
import { createEvent } from './event.js';
import { GATEWAY_LOST, lost } from './errors.js';
import { readRecords } from './records.js';

/** @import { Dispatcher } from './dispatcher.js' */
/** @import { ConnectorOptions } from './connector.js' */
/** @import { Cause, Failure, Outcome } from './errors.js' */
/** @import { RecordSink } from './records.js' */

/**
 * Takes what the gateway says without being asked.
 *
 * @typedef {RecordSink & {
 *   notify: (method: string, params: any) => void,
 *   lost: (failure: Failure, tell: boolean) => void,
 *   restore: (restored: any) => void,
 *   lastIds: () => { tcpServer: number, tcp: number },
 * }} SessionSink
 */

/** @typedef {'connecting' | 'open' | 'waiting' | 'closed'} State */

/**
 * @typedef {object} StateChange
 * @property {State} state
 * @property {string} [reason] Why it is `waiting` or `closed`: a stable token.
 * @property {string} [message] The same in a sentence.
 * @property {string} [help] What to do about it.
 * @property {string} [code] While a request for permission is pending: what the user finds it by,
 * @property {string} [url] and where.
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
const ALONE = new Set([...SLOW, 'tcp.getSockets', 'tcpServer.getSockets']);

export class Session {
  #dispatcher;
  #sink;
  #connector;
  #dialogue;
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
  /** Whether there is a session, be it without a connection now. */
  #begun = false;
  /** What was asked for while there was none. @type {(() => void)[]} */
  #beforeOpen = [];
  /** Settles `ready`. @type {{ resolve: () => void, reject: (error: Error) => void }} */
  #readiness;

  /** What the gateway permits; these are its defaults until it has answered `session.open`. */
  limits = { window: 524288, maxFrame: 262144, maxText: 65536, maxCalls: 256 };

  /** @type {StateChange} */
  status = { state: 'connecting' };

  /** Raised for each new state. @type {import('./event.js').Event<[StateChange]>} */
  onStateChange = createEvent();

  /** Raised when the gateway has lost the session: all sockets are gone. @type {import('./event.js').Event<[]>} */
  onSessionGone = createEvent();

  /** Settled when the session is open for the first time, or closed before. @type {Promise<void>} */
  ready;

  /** Set when the session is over: what each later call fails with. @type {Failure | undefined} */
  failure;

  /**
   * @param {string} url
   * @param {Dispatcher} dispatcher
   * @param {SessionSink} sink
   * @param {ConnectorOptions} options
   */
  constructor(url, dispatcher, sink, options) {
    this.#dispatcher = dispatcher;
    this.#sink = sink;
    this.#dialogue = this.#newDialogue();
    dispatcher.flush = () => this.#dialogue.outbox.flush();
    /** @type {any} */
    let readiness;
    this.ready = new Promise((resolve, reject) => (readiness = { resolve, reject }));
    this.ready.catch(() => {}); // Whoever waits for it sees the rejection; nobody needs to.
    this.#readiness = readiness;
    this.#connector = new Connector(url, dispatcher, options, {
      status: (status) => this.#setStatus(status),
      open: () => ({ received: this.#dialogue.received, after: this.#sink.lastIds() }),
      opened: (result, transport) => this.#opened(result, transport),
      gone: () => this.#gone(),
      text: (text) => {
        if (this.failure) return;
        this.#dialogue.arrived(text.length);
        this.#receive(text);
      },
      binary: (message) => {
        if (this.failure) return;
        this.#dialogue.arrived(message.byteLength);
        this.#receiveRecords(message);
      },
      ping: () => this.call('session.ping', [], () => {}, true),
      lost: () => this.#dialogue.detach(),
      failed: (cause) => this.#fail(cause),
    });
    this.#connector.start();
  }

  #newDialogue() {
    return new Dialogue(() => this.#dispatcher.requestFlush());
  }

  /** Where records go. Only valid in what `run` runs, and in what the sink is told. */
  get outbox() {
    return this.#dialogue.outbox;
  }

  /** Whether `run` runs its action at once. */
  get runs() {
    return this.failure !== undefined || this.#begun;
  }

  /**
   * Runs `action` now, or when the session has begun. After the end of the session too: `call`
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

  /** Asks for what is missing, by the browser or the gateway, now that the user has clicked. */
  requestPermission() {
    this.#connector.requestPermission();
  }

  /**
   * Ends the session: its sockets are closed.
   *
   * @returns {Promise<void>} Fulfilled when the connection is gone.
   */
  close() {
    if (this.failure) return this.#connector.closed;
    if (this.#begun) {
      this.call('session.close', [], () => {});
      this.outbox.flush();
    }
    return this.#end(lost('closed', 'closed by the page'), false);
  }

  /**
   * @param {any} result Of `session.open`.
   * @param {import('./transport.js').Transport} transport
   */
  #opened(result, transport) {
    const { window, maxFrame, maxText, maxCalls, restored, received = 0 } = result;
    this.limits = { window, maxFrame, maxText, maxCalls };
    Object.assign(this.outbox, { maxFrame, maxText });
    this.#dialogue.attach(transport, received);
    this.#begun = true;
    if (restored) this.#sink.restore(restored);
    this.#setStatus({ state: 'open' });
    this.#readiness.resolve();
    const actions = this.#beforeOpen;
    this.#beforeOpen = [];
    for (const action of actions) action();
  }

  /** The gateway does not know the session any more. A new one follows. */
  #gone() {
    // A session that has received nothing ends with its connection. The new one is told the same.
    if (!this.#dialogue.begun) return;
    this.#dialogue = this.#newDialogue();
    this.#begun = false;
    // While it is set, calls that wait for something fail instead of reaching the new session.
    this.failure = { code: GATEWAY_LOST, message: lost('', 'session gone').message };
    this.#failCalls(this.failure);
    this.#sink.lost(this.failure, true);
    this.failure = undefined;
    this.#dispatcher.deliver(() => this.onSessionGone.dispatch());
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

  /** @param {string} text */
  #receive(text) {
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
    const fault = readRecords(message, this.#sink);
    if (!fault) return;
    report('bad record', fault);
    this.#fail(lost('bad-record', `bad record: ${fault}`), 3002);
  }

  /** @param {number} number Of the last message that the gateway has. */
  acknowledged(number) {
    this.#dialogue.acknowledge(number);
  }

  /**
   * The session cannot go on.
   *
   * @param {Cause} cause
   * @param {number} [code] To close the connection with.
   */
  #fail(cause, code) {
    if (!this.failure) void this.#end(cause, true, code);
  }

  /**
   * The session is over: every call is answered, and no more are made.
   *
   * @param {Cause} cause
   * @param {boolean} tell Whether sockets tell of their end by events.
   * @param {number} [code]
   */
  #end(cause, tell, code) {
    const failure = { code: GATEWAY_LOST, message: cause.message };
    this.failure = failure;
    this.#failCalls(failure);
    const actions = this.#beforeOpen;
    this.#beforeOpen = [];
    for (const action of actions) action();
    this.#sink.lost(failure, tell);
    this.#setStatus({ state: 'closed', ...cause });
    this.#readiness.reject(new Error(failure.message));
    this.#connector.stop(code, code ? cause.reason : undefined);
    return this.#connector.closed;
  }

  /** @param {Failure} failure The answer to all calls that have none. */
  #failCalls(failure) {
    const calls = [...this.#calls.values(), ...this.#queue, ...this.#slowQueue];
    this.#calls.clear();
    this.#queue = [];
    this.#slowQueue = [];
    this.#slowCalls = this.#awaited = 0;
    for (const { onReply } of calls) onReply({ error: failure });
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
