/** What one listening socket may announce, and what it has. */

import { StreamModel } from './stream-model.js';
import { Watch } from './watch.js';

/** @import { Peer } from './peer.js' */
/** @import { Program } from './program.js' */

export class ServerModel {
  /** Whether it may accept: from the call that makes it to the answer to the one that ends it. */
  accepting = false;
  /** Whether the program has called close, and been answered. */
  closing = false;
  closed = false;
  port = 0;
  /** Accepted and not taken, by the port of the peer. @type {Map<number, StreamModel>} */
  #accepted = new Map();
  #watch = new Watch();
  #program;

  /**
   * @param {Program} program
   * @param {number} id
   */
  constructor(program, id) {
    this.#program = program;
    this.id = id;
  }

  /** @param {number} id */
  accept(id) {
    if (!this.accepting) this.#program.fail(`${this} accepts stream ${id} and should not`);
    const stream = new StreamModel(this.#program, id, { paused: true });
    this.#program.addStream(stream);
    void this.#identify(stream);
  }

  /**
   * @param {Peer} peer
   * @returns {Promise<StreamModel>} The stream that it is the peer of.
   */
  async streamOf(peer) {
    await this.#watch.until(() => this.#accepted.has(peer.port));
    const stream = /** @type {StreamModel} */ (this.#accepted.get(peer.port));
    this.#accepted.delete(peer.port);
    stream.connect(peer);
    return stream;
  }

  /** All is over, and all that was accepted was taken. */
  finish() {
    for (const stream of this.#accepted.values()) this.#program.fail(`${stream} has no peer`);
  }

  toString() {
    return `server ${this.id} (port ${this.port})`;
  }

  /** @param {StreamModel} stream */
  async #identify(stream) {
    const { peerPort } = await this.#program.get('tcp.getInfo', stream.id);
    if (this.#accepted.has(peerPort)) this.#program.fail(`${stream} is accepted a second time`);
    this.#accepted.set(peerPort, stream);
    this.#watch.changed();
  }
}
