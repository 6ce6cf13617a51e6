/**
 * The errors of both faces: codes, texts, and the class that promises reject with.
 */

/** What a failure looks like inside the client, and on the wire. @typedef {{ code: number, message: string }} Failure */

/**
 * Why there is no connection: a token for programs, a sentence, and perhaps what to do.
 *
 * @typedef {{ reason: string, message: string, help?: string }} Cause
 */

/**
 * The outcome of a call: its result, or a failure. A void result is null.
 *
 * @typedef {{ result: any, error?: undefined } | { result?: undefined, error: Failure }} Outcome
 */

/** No such socket. */
export const SOCKET_NOT_FOUND = { code: -32001, message: 'Socket not found' };

/** More than 200 MiB wait in unfinished sends. */
export const QUOTA_EXCEEDED = { code: -32005, message: 'Exceeded write quota.' };

/** Code of the failures of calls that reached no gateway, or got no answer from it. */
export const GATEWAY_LOST = -32000;

/**
 * @param {string} reason
 * @param {string} detail
 * @returns {Cause}
 */
export function lost(reason, detail) {
  return { reason, message: `Gateway connection lost: ${detail}` };
}

/** Writing to the peer failed, or an outcome has no better code. */
export const FAILED = -2;
/** Something else was asked for before it was done. */
export const ABORTED = -3;
/** An argument, or the moment, is wrong. */
export const INVALID_ARGUMENT = -4;
/** The stream is not connected. */
export const NOT_CONNECTED = -15;
/** The connection has ended, for whatever reason. */
export const CONNECTION_CLOSED = -100;

/** Names of the codes that the client itself gives out. @type {Record<number, string>} */
const NAMES = {
  [FAILED]: 'ERR_FAILED',
  [-12]: 'ERR_INSUFFICIENT_RESOURCES',
  [NOT_CONNECTED]: 'ERR_SOCKET_NOT_CONNECTED',
  [CONNECTION_CLOSED]: 'ERR_CONNECTION_CLOSED',
};

/**
 * @param {number} code A net error code.
 * @returns {Failure}
 */
export function netFailure(code) {
  return { code, message: `net::${NAMES[code] ?? 'ERR_FAILED'}` };
}

/**
 * @param {Failure} failure
 * @returns {boolean} Whether it is the outcome of a network operation.
 */
export function isNetFailure({ code }) {
  return code < 0 && code > -1000;
}

/** Why a call of the promise face failed. */
export class SocketError extends Error {
  /** @param {Failure} failure */
  constructor({ code, message }) {
    super(message);
    /**
     * Chrome's net error code (-1 to -999), or -32000 (gateway lost), -32001 (socket not found),
     * -32002 (no permission), -32005 (limit reached).
     */
    this.code = code;
  }

  /** @override */
  get name() {
    return 'SocketError';
  }
}
