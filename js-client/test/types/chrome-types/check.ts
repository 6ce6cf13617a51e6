/** Code written with `chrome-types` fits our objects; with what that package has wrong. */

import type { ChromeSockets } from '../../../chrome.js';

declare const sockets: ChromeSockets;

/** Wrong about Chrome: an event has no addRules, removeRules and getRules. */
type RealEvents<Namespace> = {
  [Name in keyof Namespace]: Namespace[Name] extends chrome.events.Event<infer Listener>
    ? Omit<chrome.events.Event<Listener>, 'addRules' | 'removeRules' | 'getRules'>
    : Namespace[Name];
};

export const tcpServer: RealEvents<typeof chrome.sockets.tcpServer> = sockets.tcpServer;
export const tcp: RealEvents<typeof chrome.sockets.tcp> = sockets.tcp;
