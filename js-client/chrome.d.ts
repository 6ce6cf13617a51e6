/**
 * Types of the module `socketgate/chrome`, and of the namespaces that it and the classic script
 * define. They are as Chrome really is; programs written with `@types/chrome-apps` or `chrome-types`
 * need not change.
 */

import {
  Client,
  ConnectOptions,
  SecureOptions,
  ServerInfo,
  ServerProperties,
  SocketEvent,
  StreamInfo,
  StreamProperties,
} from './index.js';

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

/** What `chrome.sockets` holds. Wrong arguments throw `TypeError` in the caller. */
export interface ChromeSockets {
  tcpServer: ChromeTcpServer;
  tcp: ChromeTcp;
}

type Maybe<T> = T | null | undefined;

/** A method that calls back or, without a callback, returns a promise of what it calls back with. */
interface IdMethod<Args extends unknown[], Result> {
  (...args: [...Args, callback?: null]): Promise<Result>;
  (
    ...args: [...Args, callback: Result extends void ? () => void : (result: Result) => void]
  ): undefined;
  (
    ...args: [
      ...Args,
      callback?: Maybe<Result extends void ? () => void : (result: Result) => void>,
    ]
  ): Promise<Result> | undefined;
}

interface CreateMethod<Properties> extends IdMethod<
  [properties: Maybe<Properties>],
  { socketId: number }
> {
  (): Promise<{ socketId: number }>;
  (properties: Maybe<Properties>): Promise<{ socketId: number }>;
  (callback: (info: { socketId: number }) => void): undefined;
  (
    properties?: Maybe<Properties>,
    callback?: Maybe<(info: { socketId: number }) => void>,
  ): Promise<{ socketId: number }> | undefined;
}

interface Common<Properties, Info> {
  create: CreateMethod<Properties>;
  update: IdMethod<[socketId: number, properties: Properties], void>;
  setPaused: IdMethod<[socketId: number, paused: boolean], void>;
  disconnect: IdMethod<[socketId: number], void>;
  close: IdMethod<[socketId: number], void>;
  getInfo: IdMethod<[socketId: number], Info>;
  getSockets: IdMethod<[], Info[]>;
}

/** Gets 0, or a negative net error code with `chrome.runtime.lastError`, or nothing with it. */
type ResultCallback = (result: number) => void;

export interface ChromeTcpServer extends Common<ServerProperties, ServerInfo> {
  listen(socketId: number, address: string, port: number, callback: ResultCallback): undefined;
  listen(
    socketId: number,
    address: string,
    port: number,
    backlog: Maybe<number>,
    callback: ResultCallback,
  ): undefined;
  onAccept: SocketEvent<{ socketId: number; clientSocketId: number }>;
  onAcceptError: SocketEvent<{ socketId: number; resultCode: number }>;
}

type DnsQueryType = 'any' | 'ipv4' | 'ipv6';

export interface ChromeTcp extends Common<StreamProperties, StreamInfo> {
  DnsQueryType: { ANY: 'any'; IPV4: 'ipv4'; IPV6: 'ipv6' };
  setKeepAlive(socketId: number, enable: boolean, callback: ResultCallback): undefined;
  setKeepAlive(
    socketId: number,
    enable: boolean,
    delay: Maybe<number>,
    callback: ResultCallback,
  ): undefined;
  setNoDelay(socketId: number, noDelay: boolean, callback: ResultCallback): undefined;
  connect(
    socketId: number,
    peerAddress: string,
    peerPort: number,
    callback: ResultCallback,
  ): undefined;
  connect(
    socketId: number,
    peerAddress: string,
    peerPort: number,
    dnsQueryType: Maybe<DnsQueryType>,
    callback: ResultCallback,
  ): undefined;
  /** Ours, not Chrome's: works on accepted streams too. */
  secure(socketId: number, callback: ResultCallback): undefined;
  secure(socketId: number, options: Maybe<SecureOptions>, callback: ResultCallback): undefined;
  send(
    socketId: number,
    data: ArrayBuffer | ArrayBufferView,
    callback: (info: { resultCode: number; bytesSent?: number }) => void,
  ): undefined;
  onReceive: SocketEvent<{ socketId: number; data: ArrayBuffer }>;
  onReceiveError: SocketEvent<{ socketId: number; resultCode: number }>;
}
