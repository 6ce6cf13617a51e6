/** The module `socketgate`. Importing it touches no global and opens no connection. */

import { DEFAULT_URL, createClient } from './client.js';

/** @import { Client, ConnectOptions } from '../index.js' */

export { SocketError } from './errors.js';

/**
 * Starts a session with a gateway. Methods may be called at once; they wait for the connection.
 *
 * @param {string | URL} [url]
 * @param {ConnectOptions} [options]
 * @returns {Client}
 */
export function connect(url = DEFAULT_URL, options = {}) {
  return createClient(url, options).client;
}
