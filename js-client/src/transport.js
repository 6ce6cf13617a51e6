/**
 * One WebSocket to the gateway: from the attempt to connect to its end. A session outlives it.
 */

import { Outbox } from './outbox.js';

/** @import { Dispatcher } from './dispatcher.js' */

/** The subprotocol of version 1. */
const PROTOCOL = 'socketgate.v1';

/** A failed WebSocket that fires no `close` (blocked by a page's policy) is given up after this. */
const SILENT_CLOSE_MS = 250;

/** @typedef {typeof WebSocket} WebSocketConstructor */

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/**
 * @typedef {object} TransportHandlers
 * @property {() => void} open
 * @property {(text: string) => void} text
 * @property {(message: ArrayBuffer) => void} binary
 * @property {(code: number, reason: string) => void} close Called once, last.
 */

export class Transport {
  #socket;
  #handlers;
  #closed = false;
  /** @type {() => void} */
  #resolveClosed = () => {};
  /** Fulfilled when the connection is gone. @type {Promise<void>} */
  closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  /** What goes out. */
  outbox;

  /**
   * Throws what the constructor of the WebSocket throws.
   *
   * @param {string} url
   * @param {WebSocketConstructor} WebSocket
   * @param {Dispatcher} dispatcher
   * @param {TransportHandlers} handlers
   */
  constructor(url, WebSocket, dispatcher, handlers) {
    const socket = new WebSocket(url, PROTOCOL);
    this.#socket = socket;
    this.#handlers = handlers;
    this.outbox = new Outbox(socket, () => dispatcher.requestFlush());
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => handlers.open());
    dispatcher.attach(socket, ({ data }) => {
      if (this.#closed) return;
      if (typeof data === 'string') handlers.text(data);
      else handlers.binary(data);
    });
    socket.addEventListener('error', () => {
      setTimeout(() => {
        if (socket.readyState === CLOSED) this.#end(1006, '');
      }, SILENT_CLOSE_MS);
    });
    socket.addEventListener('close', ({ code, reason }) => this.#end(code, reason));
  }

  /** Whether messages can be sent. */
  get open() {
    return this.#socket.readyState === OPEN && !this.#closed;
  }

  /** @returns {boolean} Whether there was anything to send. */
  flush() {
    return this.#socket.readyState !== CONNECTING && this.outbox.flush();
  }

  /**
   * Starts the closing handshake.
   *
   * @param {number} code
   * @param {string} reason
   */
  close(code, reason) {
    this.flush();
    this.#socket.close(code, reason);
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #end(code, reason) {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.close(code, reason);
    this.#resolveClosed();
  }
}
