/** Types of the module `socketgate/chrome`. The namespaces themselves: see `@types/chrome-apps`. */

import { Client, ConnectOptions } from './index.js';

export interface InstallOptions extends ConnectOptions {
  /** Where `chrome` is defined; default `globalThis`. */
  target?: object;
  /** Of the gateway; default `ws://127.0.0.1:7717`. */
  url?: string | URL;
}

/**
 * Defines `chrome.sockets.tcpServer` and `chrome.sockets.tcp` where there is no `chrome.sockets`,
 * `chrome.runtime.lastError` during callbacks, and `chrome.runtime.id` where there is none.
 *
 * @returns The client behind them, for its state.
 */
export function install(options?: InstallOptions): Client;
