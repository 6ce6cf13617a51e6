/**
 * The face that is exactly Chrome's: callbacks with lastError, promises where Chrome has them.
 */

import { FAILED, GATEWAY_LOST, SOCKET_NOT_FOUND, isNetFailure } from './errors.js';
import { reportException } from './event.js';
import { createFace } from './namespace.js';

/** @import { Outcome } from './errors.js' */
/** @import { Face } from './namespace.js' */
/** @import { Dispatcher } from './dispatcher.js' */
/** @import { LastError } from './last-error.js' */
/** @import { Sockets } from './sockets.js' */

/** Methods whose callback gets a number, or an object with one, also when they fail. */
const WITH_RESULT = /\.(listen|connect|secure|setKeepAlive|setNoDelay|send)$/;

/** What these give for a socket that does not exist; the others give no argument at all. */
const NOT_FOUND_RESULT = /** @type {Record<string, number>} */ ({
  'tcp.setKeepAlive': -2,
  'tcp.setNoDelay': -2,
  'tcp.secure': -4,
});

/**
 * @param {Sockets} sockets
 * @param {Dispatcher} dispatcher
 * @param {LastError} lastError
 * @returns {Face}
 */
export function createChromeFace(sockets, dispatcher, lastError) {
  return createFace(sockets, true, (method, check, args) => {
    const values = check(args);
    const callback = /** @type {Function | undefined} */ (values.pop());
    if (!callback) {
      return new Promise((resolve, reject) => {
        sockets.invoke(method, values, ({ result, error }) => {
          if (error) reject(new Error(error.message));
          else resolve(result ?? undefined);
        });
      });
    }
    sockets.invoke(method, values, (outcome) => {
      const failed = callbackArguments(method, outcome);
      if (failed.message !== undefined) lastError.set(failed.message);
      try {
        callback(...failed.args);
      } catch (error) {
        reportException('Error handling response', error);
      }
    });
    return undefined;
  });
}

/**
 * @param {string} method
 * @param {Outcome} outcome
 * @returns {{ args: unknown[], message?: string }} What the callback gets, and lastError's message.
 */
function callbackArguments(method, { result, error }) {
  if (!error) return { args: result === null ? [] : [result] };
  const { message } = error;
  if (!WITH_RESULT.test(method)) return { args: [], message };
  // Programs read the result of these methods without asking whether there is one.
  const code = error.code === GATEWAY_LOST ? FAILED : error.code;
  if (isNetFailure({ code, message })) {
    return { args: [method === 'tcp.send' ? { resultCode: code } : code], message };
  }
  if (error.code === SOCKET_NOT_FOUND.code && NOT_FOUND_RESULT[method]) {
    return { args: [NOT_FOUND_RESULT[method]], message };
  }
  return { args: [], message };
}
