/**
 * What a client knows of the sockets of its session: its streams, which servers listen, and which ids have been
 * given out.
 */

import { Stream } from './stream.js';

/** How many ids of closed streams are kept. */
const CLOSED_KEPT = 1024;

export class KnownSockets {
  /** Streams by id, with those that are closed and still have bytes to send. @type {Map<number, Stream>} */
  streams = new Map();
  /** Servers that listen. @type {Set<number>} */
  listening = new Set();
  /** Highest ids that were given out. */
  lastIds = { tcpServer: 0, tcp: 0 };
  /** Ids of streams that the program has closed, the last ones. @type {Set<number>} */
  #closed = new Set();

  /**
   * @param {number} id
   * @param {number} window Bytes of credit per direction.
   * @returns {Stream}
   */
  addStream(id, window) {
    this.lastIds.tcp = Math.max(this.lastIds.tcp, id);
    const stream = new Stream(id, window);
    this.streams.set(id, stream);
    return stream;
  }

  /** @param {number} id */
  addServer(id) {
    this.lastIds.tcpServer = Math.max(this.lastIds.tcpServer, id);
  }

  /**
   * @param {number} id
   * @returns {Stream | undefined} The stream, unless the program has closed it.
   */
  live(id) {
    const stream = this.streams.get(id);
    return stream?.closed ? undefined : stream;
  }

  /** @param {Stream} stream That is gone for the program. */
  close(stream) {
    stream.closed = true;
    if (this.#closed.size === CLOSED_KEPT) this.#closed.clear();
    this.#closed.add(stream.id);
  }

  /**
   * @param {number} id
   * @returns {boolean} Whether the program has closed a stream of that id; ids are not used again.
   */
  wasClosed(id) {
    return this.#closed.has(id);
  }

  /** The session is over, and with it its sockets. */
  clear() {
    this.streams.clear();
    this.listening.clear();
  }
}
