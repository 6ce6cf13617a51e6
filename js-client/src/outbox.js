/**
 * What goes out on one WebSocket. Records of one turn share a binary message; texts and records
 * leave in the order in which they were put in.
 */

import { DATA, END, HEADER, LIMIT, writeHeader, writeU32, writeU64 } from './records.js';

/** Records are gathered in pieces of memory of this size. A piece is never written twice. */
const SLAB = 65536;

/** A payload above this goes out alone, without being copied into a slab. */
export const LARGE = 8192;

/** Above this many bytes in the browser's own queue, streams wait before they add more. */
const CONGESTED = 4 << 20;

/**
 * @typedef {object} Sender The part of a WebSocket that the outbox uses.
 * @property {(message: string | Uint8Array<ArrayBuffer>) => void} send
 * @property {number} bufferedAmount
 */

export class Outbox {
  /** @type {Sender} */
  #sender;
  #requestFlush;
  #slab = new Uint8Array(0);
  /** Records in #slab that are in no message yet: [#start, #end). */
  #start = 0;
  #end = 0;
  /** Messages complete but not sent, before what is in the slab. @type {(string | Uint8Array<ArrayBuffer>)[]} */
  #messages = [];

  /** Longest binary message; the session sets what the gateway answered. */
  maxFrame = 262144;

  /**
   * @param {Sender} sender
   * @param {() => void} requestFlush Called when there is something to flush; the owner calls
   *   `flush` before the current turn of the event loop ends.
   */
  constructor(sender, requestFlush) {
    this.#sender = sender;
    this.#requestFlush = requestFlush;
  }

  /** Whether streams should wait before they put in more bytes. */
  get congested() {
    return this.#sender.bufferedAmount > CONGESTED;
  }

  /** @param {string} message */
  text(message) {
    this.#seal();
    this.#messages.push(message);
    this.#requestFlush();
  }

  /**
   * DATA with a copy of `bytes`, which are at most LARGE and fit into a message.
   *
   * @param {number} id
   * @param {Uint8Array} bytes
   */
  data(id, bytes) {
    const at = this.#reserve(DATA, id, bytes.length);
    this.#slab.set(bytes, at);
  }

  /**
   * DATA with bytes [from, to) of `buffer`, sent at once and without a copy: the header is written
   * over the HEADER bytes before `from`, which therefore must not be needed any more.
   *
   * @param {number} id
   * @param {Uint8Array<ArrayBuffer>} buffer
   * @param {number} from
   * @param {number} to
   */
  dataInPlace(id, buffer, from, to) {
    this.flush();
    writeHeader(buffer, from - HEADER, DATA, id, to - from);
    this.#sender.send(buffer.subarray(from - HEADER, to));
  }

  /**
   * @param {number} id
   * @param {number} offset
   */
  limit(id, offset) {
    const at = this.#reserve(LIMIT, id, 8);
    writeU64(this.#slab, at, offset);
  }

  /**
   * @param {number} id
   * @param {number} resultCode
   */
  end(id, resultCode) {
    const at = this.#reserve(END, id, 4);
    writeU32(this.#slab, at, resultCode);
  }

  /** Sends everything that was put in. */
  flush() {
    this.#seal();
    if (this.#messages.length === 0) return;
    const messages = this.#messages;
    this.#messages = [];
    for (const message of messages) this.#sender.send(message);
  }

  /**
   * Makes room for a record and writes its header.
   *
   * @param {number} type
   * @param {number} id
   * @param {number} length
   * @returns {number} Where the payload goes in #slab.
   */
  #reserve(type, id, length) {
    const size = HEADER + length;
    if (this.#end - this.#start + size > this.maxFrame) this.#seal();
    if (this.#end + size > this.#slab.length) {
      this.#seal();
      this.#slab = new Uint8Array(SLAB);
      this.#start = this.#end = 0;
    }
    if (this.#start === this.#end) this.#requestFlush();
    const at = this.#end;
    this.#end += size;
    writeHeader(this.#slab, at, type, id, length);
    return at + HEADER;
  }

  /** Ends the message that is being gathered. */
  #seal() {
    if (this.#start === this.#end) return;
    this.#messages.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
