/**
 * Gets a session its connections: one attempt after another, `session.open` on each that opens, and the end of
 * each. It knows when to come back and when not to.
 */

import { backoff as defaultBackoff } from './backoff.js';
import { Transport } from './transport.js';

/** @import { Dispatcher } from './dispatcher.js' */
/** @import { SessionStore } from './store.js' */
/** @import { StateChange } from './session.js' */
/** @import { WebSocketConstructor } from './transport.js' */

/** Why a WebSocket that never opened has closed: browsers do not say more. */
const UNREACHABLE = 'the gateway cannot be reached, or refuses this page';

/** After this long without a message the gateway is asked for one; after three times as long it is given up. */
const SILENCE_MS = 20_000;

/** Error code of `session.open`: there is no such session. */
const SESSION_GONE = -32006;

/** What the page closes a connection with that it does not need for a while (back/forward cache). */
const FROZEN = 3001;

/** What it closes a connection with when it is left. */
const LEFT = 1000;

/** Close codes for messages that break the protocol: the session is over, and the next would be no better. */
const BROKEN = [1002, 1003, 1007, 1009];

/**
 * @typedef {object} ConnectorOptions
 * @property {WebSocketConstructor} WebSocket
 * @property {SessionStore} store
 * @property {(attempt: number) => number} [backoff] Milliseconds before an attempt, the first being 1.
 */

/**
 * @typedef {object} ConnectorHandlers
 * @property {(status: StateChange) => void} status
 * @property {() => { received: number, after: { tcpServer: number, tcp: number } }} open What to say in
 *   `session.open`.
 * @property {(result: any, transport: Transport) => void} opened
 * @property {() => void} gone The gateway does not know the session; a new one is asked for next.
 * @property {(text: string) => void} text A numbered message.
 * @property {(message: ArrayBuffer) => void} binary A numbered message.
 * @property {() => void} ping Nothing has been heard for a while: say something that is answered.
 * @property {() => void} lost The connection that was opened is gone; another follows.
 * @property {(reason: string) => void} failed No other follows.
 */

export class Connector {
  #url;
  #dispatcher;
  #options;
  #handlers;
  /** @type {Transport | undefined} */
  #transport;
  /** Whether #transport has been opened: what arrives is numbered. */
  #attached = false;
  /** What the page presents to come back. @type {{ session: string, secret: string } | undefined} */
  #ticket;
  /** Whether the session is that of the page as it was loaded before. */
  #fresh = false;
  #attempts = 0;
  /** Number of the last connection. */
  #number = 0;
  #stopped = false;
  #frozen = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watch;
  /** How often the watch has found that nothing was heard. */
  #silent = 0;

  /** Takes the listeners off that `start` has put on. @type {(() => void)[]} */
  #cleanUp = [];

  /**
   * @param {string} url
   * @param {Dispatcher} dispatcher
   * @param {ConnectorOptions} options
   * @param {ConnectorHandlers} handlers
   */
  constructor(url, dispatcher, options, handlers) {
    this.#url = url;
    this.#dispatcher = dispatcher;
    this.#options = options;
    this.#handlers = handlers;
  }

  /** Fulfilled when there is no connection. @type {Promise<void>} */
  get closed() {
    return this.#transport?.closed ?? Promise.resolve();
  }

  /** Makes the first attempt; where a page may have been loaded again, once that is known. */
  start() {
    this.#listen('online', () => this.#hurry());
    this.#listen('visibilitychange', () => {
      if (globalThis.document?.visibilityState === 'visible') this.#hurry();
    });
    this.#listen('pagehide', (event) => this.#pageHides(event));
    this.#listen('pageshow', (event) => {
      if (!event.persisted || !this.#frozen) return;
      this.#frozen = false;
      this.#connect();
    });
    const claimed = this.#options.store.claim();
    if (!claimed) return this.#connect();
    void claimed.then((ticket) => {
      this.#ticket = ticket;
      this.#fresh = ticket !== undefined;
      if (!this.#stopped) this.#connect();
    });
  }

  /**
   * Ends it all.
   *
   * @param {number} [code]
   * @param {string} [reason]
   */
  stop(code = 1000, reason = '') {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    for (const cleanUp of this.#cleanUp) cleanUp();
    this.#options.store.clear();
    this.#transport?.close(code, reason);
  }

  /**
   * @param {string} type
   * @param {(event: any) => void} listener
   */
  #listen(type, listener) {
    const target = type === 'visibilitychange' ? globalThis.document : globalThis;
    if (typeof target?.addEventListener !== 'function') return;
    target.addEventListener(type, listener);
    this.#cleanUp.push(() => target.removeEventListener(type, listener));
  }

  #connect() {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#handlers.status({ state: 'connecting' });
    let opened = false;
    try {
      const transport = new Transport(this.#url, this.#options.WebSocket, this.#dispatcher, {
        open: () => {
          opened = true;
          if (transport === this.#transport) this.#open(transport);
        },
        text: (text) => {
          if (transport !== this.#transport) return;
          this.#silent = 0;
          if (this.#attached) this.#handlers.text(text);
          else this.#openAnswered(text, transport);
        },
        binary: (message) => {
          if (transport !== this.#transport || !this.#attached) return;
          this.#silent = 0;
          this.#handlers.binary(message);
        },
        close: (code, reason) => {
          if (transport === this.#transport) this.#closed(opened, code, reason);
        },
      });
      this.#transport = transport;
    } catch (error) {
      // The URL cannot be used in this page; trying again does not help.
      this.#handlers.failed(String(error));
    }
  }

  /** @param {Transport} transport That is open now. */
  #open(transport) {
    this.#silent = 0;
    this.#watch = setInterval(() => this.#checkSilence(transport), SILENCE_MS);
    /** @type {{ unref?: () => void }} */ (this.#watch).unref?.(); // In Node it keeps nobody running.
    const { received, after } = this.#handlers.open();
    const attempt = ++this.#number;
    const params = this.#ticket
      ? { ...this.#ticket, attempt, ...(this.#fresh ? { fresh: true } : { received }) }
      : { after };
    transport.send(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'session.open', params }));
  }

  /**
   * @param {string} text
   * @param {Transport} transport
   */
  #openAnswered(text, transport) {
    const { result, error } = JSON.parse(text);
    if (error?.code === SESSION_GONE && this.#ticket) {
      this.#ticket = undefined;
      this.#fresh = false;
      this.#handlers.gone();
      this.#open(transport);
    } else if (error) {
      this.#handlers.failed(error.message);
    } else {
      const { session, secret = this.#ticket?.secret } = result;
      this.#ticket = { session, secret };
      this.#options.store.save(this.#ticket);
      this.#attached = true;
      this.#fresh = false;
      this.#attempts = 0;
      this.#handlers.opened(result, transport);
    }
  }

  /**
   * @param {boolean} opened Whether this connection has ever been open.
   * @param {number} code
   * @param {string} reason
   */
  #closed(opened, code, reason) {
    this.#detach();
    if (this.#stopped) return;
    const why = opened ? `${code}${reason && ` ${reason}`}` : UNREACHABLE;
    if (code === 1000 || code >= 4500 || BROKEN.includes(code)) return this.#handlers.failed(why);
    const { backoff = (attempt) => defaultBackoff(attempt, Math.random()) } = this.#options;
    const delay = backoff(++this.#attempts);
    this.#handlers.status({ state: 'waiting', reason: why, retryAt: Date.now() + delay });
    this.#retry = setTimeout(() => this.#connect(), delay);
  }

  /** There is no connection any more that messages go over. */
  #detach() {
    clearInterval(this.#watch);
    if (!this.#attached) return;
    this.#attached = false;
    this.#handlers.lost();
  }

  /** Something has changed: there is no reason to wait. */
  #hurry() {
    if (this.#retry !== undefined) this.#connect();
  }

  /** @param {Transport} transport */
  #checkSilence(transport) {
    this.#silent++;
    if (this.#silent > 2) transport.abandon();
    else if (this.#attached) this.#handlers.ping();
  }

  /**
   * The page is left for good, or put away: then it is shown again as it was, if ever.
   *
   * @param {{ persisted: boolean }} event
   */
  #pageHides({ persisted }) {
    this.#dispatcher.flush();
    this.#frozen = persisted;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#transport?.close(persisted ? FROZEN : LEFT, persisted ? 'frozen' : 'left');
    this.#transport = undefined;
    this.#detach();
  }
}
