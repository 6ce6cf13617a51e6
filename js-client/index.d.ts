/** Types of the module `socketgate`. */

/** An event. The methods are own properties and may be detached. */
export interface SocketEvent<Info> {
  /** Adds a listener. One that is there already counts once. */
  addListener(listener: (info: Info) => void): void;
  /** Removes a listener. One that is not there is ignored. */
  removeListener(listener: (info: Info) => void): void;
  hasListener(listener: (info: Info) => void): boolean;
  hasListeners(): boolean;
  /** Calls each listener with `info`, in the order of registration. */
  dispatch(info: Info): void;
}

export interface ServerProperties {
  /** Stored and shown; default false. */
  persistent?: boolean | null;
  /** A name for the program's own use; '' removes it. */
  name?: string | null;
}

export interface StreamProperties extends ServerProperties {
  /** Most bytes in one `onReceive`, at most 65,536. Unset, 0 or negative: 4,096. */
  bufferSize?: number | null;
  /**
   * Whether the page may go on sending after the peer has ended its direction. Default false:
   * the stream is then unconnected, as in Chrome. Not part of Chrome's API.
   */
  allowHalfOpen?: boolean | null;
}

/** `tls1.2` or `tls1.3`; `tls1` and `tls1.1` are raised to `tls1.2`, and others are ignored. */
export interface SecureOptions {
  tlsVersion?: { min?: string | null; max?: string | null } | null;
}

export interface ServerInfo {
  socketId: number;
  persistent: boolean;
  name?: string;
  paused: boolean;
  /** Only while listening. */
  localAddress?: string;
  /** Only while listening. */
  localPort?: number;
}

export interface StreamInfo {
  socketId: number;
  persistent: boolean;
  name?: string;
  /** Only if set to more than 0. */
  bufferSize?: number;
  paused: boolean;
  connected: boolean;
  allowHalfOpen?: boolean;
  /** Addresses and ports only while connected. */
  localAddress?: string;
  localPort?: number;
  peerAddress?: string;
  peerPort?: number;
}

export interface TcpServer {
  create(properties?: ServerProperties | null): Promise<{ socketId: number }>;
  update(socketId: number, properties: ServerProperties): Promise<void>;
  /** A paused server accepts nothing; connections wait in the backlog. */
  setPaused(socketId: number, paused: boolean): Promise<void>;
  /**
   * Listens on an address of the gateway's machine.
   *
   * @param address An IP address; names are not resolved. `::` takes IPv4 as well.
   * @param port 0 for any free one; see `getInfo`.
   * @param backlog Most connections that wait to be accepted; the system's maximum if left out.
   */
  listen(socketId: number, address: string, port: number, backlog?: number | null): Promise<number>;
  /** Stops listening; the socket can listen again. Accepted streams go on. */
  disconnect(socketId: number): Promise<void>;
  /** Stops listening; the id is gone. Accepted streams go on. */
  close(socketId: number): Promise<void>;
  getInfo(socketId: number): Promise<ServerInfo>;
  getSockets(): Promise<ServerInfo[]>;
  /** A connection was accepted. Its stream is paused until `tcp.setPaused(id, false)`. */
  readonly onAccept: SocketEvent<{ socketId: number; clientSocketId: number }>;
  /** Accepting failed, and the server is now paused. */
  readonly onAcceptError: SocketEvent<{ socketId: number; resultCode: number }>;
}

export interface Tcp {
  readonly DnsQueryType: { readonly ANY: 'any'; readonly IPV4: 'ipv4'; readonly IPV6: 'ipv6' };
  create(properties?: StreamProperties | null): Promise<{ socketId: number }>;
  update(socketId: number, properties: StreamProperties): Promise<void>;
  /** A paused stream raises no events, and its peer has to wait. */
  setPaused(socketId: number, paused: boolean): Promise<void>;
  /** @param delay Seconds without traffic before the first probe; 0 for the system's default. */
  setKeepAlive(socketId: number, enable: boolean, delay?: number | null): Promise<number>;
  setNoDelay(socketId: number, noDelay: boolean): Promise<number>;
  connect(
    socketId: number,
    peerAddress: string,
    peerPort: number,
    dnsQueryType?: 'any' | 'ipv4' | 'ipv6' | null,
  ): Promise<number>;
  /**
   * Makes the gateway a TLS client on a connected stream. The stream must be paused, before it is
   * connected at best, and its sends complete. The certificate must be for the host that was given to
   * `connect`. If it fails, the stream is closed, unless it was not connected or had TLS already.
   */
  secure(socketId: number, options?: SecureOptions | null): Promise<number>;
  /**
   * Sends a copy of `data`. Fulfilled when the gateway's machine has taken all of it for the peer,
   * so with a peer that does not read it waits. At most 200 MiB can wait in a client.
   */
  send(
    socketId: number,
    data: ArrayBuffer | ArrayBufferView,
  ): Promise<{ resultCode: number; bytesSent: number }>;
  /** Ends the connection after what was sent; the socket can connect again. */
  disconnect(socketId: number): Promise<void>;
  /** Ends the connection after what was sent; the id is gone. */
  close(socketId: number): Promise<void>;
  getInfo(socketId: number): Promise<StreamInfo>;
  getSockets(): Promise<StreamInfo[]>;
  /** Bytes have arrived; never 0 of them. The buffer belongs to the listeners. */
  readonly onReceive: SocketEvent<{ socketId: number; data: ArrayBuffer }>;
  /**
   * The connection has ended (-100), after all data; the stream is now unconnected and paused.
   * Also raised by `close` and `disconnect` of a stream that was not paused, as in Chrome.
   */
  readonly onReceiveError: SocketEvent<{ socketId: number; resultCode: number }>;
}

/**
 * - `connecting`: an attempt is under way.
 * - `open`: the session has a connection.
 * - `waiting`: it has none; the next attempt is at `retryAt`. Calls wait, and nothing is lost.
 * - `closed`: the session is over; every call fails.
 */
export type State = 'connecting' | 'open' | 'waiting' | 'closed';

/** Why a client is not connected. docs/permissions.md says what each means. */
export type Reason =
  | 'not-running'
  | 'lna-prompt'
  | 'lna-denied'
  | 'insecure-context'
  | 'iframe-policy'
  | 'csp'
  | 'mixed-content'
  | 'origin-refused'
  | 'permission-needed'
  | 'permission-pending'
  | 'permission-denied'
  | 'revoked'
  | 'unreachable';

/** What a page asks its gateway for: the key `sockets` of a Chrome App's manifest. */
export interface Manifest {
  tcp?: { connect?: string | string[] };
  tcpServer?: { listen?: string | string[] };
}

export interface StateChange {
  state: State;
  /**
   * Why it is `waiting` or `closed`: a stable token. One of `Reason`, or, for a connection that was open, the
   * gateway's token in closing it (such as `shutting-down`), `connection-lost` if it gave none, or `closed` by
   * the page.
   */
  reason?: Reason | (string & {});
  /** The reason as a sentence, and what to do about it. */
  message?: string;
  help?: string;
  /** While a request for permission is pending: its code, and where the user approves it. */
  code?: string;
  url?: string;
  /** When `waiting`: time of the next attempt in milliseconds, as of `Date.now()`. */
  retryAt?: number;
}

export interface Client {
  readonly tcpServer: TcpServer;
  readonly tcp: Tcp;
  readonly state: State;
  readonly reason: Reason | (string & {}) | undefined;
  readonly message: string | undefined;
  readonly help: string | undefined;
  readonly code: string | undefined;
  readonly url: string | undefined;
  readonly retryAt: number | undefined;
  /** Fulfilled when the session is open; rejected if it is closed before. */
  readonly ready: Promise<void>;
  readonly onStateChange: SocketEvent<StateChange>;
  /**
   * The gateway does not know the session any more: it was restarted, or the page was away for longer than a
   * session waits. All sockets are gone, and have told so: streams by `onReceiveError`, servers by
   * `onAcceptError`. A new session follows by itself; whoever listened creates its servers again here.
   */
  readonly onSessionGone: {
    addListener(listener: () => void): void;
    removeListener(listener: () => void): void;
  };
  /**
   * Asks for what the page lacks: the permission of the browser, or of the gateway's user. To be called when
   * the user clicks. Does nothing while the session is open. What comes of it is told by `onStateChange`.
   */
  requestPermission(): void;
  /**
   * Ends the session: servers stop listening and streams are closed. Calls that are under way fail.
   * Wait for `send` first if its bytes matter. Raises no events on sockets. Without a connection at that moment
   * (`waiting`) the gateway hears nothing of it, and ends the session when its time is over, a minute by default.
   */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** What the page calls itself before the gateway's user; default its title. At most 64 characters. */
  name?: string;
  /** What to ask permission for; default: all of this computer. docs/permissions.md has the grammar. */
  sockets?: Manifest;
  /** The constructor to use where there is no global one, such as that of `ws` in Node 20. */
  WebSocket?: new (url: string, protocols?: string) => unknown;
  /**
   * The origin that a program in Node names; default `http://localhost`. It needs permission as a page of
   * this origin does. In a browser the page's own origin counts, and this is ignored.
   */
  origin?: string;
  /**
   * Where a page keeps what lets it find its persistent sockets when it is loaded again: for the tab
   * (default), for all tabs of the origin, of which one at a time has the session, or nowhere. It needs
   * `navigator.locks`, which browsers have on secure pages and on loopback addresses.
   */
  scope?: 'tab' | 'origin' | 'none';
  /**
   * Milliseconds to wait before an attempt to reach the gateway; `attempt` counts from 1 since the last
   * connection. Default: random, up to a bound that doubles from 250 ms to 5 s.
   */
  backoff?: (attempt: number) => number;
}

/**
 * Starts a session with a gateway. Methods may be called at once: they wait for the connection,
 * and while the gateway cannot be reached the client goes on trying.
 *
 * Methods reject with `SocketError`, or with `TypeError` for wrong arguments.
 *
 * @param url Of the gateway, `http:` or `ws:`; default `ws://127.0.0.1:7717`.
 * @throws TypeError if the URL or an option cannot be used.
 */
export function connect(url?: string | URL, options?: ConnectOptions): Client;

/** Why a call failed. */
export class SocketError extends Error {
  constructor(failure: { code: number; message: string });
  readonly name: 'SocketError';
  /**
   * Chrome's net error code (-1 to -999, `message` is then its name), or -32000 gateway lost,
   * -32001 no such socket, -32002 not permitted, -32005 limit reached.
   */
  readonly code: number;
}
