/**
 * Types of the classic script `socketgate.js`, for programs that include it with a script element:
 * `/// <reference types="socketgate/socketgate.js" />`. What it defines in `chrome` is typed by
 * `@types/chrome-apps` or `chrome-types`.
 */

import { Client, SocketError, connect } from './index.js';

declare global {
  /** The global of the classic script. */
  var socketgate: {
    /** As that of the module, but the default is the gateway that the script came from. */
    connect: typeof connect;
    SocketError: typeof SocketError;
    /** The client behind `chrome.sockets`. */
    client: Client;
  };
}
