/** A TCP client in Node, for pages that are servers; and a way to see that nothing moves any more. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

export class Peer {
  /** What the connection failed with, such as a reset. @type {Error | undefined} */
  error;

  /** Read from the socket, but not asked for yet. */
  #rest = /** @type {Buffer} */ (Buffer.alloc(0));

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.on('error', (error) => (this.error = error));
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

  /**
   * @param {string | Uint8Array} data
   * @returns {Promise<void>} Fulfilled when the kernel has taken it.
   */
  write(data) {
    return new Promise((resolve, reject) => {
      this.socket.write(data, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Ends this direction: FIN. */
  end() {
    this.socket.end();
  }

  /** RST. */
  reset() {
    this.socket.resetAndDestroy();
  }

  /**
   * @param {number} length
   * @returns {Promise<Buffer>} Exactly so many bytes; fewer if the connection ends before.
   */
  async read(length) {
    /** @type {Buffer[]} */
    const chunks = [this.#rest];
    let sum = this.#rest.length;
    while (sum < length) {
      const chunk = await this.#next();
      if (!chunk) break;
      chunks.push(chunk);
      sum += chunk.length;
    }
    const bytes = Buffer.concat(chunks);
    this.#rest = bytes.subarray(length);
    return bytes.subarray(0, length);
  }

  /** @returns {Promise<Buffer>} All that comes until the connection ends, in whatever way. */
  async readAll() {
    /** @type {Buffer[]} */
    const chunks = [];
    for await (const chunk of this.#chunks()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** @returns {Promise<{ length: number, hash: string }>} Of all that comes until the end. */
  async digestAll() {
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of this.#chunks()) {
      hash.update(chunk);
      length += chunk.length;
    }
    return { length, hash: hash.digest('hex') };
  }

  /** Sends bytes and waits until as many have come back. @param {string} text */
  async roundTrip(text = 'ping') {
    await this.write(text);
    return String(await this.read(Buffer.byteLength(text)));
  }

  /** @returns {Promise<void>} Fulfilled when the socket is gone. */
  async closed() {
    if (!this.socket.closed) await once(this.socket, 'close');
  }

  async *#chunks() {
    yield this.#rest;
    for (let chunk = await this.#next(); chunk; chunk = await this.#next()) yield chunk;
  }

  /** @returns {Promise<Buffer | undefined>} What is there or comes next; nothing at the end. */
  async #next() {
    const { socket } = this;
    for (;;) {
      const chunk = socket.read();
      if (chunk) return chunk;
      if (socket.destroyed || socket.readableEnded) return undefined;
      await this.#readable();
    }
  }

  /** Waits for bytes or for the end. */
  #readable() {
    const { socket } = this;
    return new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      const done = () => {
        for (const name of ['readable', 'end', 'close']) socket.off(name, done);
        resolve();
      };
      for (const name of ['readable', 'end', 'close']) socket.on(name, done);
    });
  }
}

/**
 * Waits until a count no longer changes, as told by round trips on something that is not stuck: no
 * clock, so a slow machine changes nothing.
 *
 * @param {() => number | Promise<number>} count
 * @param {() => Promise<unknown>} roundTrip
 * @returns {Promise<number>} The last count.
 */
export async function settled(count, roundTrip) {
  let last = await count();
  for (let same = 0; same < 200; same++) {
    await roundTrip();
    const now = await count();
    if (now !== last) same = 0;
    last = now;
  }
  return last;
}

/** @param {Uint8Array} bytes */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
