/**
 * One WebSocket to the gateway: from the attempt to connect to its end. A session outlives it.
 */

/** @import { Dispatcher } from './dispatcher.js' */
/** @import { Message } from './dialogue.js' */

/** The subprotocol of version 1. */
const PROTOCOL = 'socketgate.v1';

/** A failed WebSocket that fires no `close` (blocked by a page's policy) is given up after this. */
const SILENT_CLOSE_MS = 250;

/** @typedef {typeof WebSocket} WebSocketConstructor */

const OPEN = 1;
const CLOSED = 3;

/**
 * @typedef {object} TransportHandlers
 * @property {() => void} open
 * @property {(text: string) => void} text
 * @property {(message: ArrayBuffer) => void} binary
 * @property {(code: number, reason: string, silent: boolean) => void} close Called once, last. `silent`:
 *   the browser has told of a failure, but of no end.
 */

export class Transport {
  #socket;
  #handlers;
  #closed = false;
  /** @type {() => void} */
  #resolveClosed = () => {};
  /** Fulfilled when the connection is gone. @type {Promise<void>} */
  closed = new Promise((resolve) => (this.#resolveClosed = resolve));

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
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => handlers.open());
    dispatcher.attach(socket, ({ data }) => {
      if (this.#closed) return;
      if (typeof data === 'string') handlers.text(data);
      else handlers.binary(data);
    });
    socket.addEventListener('error', () => {
      setTimeout(() => {
        if (socket.readyState === CLOSED) this.#end(1006, '', true);
      }, SILENT_CLOSE_MS);
    });
    socket.addEventListener('close', ({ code, reason }) => this.#end(code, reason));
  }

  /** Whether messages can be sent. */
  get open() {
    return this.#socket.readyState === OPEN && !this.#closed;
  }

  /** Bytes that the browser has not sent yet. */
  get bufferedAmount() {
    return this.#socket.bufferedAmount;
  }

  /** @param {Message} message */
  send(message) {
    // A WebSocket that has closed drops it; one that is open throws for nothing that is sent here.
    if (this.open) this.#socket.send(message);
  }

  /**
   * Starts the closing handshake.
   *
   * @param {number} code
   * @param {string} reason
   */
  close(code, reason) {
    this.#socket.close(code, reason);
  }

  /** Gives the connection up without waiting for the other side, which may be gone. */
  abandon() {
    this.#end(1006, '');
    this.#socket.close();
  }

  /**
   * @param {number} code
   * @param {string} reason
   * @param {boolean} [silent]
   */
  #end(code, reason, silent = false) {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.close(code, reason, silent);
    this.#resolveClosed();
  }
}
