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

/** What a page asks for that does not say: everything that stays on this computer. */
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** In characters; longer names are cut. */
const MAX_NAME = 64;

/** What nobody sees in a name, or what the gateway would not show. */
const UNSEEN = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]+/gu;

/**
 * What a request needs of its session.
 *
 * @typedef {object} Applicant
 * @property {string} url The gateway's.
 * @property {Environment} environment
 * @property {Credential} credential
 * @property {(method: string, params: unknown[], onReply: (outcome: Outcome) => void) => void} call
 * @property {(change: Partial<StateChange>) => void} wait Tells why the session is not open.
 * @property {() => void} leave Closes the connection: a gateway has few places for pages that only wait.
 * @property {() => void} open Calls `session.open` again, on a new connection if there is none.
 */

export class Permission {
  #applicant;
  #wish;
  /**
   * `asking`: a request is under way. `parked`: the gateway has refused, there is nothing to ask, and
   * the connection is gone; another one is made when there is.
   *
   * @type {'' | 'asking' | 'parked'}
   */
  #phase = '';
  /** Whether to ask as soon as the gateway takes it. */
  #wanted = false;
  /** Stops waiting for a click. */
  #stopGestures = () => {};

  /**
   * @param {Applicant} applicant
   * @param {{ name?: string, sockets?: Manifest }} [wish]
   */
  constructor(applicant, wish = {}) {
    this.#applicant = applicant;
    this.#wish = wish;
  }

  /** Asks for permission, now or when the gateway has said that it is needed. */
  request() {
    this.#wanted = true;
    if (this.#phase !== 'parked') return;
    this.#phase = '';
    this.#stopGestures();
    this.#applicant.open();
  }

  /**
   * `session.open` was refused.
   *
   * @param {{ reason?: string, canRequest?: boolean }} [data]
   */
  refused({ reason, canRequest } = {}) {
    const { credential, environment } = this.#applicant;
    if (/wrong|expired/.test(reason ?? '')) credential.value = undefined;
    if (!canRequest) return this.#park('permission-denied');
    if (this.#wanted || environment.gesture()) return this.#ask();
    this.#park('permission-needed');
    this.#stopGestures = environment.onGesture(() => this.request());
  }

  /**
   * `permission.pending`: the gateway's user can see the request.
   *
   * @param {{ code: string, url: string }} params
   */
  pending({ code, url }) {
    if (this.#phase === 'asking') this.#explain('permission-pending', { code, url });
  }

  /** The connection is gone, and a request with it: the next one asks again. */
  disconnected() {
    if (this.#phase !== 'asking') return;
    this.#phase = '';
    this.#wanted = true;
  }

  /** There is nothing to ask: the session is open, or over. */
  reset() {
    this.#phase = '';
    this.#wanted = false;
    this.#stopGestures();
  }

  #ask() {
    this.#wanted = false;
    this.#phase = 'asking';
    const { call, credential, open } = this.#applicant;
    const { name, sockets = { tcp: { connect: LOOPBACK }, tcpServer: { listen: LOOPBACK } } } =
      this.#wish;
    call('permission.request', [shownName(name), sockets], ({ result, error }) => {
      if (this.#phase !== 'asking') return; // The connection is gone, and this is no answer.
      if (error?.code === DENIED) return this.#park('permission-denied');
      if (error) return this.#park('permission-needed', error.message);
      this.#phase = '';
      credential.value = result.credential;
      open();
    });
  }

  /**
   * @param {Reason} reason
   * @param {string} [message] What the gateway has said.
   */
  #park(reason, message) {
    this.#phase = 'parked';
    this.#explain(reason, message ? { message } : {});
    this.#applicant.leave();
  }

  /**
   * @param {Reason} reason
   * @param {Partial<StateChange>} [more]
   */
  #explain(reason, more) {
    this.#applicant.wait({ ...explain(reason, this.#applicant.url), ...more });
  }
}

/**
 * @param {string} [name] Default: the page's title, or else its host.
 * @returns {string}
 */
function shownName(name) {
  const { document, location } = globalThis;
  const text = name || document?.title || location?.hostname || 'A program';
  return [...text.replace(UNSEEN, ' ').trim()].slice(0, MAX_NAME).join('').trim();
}
