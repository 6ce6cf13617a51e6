/**
 * What a page and its session have to say to each other, over one connection after another. Messages are
 * numbered in both directions: what the gateway has not received is sent again on the next connection, and what
 * has arrived is told, so each takes effect exactly once (PROTOCOL.md, section 4).
 */

import { Outbox } from './outbox.js';

/** @import { Transport } from './transport.js' */

/**
 * The gateway is told what has arrived: after so many bytes together with other records, and at the latest after so
 * many, or so many messages.
 */
const TELL_BYTES = 65536;
const ACK_BYTES = 524288;
const ACK_MESSAGES = 64;

/** @typedef {string | Uint8Array<ArrayBuffer>} Message */

export class Dialogue {
  /** Messages that the gateway may not have, in order. @type {Message[]} */
  #log = [];
  /** Number of the last message that the gateway has. */
  #acknowledged = 0;
  /** What has arrived since the gateway was told. */
  #untoldBytes = 0;
  #untoldMessages = 0;
  /** @type {Transport | undefined} */
  #transport;

  /** Number of the last message that has arrived. */
  received = 0;

  /** @param {() => void} requestFlush See Outbox. */
  constructor(requestFlush) {
    this.outbox = new Outbox(this, requestFlush, () => {
      if (this.#untoldBytes >= TELL_BYTES) this.#tell();
    });
  }

  /** Whether anything has come of what was said. */
  get begun() {
    return this.received + this.#acknowledged > 0;
  }

  /** Bytes that the browser has not sent yet. */
  get bufferedAmount() {
    return this.#transport?.bufferedAmount ?? 0;
  }

  /**
   * For the outbox. What is given here must not be changed any more.
   *
   * @param {Message} message
   */
  send(message) {
    this.#log.push(message);
    this.#transport?.send(message);
  }

  /** @param {number} length Of a message that has arrived. */
  arrived(length) {
    this.received++;
    this.#untoldBytes += length;
    this.#untoldMessages++;
    if (this.#untoldBytes >= ACK_BYTES || this.#untoldMessages >= ACK_MESSAGES) this.#tell();
  }

  #tell() {
    this.#untoldBytes = this.#untoldMessages = 0;
    this.outbox.ack(this.received);
  }

  /** @param {number} number The gateway has all messages up to this one. */
  acknowledge(number) {
    this.#log.splice(0, Math.max(0, number - this.#acknowledged));
    this.#acknowledged = Math.max(number, this.#acknowledged);
  }

  /**
   * Goes on over a new connection.
   *
   * @param {Transport} transport
   * @param {number} received How many messages the gateway has.
   */
  attach(transport, received) {
    this.acknowledge(received);
    this.#transport = transport;
    for (const message of this.#log) transport.send(message);
  }

  /** The connection is gone. */
  detach() {
    this.#transport = undefined;
  }
}
