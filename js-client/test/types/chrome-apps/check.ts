/** Code written with `@types/chrome-apps` fits our objects; with what that package has wrong. */

import type { ChromeSockets } from '../../../chrome.js';
import { SocketError, connect } from '../../../index.js';
import '../../../socketgate.js';

declare const sockets: ChromeSockets;

/** Wrong about Chrome: an event has no addRules, removeRules and getRules. */
type RealEvent<Info> = Omit<
  chrome.events.Event<(info: Info) => void>,
  'addRules' | 'removeRules' | 'getRules'
>;
type RealEvents<Namespace> = {
  [Name in keyof Namespace]: Namespace[Name] extends chrome.events.Event<(info: infer Info) => void>
    ? RealEvent<Info>
    : Namespace[Name];
};

/** Wrong about Chrome: onAccept is declared with `data` and without `clientSocketId`. */
type RealTcpServer = Omit<RealEvents<typeof chrome.sockets.tcpServer>, 'onAccept'> & {
  onAccept: RealEvent<{ socketId: number; clientSocketId: number }>;
};

export const tcpServer: RealTcpServer = sockets.tcpServer;
export const tcp: RealEvents<typeof chrome.sockets.tcp> = sockets.tcp;

// What both faces refuse.
const client = connect();

// @ts-expect-error: an id is a number
sockets.tcp.close('1');
// @ts-expect-error: listen needs its callback
sockets.tcpServer.listen(1, '127.0.0.1', 0);
// @ts-expect-error: a server has no bufferSize
sockets.tcpServer.create({ bufferSize: 1 }, () => {});
// @ts-expect-error: text is not binary
sockets.tcp.send(1, 'text', () => {});
// @ts-expect-error: the callback of close gets nothing
sockets.tcp.close(1, (result: number) => result);
// @ts-expect-error: connect gives no promise in Chrome
sockets.tcp.connect(1, 'localhost', 80).then(() => {});
// @ts-expect-error: the promise face takes no callback
client.tcp.close(1, () => {});
// @ts-expect-error: update needs its properties
client.tcp.update(1);
// @ts-expect-error: there are three ways to look up a name
client.tcp.connect(1, 'localhost', 80, 'ipv5');
// @ts-expect-error: the state cannot be set
client.state = 'open';

// What both faces give.
sockets.tcp.getInfo(1).then(({ connected }) => connected);
sockets.tcp.getInfo(1, ({ peerAddress }) => peerAddress?.length);
sockets.tcpServer.create((info) => info.socketId);
sockets.tcpServer.listen(1, '127.0.0.1', 0, undefined, (result) => result.toFixed());
sockets.tcp.onReceive.addListener(({ socketId, data }) => client.tcp.send(socketId, data));
const bytesSent: Promise<number> = client.tcp.send(1, new Uint8Array()).then((i) => i.bytesSent);
await bytesSent;

// What the classic script defines beside `chrome`.
socketgate.client.onStateChange.addListener(({ state, retryAt }) => [state === 'open', retryAt]);
const second = socketgate.connect();
second.tcp.secure(1, { tlsVersion: { min: 'tls1.3' } }).catch((error: unknown) => {
  if (error instanceof socketgate.SocketError) error.code.toFixed();
});
// @ts-expect-error: a client is made by connect
socketgate.client = undefined;
// @ts-expect-error: the code of an error cannot be set
new SocketError({ code: -2, message: 'net::ERR_FAILED' }).code = 1;

// What a program in Node may say.
connect('http://127.0.0.1:7717', { origin: 'http://localhost:8080' });
connect(new URL('ws://localhost'), { WebSocket });
// @ts-expect-error: an origin is text
connect(undefined, { origin: 80 });
