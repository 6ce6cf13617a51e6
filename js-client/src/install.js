/**
 * Puts Chrome's namespaces on a global object, without disturbing what is there.
 */

import { createChromeFace } from './chrome-face.js';
import { DEFAULT_URL, createClient } from './client.js';
import { LastError } from './last-error.js';

/** @import { Client } from '../index.js' */
/** @import { InstallOptions } from '../chrome.js' */

/**
 * Libraries look for a string here, once, when they are loaded, to learn whether they run in an
 * app. It has the form of an app's id, and
 * is the one that a key of "socketgate" gives.
 */
const APP_ID = 'fegiabmccdjdnhbiecgpbpajnoofdoco';

/**
 * Defines `chrome.sockets.tcpServer`, `chrome.sockets.tcp`, `chrome.runtime.lastError` and, where
 * there is none, `chrome.runtime.id`. A `chrome.sockets` that exists is left alone.
 *
 * @param {InstallOptions} [options]
 * @returns {Client}
 */
export function install({ target = globalThis, url = DEFAULT_URL, ...options } = {}) {
  const { client, sockets, dispatcher } = createClient(url, options);
  const chrome = own(target, 'chrome', {});
  const runtime = own(chrome, 'runtime', {});
  own(runtime, 'id', APP_ID);
  own(chrome, 'sockets', createChromeFace(sockets, dispatcher, new LastError(runtime, dispatcher)));
  return client;
}

/**
 * @param {any} object Perhaps one of the browser's.
 * @param {string} name
 * @param {any} value
 * @returns {any} The object's property; it is `value` if there was none. If the object takes no
 *   properties, `value`, which then nobody sees.
 */
function own(object, name, value) {
  if (object[name] !== undefined && object[name] !== null) return object[name];
  Reflect.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  return object[name] ?? value;
}
