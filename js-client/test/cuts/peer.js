/** The TCP program at the far end of a stream: sends one sequence and checks another. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTask } from 'node:timers/promises';
import { magnitude } from './plan.js';
import { sequencesOf } from './sequence.js';
import { Watch } from './watch.js';

/** @import { Socket } from 'node:net' */
/** @import { Random } from './plan.js' */

/** Most bytes that are written at once. */
const LONGEST_WRITE = 1 << 17;

export class Peer {
  /** Bytes sent. */
  written = 0;
  /** Bytes received, all of them right. */
  received = 0;
  /** Whether the page's end has sent FIN. */
  ended = false;
  /** Why the connection failed, such as ECONNRESET. @type {string | undefined} */
  error;
  /** Fulfilled when the socket is gone. */
  closed;
  #watch = new Watch();
  #socket;
  #fail;

  /**
   * @param {Socket} socket
   * @param {(what: string) => void} fail
   */
  constructor(socket, fail) {
    this.#socket = socket;
    this.#fail = fail;
    this.port = socket.localPort ?? 0;
    this.remotePort = socket.remotePort ?? 0;
    const { down, up } = sequencesOf(this.port, this.remotePort);
    this.down = down;
    this.up = up;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => {
      this.error = /** @type {NodeJS.ErrnoException} */ (error).code;
    });
    socket.on('end', () => {
      this.ended = true;
      this.#watch.changed();
    });
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    void this.closed.then(() => this.#watch.changed());
  }

  /**
   * @param {number} port
   * @param {(what: string) => void} fail
   */
  static async connect(port, fail) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    return new Peer(socket, fail);
  }

  /** Whether it can send. */
  get #writes() {
    return this.#socket.writable && !this.ended;
  }

  /**
   * Sends bytes in writes of all sizes, until the page's end has ended the connection.
   *
   * @param {number} length
   * @param {Random} random
   */
  async send(length, random) {
    for (const end = this.written + length; this.written < end && this.#writes;) {
      const to = Math.min(end, this.written + 1 + magnitude(random, LONGEST_WRITE));
      const more = this.#socket.write(this.down.bytes(this.written, to));
      this.written = to;
      if (!more) await Promise.race([once(this.#socket, 'drain'), this.closed]).catch(() => {});
      else if (random(3) === 0) await nextTask();
    }
  }

  /** Reads nothing until `resume`. */
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  /** Sends FIN. */
  end() {
    this.#socket.end();
  }

  /** Gives it up. */
  destroy() {
    this.#socket.destroy();
  }

  /** Sends RST. */
  reset() {
    this.#socket.resetAndDestroy();
  }

  /**
   * Waits until the page's end has ended the connection in order, and ends it as well.
   *
   * @param {number} length How many bytes it must have sent before.
   */
  async finish(length) {
    await this.#watch.until(() => this.ended || this.#socket.closed);
    if (!this.ended || this.error) this.#fail(`${this} was not ended by FIN but by ${this.error}`);
    if (this.received !== length) this.#fail(`${this} should have received ${length} bytes`);
    this.end();
    await this.closed;
  }

  toString() {
    const state = this.error ?? (this.ended ? 'ended' : 'open');
    return `peer ${this.port} (${this.written} bytes out, ${this.received} in, ${state})`;
  }

  /** @param {Buffer} chunk */
  #receive(chunk) {
    const fault = this.up.fault(this.received, chunk);
    if (fault) this.#fail(`${this}: ${fault}`);
    this.received += chunk.length;
    this.#watch.changed();
  }
}
