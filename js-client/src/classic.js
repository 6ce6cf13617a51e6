/**
 * The classic script: defines `socketgate` and Chrome's namespaces at once, before the connection
 * is open. esbuild makes `socketgate.js` of it.
 */

import { connect as connectTo } from './index.js';
import { SocketError } from './errors.js';
import { install } from './install.js';

/** @import { ConnectOptions } from '../index.js' */

const script = /** @type {HTMLScriptElement | null | undefined} */ (
  globalThis.document?.currentScript
);
const { gateway, scope, name, sockets } = script?.dataset ?? {};
const url = gateway || ownGateway();
/** What the script element says of the client. */
const own = /** @type {ConnectOptions} */ ({
  scope,
  name,
  sockets: sockets ? JSON.parse(sockets) : undefined,
});

/**
 * As in the module, but the default gateway is the one that this script came from.
 *
 * @param {string | URL} [gateway]
 * @param {ConnectOptions} [options]
 */
const connect = (gateway = url, options) =>
  connectTo(gateway, { name: own.name, sockets: own.sockets, ...options });

Object.assign(globalThis, {
  socketgate: { SocketError, client: install({ url, ...own }), connect },
});

/** @returns {string | undefined} The gateway that this script came from. */
function ownGateway() {
  // A worker does not tell whose script it runs, except in the stack of an error.
  const source = script
    ? script.src
    : /https?:[^\s()@]+?\/socketgate\.js/.exec(new Error().stack ?? '')?.[0];
  return /^https?:/.test(source ?? '') ? new URL('v1/ws', source).href : undefined;
}
