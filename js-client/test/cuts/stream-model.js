/** What may happen to one stream, and what has: a model so simple that it is seen to be right. */

import { Watch } from './watch.js';

/** @import { Peer } from './peer.js' */
/** @import { Program } from './program.js' */

/** The only code of onReceiveError. */
const CONNECTION_CLOSED = -100;

export class StreamModel {
  /** The peer of its connection. @type {Peer | undefined} */
  peer;
  /** Whether events are held back: from the call of setPaused(true) until the call of false. */
  paused;
  /** Whether it is connected as far as the program knows. */
  connected = false;
  /** What getInfo shows, beside states and addresses. @type {Record<string, unknown>} */
  properties;
  /** Bytes received of this connection, and given to `send`. */
  received = 0;
  sent = 0;
  /** Bytes received and sent of the connections before. */
  #before = 0;
  /** How often onReceiveError has been raised in this connection, and how often it may and must be. */
  ends = 0;
  mayEnd = 0;
  mustEnd = 0;
  /** Whether the peer was reset, so that what it has sent may be lost. */
  reset = false;
  /** Whether the program has called close or disconnect. */
  left = false;
  /** Whether the program has called close, and been answered. */
  closing = false;
  closed = false;
  #program;
  #watch = new Watch();

  /**
   * @param {Program} program
   * @param {number} id
   * @param {object} [options]
   * @param {boolean} [options.paused]
   * @param {object} [options.properties]
   */
  constructor(program, id, { paused = false, properties = {} } = {}) {
    this.id = id;
    this.#program = program;
    this.paused = paused;
    this.properties = { persistent: false, ...properties };
  }

  /** Bytes received and sent of all its connections. */
  get bytes() {
    return this.#before + this.received + this.sent;
  }

  /** Whether `send` should succeed. */
  get writable() {
    return this.connected && !this.left;
  }

  /** Whether it receives. */
  get reading() {
    return this.connected && !this.paused;
  }

  /** What getInfo should show. */
  get info() {
    const { id, paused, connected, properties, peer } = this;
    const addresses = {
      localAddress: '127.0.0.1',
      localPort: peer?.remotePort,
      peerAddress: '127.0.0.1',
      peerPort: peer?.port,
    };
    return { ...properties, ...(connected ? addresses : {}), connected, paused, socketId: id };
  }

  /** @param {Record<string, unknown>} properties As for tcp.update. */
  update(properties) {
    Object.assign(this.properties, properties);
    // "Left out if false."
    if (!this.properties.allowHalfOpen) delete this.properties.allowHalfOpen;
  }

  /** @param {Peer} peer */
  connect(peer) {
    this.#before = this.bytes;
    this.peer = peer;
    this.connected = true;
    this.left = this.reset = false;
    this.received = this.sent = this.ends = this.mayEnd = this.mustEnd = 0;
  }

  /** The peer has ended, or been reset. */
  peerEnds({ reset = false } = {}) {
    this.mayEnd = this.mustEnd = 1;
    this.reset = reset;
  }

  /**
   * The program calls close or disconnect.
   *
   * @returns {boolean} Whether onReceiveError must tell of it: the stream is read, and was not told.
   */
  leave() {
    const tells = this.reading && this.ends === 0;
    this.left = true;
    this.connected = false;
    this.mayEnd = this.mustEnd = tells ? 1 : this.ends;
    return tells;
  }

  /** @param {Uint8Array} data */
  receive(data) {
    const { peer, received } = this;
    if (!peer) return this.#fail('receives and is not connected');
    if (this.paused) this.#fail('receives and is paused');
    if (this.left || this.ends > 0) this.#fail('receives and is at its end');
    const fault = peer.down.fault(received, data);
    if (fault) this.#fail(fault);
    this.received += data.length;
    if (this.received > peer.written) this.#fail('receives what was not sent');
    this.#watch.changed();
  }

  /** @param {number} code */
  receiveError(code) {
    const { peer, received } = this;
    if (code !== CONNECTION_CLOSED) this.#fail(`ends with ${code}`);
    if (++this.ends > this.mayEnd) this.#fail('ends and should not');
    if (this.paused && !this.left) this.#fail('ends and is paused');
    if (!this.left && !this.reset && received !== peer?.written) this.#fail('ends too early');
    if (!this.properties.allowHalfOpen) this.connected = false;
    this.#watch.changed();
  }

  /** @param {number} length @returns {Promise<void>} Fulfilled when so many bytes were received. */
  reaches(length) {
    return this.#watch.until(() => this.received >= length);
  }

  /** @returns {Promise<void>} Fulfilled when onReceiveError has been raised, if it must be. */
  ended() {
    return this.#watch.until(() => this.ends >= this.mustEnd);
  }

  /** All is over, and nothing more may come. */
  finish() {
    if (this.ends < this.mustEnd) this.#fail('should have ended');
  }

  toString() {
    const flags = ['paused', 'connected', 'left', 'closed'].filter(
      (name) => /** @type {any} */ (this)[name],
    );
    const state = `${this.received} bytes in, ${this.sent} out, ended ${this.ends} times`;
    return `stream ${this.id} (${[...flags, state].join(', ')}) of ${this.peer}`;
  }

  /** @param {string} what */
  #fail(what) {
    this.#program.fail(`${this} ${what}`);
  }
}
