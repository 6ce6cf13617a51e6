/**
 * The origin that a program outside a browser names. A browser names that of the page by itself,
 * and lets nobody change it.
 */

import { isNode } from './tasks.js';

/** @import { WebSocketConstructor } from './transport.js' */

/** The gateway is on the program's own machine. */
const LOCAL = 'http://localhost';

/**
 * @param {WebSocketConstructor} WebSocket
 * @param {string} [origin]
 * @returns {WebSocketConstructor} One that names the origin, if this runs in Node.
 */
export function withOrigin(WebSocket, origin = LOCAL) {
  if (!isNode()) return WebSocket;
  /**
   * @param {string} url
   * @param {string} protocol
   */
  function open(url, protocol) {
    /** @type {any} */
    const constructor = WebSocket;
    // Only Node's own has this name; it takes headers beside the protocol, as no browser's does.
    if (Object.prototype.toString.call(WebSocket.prototype) === '[object WebSocket]') {
      try {
        return new constructor(url, { protocols: protocol, headers: { origin } });
      } catch {
        // A browser's after all: programs such as Electron have Node and a page in one.
      }
    }
    return new constructor(url, protocol, { origin }); // As that of `ws` takes it.
  }
  return /** @type {any} */ (open);
}
