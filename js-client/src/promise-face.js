/**
 * The face for new code: the same methods without callbacks, each of which returns a promise.
 */

import { SocketError } from './errors.js';
import { createFace } from './namespace.js';

/** @import { Face } from './namespace.js' */
/** @import { Sockets } from './sockets.js' */

/**
 * @param {Sockets} sockets
 * @returns {Face}
 */
export function createPromiseFace(sockets) {
  // A wrong argument throws inside the promise, and so rejects it with the TypeError.
  return createFace(sockets, false, (method, check, args) => {
    return new Promise((resolve, reject) => {
      sockets.invoke(method, check(args), ({ result, error }) => {
        if (error) reject(new SocketError(error));
        else resolve(result ?? undefined);
      });
    });
  });
}
