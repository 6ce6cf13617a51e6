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
const url = gatewayUrl();
/** What the script element names in `data-scope`. */
const scope = /** @type {ConnectOptions['scope']} */ (script?.dataset.scope);

/**
 * As in the module, but the default gateway is the one that this script came from.
 *
 * @param {string | URL} [gateway]
 * @param {ConnectOptions} [options]
 */
const connect = (gateway = url, options) => connectTo(gateway, options);

Object.assign(globalThis, {
  socketgate: { SocketError, client: install({ url, scope }), connect },
});

/**
 * @returns {string | undefined} What the script element names in `data-gateway`, or else the gateway
 *   that this script came from.
 */
function gatewayUrl() {
  if (script?.dataset.gateway) return script.dataset.gateway;
  // A worker does not tell whose script it runs, except in the stack of an error.
  const source = script
    ? script.src
    : /https?:[^\s()@]+?\/socketgate\.js/.exec(new Error().stack ?? '')?.[0];
  return /^https?:/.test(source ?? '') ? new URL('v1/ws', source).href : undefined;
}
