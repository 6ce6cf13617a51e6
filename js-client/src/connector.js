/**
 * Gets a session its connections: one attempt after another, `session.open` on each that opens, and the end of
 * each. It knows when to come back and when not to.
 */

import { isWelcome, whenWelcome } from './approach.js';
import { backoff as defaultBackoff } from './backoff.js';
import { diagnose } from './diagnosis.js';
import { lost } from './errors.js';
import { NOT_PERMITTED, Permission } from './permission.js';
import { explain, sequel } from './reasons.js';
import { Transport } from './transport.js';

/** @import { Credential } from './credential.js' */
/** @import { Failure as Attempt } from './diagnosis.js' */
/** @import { Dispatcher } from './dispatcher.js' */
/** @import { Environment } from './environment.js' */
/** @import { Cause, Outcome } from './errors.js' */
/** @import { Manifest, Reason } from '../index.js' */
/** @import { SessionStore } from './store.js' */
/** @import { StateChange } from './session.js' */
/** @import { WebSocketConstructor } from './transport.js' */

/** After this long without a message the gateway is asked for one; after three times as long it is given up. */
const SILENCE_MS = 20_000;

/** Error code of `session.open`: there is no such session. */
const SESSION_GONE = -32006;

/** Close code: the user has taken the permission back. */
const REVOKED = 4523;

/** Ids of the calls before the session is open: `session.open` and `permission.request`. */
const OPEN = 0;
const REQUEST = 1;

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
 * @property {Environment} environment
 * @property {Credential} credential
 * @property {{ name?: string, sockets?: Manifest }} [wish] What to ask permission for.
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
 * @property {(cause: Cause) => void} failed No other follows.
 */

export class Connector {
  #url;
  #dispatcher;
  #options;
  #handlers;
  #permission;
  /** Takes the answer to `permission.request`. @type {(outcome: Outcome) => void} */
  #onReply = () => {};
  /** @type {Transport | undefined} */
  #transport;
  /** Whether #transport has been opened: what arrives is numbered. */
  #attached = false;
  /** What the page presents to come back. @type {{ session: string, secret: string } | undefined} */
  #ticket;
  /** Whether the session is that of the page as it was loaded before. */
  #fresh = false;
  #attempts = 0;
  /** Tells this page from itself before it was loaded again. */
  #page = Math.random().toString(36).slice(2);
  /** Number of the last connection. */
  #number = 0;
  #stopped = false;
  #frozen = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** Ends the wait for the user or the browser, if there is one. @type {(() => void) | undefined} */
  #stopWaiting;
  /** Changes whenever something else is done next than what was under way. */
  #turn = 0;
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
    const { environment, credential, wish } = options;
    const applicant = {
      url,
      environment,
      credential,
      call: this.#call,
      wait: (/** @type {Partial<StateChange>} */ why) =>
        handlers.status({ state: 'waiting', ...why }),
      leave: () => this.#leave(),
      open: () => (this.#transport ? this.#open(this.#transport) : this.#approach()),
    };
    this.#permission = new Permission(applicant, wish);
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
      this.#approach();
    });
    const claimed = this.#options.store.claim();
    if (!claimed) return this.#approach();
    void claimed.then((ticket) => {
      this.#ticket = ticket;
      this.#fresh = ticket !== undefined;
      if (!this.#stopped) this.#approach();
    });
  }

  /** The user has clicked, so that the program asks for whatever is missing. */
  requestPermission() {
    if (this.#attached || this.#stopped) return;
    this.#permission.request();
    if (this.#retry !== undefined || this.#stopWaiting) this.#approach();
  }

  /**
   * Ends it all.
   *
   * @param {number} [code]
   * @param {string} [reason]
   */
  stop(code = 1000, reason = '') {
    this.#stopped = true;
    this.#rest();
    clearInterval(this.#watch);
    this.#permission.reset();
    this.#options.environment.release();
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

  /** Nothing is done next, unless something new asks for it. */
  #rest() {
    this.#turn++;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }

  /** Makes an attempt as soon as that makes the browser ask nobody out of the blue. */
  #approach() {
    this.#rest();
    const { environment } = this.#options;
    if (environment.local) return this.#connect();
    const turn = this.#turn;
    void isWelcome(environment).then((welcome) => {
      if (turn !== this.#turn) return;
      if (welcome) this.#connect();
      else this.#wait('lna-prompt', true);
    });
  }

  /**
   * @param {Reason} reason
   * @param {boolean} byGesture Whether a click ends it.
   */
  #wait(reason, byGesture) {
    this.#handlers.status({ state: 'waiting', ...explain(reason, this.#url) });
    const approach = () => this.#approach();
    this.#stopWaiting = whenWelcome(this.#options.environment, byGesture, approach);
  }

  #connect() {
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
          else this.#heard(JSON.parse(text), transport);
        },
        binary: (message) => {
          if (transport !== this.#transport || !this.#attached) return;
          this.#silent = 0;
          this.#handlers.binary(message);
        },
        close: (code, reason, silent) => {
          if (transport !== this.#transport) return;
          this.#detach();
          if (this.#stopped) return;
          if (opened) this.#closed(code, reason);
          else this.#failed({ silent });
        },
      });
      this.#transport = transport;
    } catch (error) {
      this.#failed({ error });
    }
  }

  /** @param {Transport} transport That is open now. */
  #open(transport) {
    this.#silent = 0;
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#checkSilence(transport), SILENCE_MS);
    /** @type {{ unref?: () => void }} */ (this.#watch).unref?.(); // In Node it keeps nobody running.
    const { received, after } = this.#handlers.open();
    const attempt = ++this.#number;
    const params = this.#ticket
      ? { ...this.#ticket, ...(this.#fresh ? { fresh: true } : { received }) }
      : { after };
    const credential = this.#options.credential.value;
    send(transport, OPEN, 'session.open', { ...params, page: this.#page, attempt, credential });
  }

  /** @type {import('./permission.js').Applicant['call']} */
  #call = (method, params, onReply) => {
    clearInterval(this.#watch); // The user may think as long as the gateway lets them.
    this.#onReply = onReply;
    send(/** @type {Transport} */ (this.#transport), REQUEST, method, params);
  };

  /**
   * Before the session is open.
   *
   * @param {any} message
   * @param {Transport} transport
   */
  #heard({ id, method, params, result, error }, transport) {
    if (id === OPEN) this.#openAnswered(result, error, transport);
    else if (id === REQUEST) this.#onReply({ result, error });
    else if (method === 'permission.pending') this.#permission.pending(params);
  }

  /**
   * @param {any} result
   * @param {any} error
   * @param {Transport} transport
   */
  #openAnswered(result, error, transport) {
    if (error?.code === SESSION_GONE && this.#ticket) {
      this.#ticket = undefined;
      this.#fresh = false;
      this.#handlers.gone();
      this.#open(transport);
    } else if (error?.code === NOT_PERMITTED) {
      this.#permission.refused(error.data);
    } else if (error) {
      this.#handlers.failed(lost('refused', error.message));
    } else {
      const { session, secret = this.#ticket?.secret } = result;
      this.#ticket = { session, secret };
      this.#options.store.save(this.#ticket);
      this.#permission.reset();
      this.#attached = true;
      this.#fresh = false;
      this.#attempts = 0;
      this.#handlers.opened(result, transport);
    }
  }

  /** @param {Attempt} attempt That did not open. */
  #failed(attempt) {
    const turn = this.#turn;
    void diagnose(this.#url, attempt, this.#options.environment).then((reason) => {
      if (turn !== this.#turn) return;
      const cause = explain(reason, this.#url);
      // A URL that cannot be used in this page is no better the next time.
      const next = attempt.error ? 'end' : sequel(reason);
      if (next === 'end') this.#handlers.failed(cause);
      else if (next === 'wait') this.#wait(reason, false);
      else this.#retryLater(cause);
    });
  }

  /**
   * A connection that was open has ended.
   *
   * @param {number} code
   * @param {string} token
   */
  #closed(code, token) {
    const cause =
      code === REVOKED
        ? explain('revoked', this.#url)
        : lost(token || 'connection-lost', token ? `${code} ${token}` : `${code}`);
    if (code === 1000 || code >= 4500 || BROKEN.includes(code)) this.#handlers.failed(cause);
    else this.#retryLater(cause);
  }

  /**
   * @param {Cause} cause
   * @returns {void}
   */
  #retryLater(cause) {
    const { backoff = (attempt) => defaultBackoff(attempt, Math.random()) } = this.#options;
    const delay = backoff(++this.#attempts);
    this.#handlers.status({ state: 'waiting', ...cause, retryAt: Date.now() + delay });
    this.#retry = setTimeout(() => void this.#retryNow(cause), delay);
  }

  /** @param {Cause} cause */
  async #retryNow(cause) {
    // A browser logs each failure as an error. Where nobody answers, one is enough.
    const turn = this.#turn;
    const idle = cause.reason === 'not-running' && !(await this.#options.environment.probe());
    if (turn !== this.#turn) return;
    if (idle) this.#retryLater(cause);
    else this.#approach();
  }

  /** Gives the connection back. */
  #leave() {
    const transport = this.#transport;
    this.#transport = undefined;
    clearInterval(this.#watch);
    transport?.close(1000, '');
  }

  /** There is no connection any more that messages go over. */
  #detach() {
    clearInterval(this.#watch);
    this.#permission.disconnected();
    if (!this.#attached) return;
    this.#attached = false;
    this.#handlers.lost();
  }

  /** Something has changed: there is no reason to wait. */
  #hurry() {
    if (this.#retry !== undefined) this.#approach();
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
    this.#rest();
    this.#transport?.close(persisted ? FROZEN : LEFT, persisted ? 'frozen' : 'left');
    this.#transport = undefined;
    this.#detach();
  }
}

/**
 * @param {Transport} transport
 * @param {number} id
 * @param {string} method
 * @param {object} params
 */
function send(transport, id, method, params) {
  transport.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
}
