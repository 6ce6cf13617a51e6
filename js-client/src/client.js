/**
 * A client: one session with a gateway, and the objects through which a program uses it.
 */

import { Credential } from './credential.js';
import { Dispatcher } from './dispatcher.js';
import { browserEnvironment } from './environment.js';
import { withOrigin } from './origin.js';
import { createPromiseFace } from './promise-face.js';
import { Sockets } from './sockets.js';
import { SessionStore } from './store.js';

/** @import { WebSocketConstructor } from './transport.js' */
/** @import { Client, ConnectOptions } from '../index.js' */

/** Where a gateway is if nothing else is said. */
export const DEFAULT_URL = 'ws://127.0.0.1:7717/v1/ws';

/** What a client shows of the state it is in. */
const STATUS = /** @type {const} */ ([
  'state',
  'reason',
  'message',
  'help',
  'code',
  'url',
  'retryAt',
]);

/**
 * @param {string | URL} url
 * @param {ConnectOptions} options
 * @returns {{ client: Client, sockets: Sockets, dispatcher: Dispatcher }}
 */
export function createClient(url, options) {
  const {
    WebSocket = globalThis.WebSocket,
    origin,
    scope = 'tab',
    backoff,
    name,
    sockets: wanted,
  } = options;
  const constructor = /** @type {WebSocketConstructor} */ (WebSocket);
  if (typeof constructor !== 'function') {
    throw new TypeError('This runtime has no WebSocket: pass one as options.WebSocket');
  }
  const dispatcher = new Dispatcher();
  const full = endpoint(url);
  const sockets = new Sockets(full, dispatcher, {
    WebSocket: withOrigin(constructor, origin),
    store: new SessionStore(full, scope),
    backoff,
    environment: browserEnvironment(full),
    credential: new Credential(full),
    wish: { name, sockets: wanted },
  });
  const { session } = sockets;
  const client = {
    ...createPromiseFace(sockets),
    ready: session.ready,
    onStateChange: session.onStateChange,
    onSessionGone: session.onSessionGone,
    requestPermission: () => session.requestPermission(),
    close: () => session.close(),
  };
  for (const name of STATUS) {
    Object.defineProperty(client, name, { get: () => session.status[name], enumerable: true });
  }
  return { client: /** @type {Client} */ (/** @type {unknown} */ (client)), sockets, dispatcher };
}

/**
 * @param {string | URL} url Of the gateway, `http:` or `ws:`, or of its WebSocket.
 * @returns {string}
 */
function endpoint(url) {
  const { href, protocol, pathname } = new URL(url);
  if (!/^(http|ws)s?:$/.test(protocol)) {
    throw new TypeError(`The gateway's URL must be http: or ws:, not ${protocol}`);
  }
  const full = pathname === '/' ? new URL('/v1/ws', href).href : href;
  return full.replace(/^http/, 'ws');
}
