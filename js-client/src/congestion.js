/**
 * Streams that have bytes to send, and credit, but would only make the browser's own queue of outgoing bytes
 * longer. It tells nobody when that has become shorter, so they look now and then.
 */

/** @import { Stream } from './stream.js' */

const POLL_MS = 5;

export class Congestion {
  #retry;
  /** @type {Set<Stream>} */
  #streams = new Set();

  /** @param {(stream: Stream) => void} retry Lets a stream send again; it may have to wait again. */
  constructor(retry) {
    this.#retry = retry;
  }

  /** @param {Stream} stream */
  wait(stream) {
    if (this.#streams.size === 0) setTimeout(() => this.#retryAll(), POLL_MS);
    this.#streams.add(stream);
  }

  /** Nobody waits any more. */
  clear() {
    this.#streams.clear();
  }

  #retryAll() {
    const streams = [...this.#streams];
    this.#streams.clear();
    for (const stream of streams) this.#retry(stream);
  }
}
