/** A TCP program at the far end of a stream, for tests. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @import { AddressInfo, Socket } from 'node:net' */

export class Peer {
  /** What has arrived and was not read. */
  #received = Buffer.alloc(0);
  #ended = false;
  /** @type {(() => void)[]} */
  #wake = [];
  /** Why the connection failed, such as ECONNRESET. @type {string | undefined} */
  error;

  /** @param {Socket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#changed();
    });
    socket.on('error', (error) => {
      this.error = /** @type {NodeJS.ErrnoException} */ (error).code;
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
        this.#changed();
      });
    }
  }

  /**
   * @param {number} port
   * @param {string} [host]
   * @returns {Promise<Peer>}
   */
  static async connect(port, host = '127.0.0.1') {
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    return new Peer(socket);
  }

  get localPort() {
    return this.socket.localPort;
  }

  /** @param {number} length @returns {Promise<string>} So many bytes, or fewer if the stream ends. */
  async read(length) {
    while (this.#received.length < length && !this.#ended) await this.#change();
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(bytes.length);
    return bytes.toString('latin1');
  }

  /** @returns {Promise<string>} Everything until the end. */
  readAll() {
    return this.read(Infinity);
  }

  /** @param {string | Uint8Array} bytes */
  write(bytes) {
    this.socket.write(bytes);
    return this;
  }

  /** Sends FIN; what arrives can still be read. */
  end() {
    this.socket.end();
    return this;
  }

  /** Sends RST. */
  reset() {
    this.socket.resetAndDestroy();
  }

  #changed() {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }

  /** @returns {Promise<void>} */
  #change() {
    return new Promise((resolve) => this.#wake.push(resolve));
  }
}

/**
 * Listens for streams that the page connects.
 *
 * @param {string} [host]
 */
export async function listenForPeers(host = '127.0.0.1') {
  /** @type {Peer[]} */
  const peers = [];
  /** @type {((peer: Peer) => void)[]} */
  const waiting = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = new Peer(socket);
    const resolve = waiting.shift();
    if (resolve) resolve(peer);
    else peers.push(peer);
  });
  server.unref(); // A test that fails before it closes the server must not hang.
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = /** @type {AddressInfo} */ (server.address());
  return {
    port,
    server,
    /** @returns {Promise<Peer>} The next connection. */
    async next() {
      return peers.shift() ?? new Promise((resolve) => waiting.push(resolve));
    },
    close: () => server.close(),
  };
}
