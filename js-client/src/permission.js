/**
 * How a page that the gateway does not know gets in: it asks on its connection, the gateway's user
 * approves, and the page has a credential from then on. Nobody is asked before the user of the page has
 * clicked or typed.
 */

import { explain } from './reasons.js';

/** @import { Credential } from './credential.js' */
/** @import { Environment } from './environment.js' */
/** @import { Outcome } from './errors.js' */
/** @import { Manifest, Reason, StateChange } from '../index.js' */

/** The code of a refused `session.open`. */
export const NOT_PERMITTED = -32010;

const DENIED = -32011;

/** What a page asks for that does not say: everything that stays on this computer. @type {Manifest} */
const LOOPBACK = {
  tcp: { connect: ['127.0.0.1', 'localhost', '[::1]'] },
  tcpServer: { listen: ['127.0.0.1', '[::1]'] },
};

/** Longer names are cut. */
const MAX_NAME = 64;

/**
 * What a request needs of its session.
 *
 * @typedef {object} Applicant
 * @property {string} url The gateway's.
 * @property {Environment} environment
 * @property {Credential} credential
 * @property {(method: string, params: unknown[], onReply: (outcome: Outcome) => void) => void} call
 * @property {(change: Partial<StateChange>) => void} wait Tells why the session is not open.
 * @property {() => void} open Calls `session.open` again, on a new connection if there is none.
 */

export class Permission {
  #applicant;
  #params;
  /**
   * `refused`: the gateway takes a request on this connection. `asking`: it has one. `parked`: it was
   * refused, and the connection is gone; another one is made when there is something to ask.
   *
   * @type {'' | 'refused' | 'asking' | 'parked'}
   */
  #phase = '';
  /** Whether to ask as soon as the gateway takes it. */
  #wanted = false;
  /** Those who wait for the end of the request. @type {{ resolve: () => void, reject: (error: Error) => void }[]} */
  #waiting = [];
  /** Stops waiting for a click. */
  #stopGestures = () => {};

  /**
   * @param {Applicant} applicant
   * @param {{ name?: string, sockets?: Manifest }} [wish]
   */
  constructor(applicant, { name = ownName(), sockets = LOOPBACK } = {}) {
    this.#applicant = applicant;
    this.#params = [name.slice(0, MAX_NAME), sockets];
  }

  /**
   * Asks for permission, now or when the gateway has said that it is needed.
   *
   * @returns {Promise<void>} Fulfilled when the session is open.
   */
  request() {
    this.#act();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /**
   * `session.open` was refused.
   *
   * @param {{ reason?: string, canRequest?: boolean }} [data]
   */
  refused({ reason, canRequest } = {}) {
    const { credential, environment } = this.#applicant;
    if (/wrong|expired/.test(reason ?? '')) credential.value = undefined;
    this.#phase = 'refused';
    if (!canRequest) return this.#fail('permission-denied');
    if (this.#wanted || environment.gesture()) return this.#ask();
    this.#explain('permission-needed');
    this.#stopGestures();
    this.#stopGestures = environment.onGesture(() => this.#act());
  }

  /**
   * `permission.pending`: the gateway's user can see the request.
   *
   * @param {{ code: string, url: string }} params
   */
  pending({ code, url }) {
    if (this.#phase === 'asking') this.#explain('permission-pending', { code, url });
  }

  /** The session is open. */
  granted() {
    this.#settle(({ resolve }) => resolve());
  }

  /**
   * The connection is gone, and a request with it.
   *
   * @returns {boolean} Whether to make no other one: nothing would come of it. `open` is called when
   *   that changes.
   */
  disconnected() {
    if (this.#phase === 'asking') this.#wanted = true;
    this.#phase = this.#phase === 'refused' || this.#phase === 'parked' ? 'parked' : '';
    return this.#phase === 'parked';
  }

  /** @param {string} message The session is over. */
  close(message) {
    this.#phase = '';
    this.#stopGestures();
    this.#settle(({ reject }) => reject(new Error(message)));
  }

  #act() {
    this.#wanted = true;
    if (this.#phase === 'refused') this.#ask();
    if (this.#phase === 'parked') {
      this.#phase = '';
      this.#applicant.open();
    }
  }

  #ask() {
    this.#stopGestures();
    this.#wanted = false;
    this.#phase = 'asking';
    const { call, credential, open } = this.#applicant;
    call('permission.request', this.#params, ({ result, error }) => {
      if (this.#phase !== 'asking') return; // The connection is gone, and this is no answer.
      this.#phase = 'refused';
      if (error?.code === DENIED) return this.#fail('permission-denied');
      if (error) return this.#fail('permission-needed', error.message);
      this.#phase = '';
      credential.value = result.credential;
      open();
    });
  }

  /**
   * @param {Reason} reason
   * @param {string} [message] What the gateway has said.
   */
  #fail(reason, message) {
    const explanation = this.#explain(reason, message ? { message } : {});
    this.#settle(({ reject }) => reject(new Error(explanation.message)));
  }

  /**
   * @param {Reason} reason
   * @param {Partial<StateChange>} [more]
   */
  #explain(reason, more) {
    const explanation = { ...explain(reason, this.#applicant.url), ...more };
    this.#applicant.wait(explanation);
    return explanation;
  }

  /** @param {(waiting: { resolve: () => void, reject: (error: Error) => void }) => void} settle */
  #settle(settle) {
    this.#wanted = false;
    for (const waiting of this.#waiting.splice(0)) settle(waiting);
  }
}

/** @returns {string} What the page calls itself. */
function ownName() {
  return globalThis.document?.title || globalThis.location?.hostname || 'A program';
}
