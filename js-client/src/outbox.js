/**
 * What goes out on one WebSocket. A message costs a browser much more than what is in it, so what is
 * put in between two flushes is gathered into rounds: first the records, in as few binary messages as
 * can be, then the calls, in batches. Records thereby overtake calls, which nobody can see: bytes and
 * credit of a stream mean the same before a call as behind it. Where that is not so, a round ends.
 */

import { ACK, DATA, END, HEADER, LIMIT, writeHeader, writeU32, writeU64 } from './records.js';

/** Records are gathered in pieces of memory of this size. A piece is never written twice. */
const SLAB = 65536;

/** A payload above this goes out alone, without being copied into a slab. */
export const LARGE = 8192;

/**
 * Most calls in a batch, whose answers come together. The gateway keeps a megabyte of them, and one can
 * be as long as the name of a socket.
 */
const BATCH = 12;

/** Above this many bytes in the browser's own queue, streams wait before they add more. */
const CONGESTED = 4 << 20;

/**
 * @typedef {object} Sender Sends, or keeps until it can, what it is given.
 * @property {(message: string | Uint8Array<ArrayBuffer>) => void} send
 * @property {number} bufferedAmount
 */

export class Outbox {
  /** @type {Sender} */
  #sender;
  #requestFlush;
  #onLimit;
  #slab = new Uint8Array(0);
  /** Records in #slab that are in no message yet: [#start, #end). */
  #start = 0;
  #end = 0;
  /** Messages complete but not sent, before this round. @type {(string | Uint8Array<ArrayBuffer>)[]} */
  #messages = [];
  /** Text messages of this round that are complete. @type {string[]} */
  #texts = [];
  /** Calls of this round behind #texts, for one batch. @type {string[]} */
  #batch = [];
  #batchLength = 0;

  /** Longest binary message; the session sets what the gateway answered. */
  maxFrame = 262144;

  /** Longest text message in bytes. */
  maxText = 65536;

  /**
   * @param {Sender} sender
   * @param {() => void} requestFlush Called when there is something to flush; the owner calls
   *   `flush` before the current turn of the event loop ends.
   * @param {() => void} [onLimit] Called when a LIMIT was put in: it is not worth a message of its own
   *   to say what has arrived.
   */
  constructor(sender, requestFlush, onLimit = () => {}) {
    this.#sender = sender;
    this.#requestFlush = requestFlush;
    this.#onLimit = onLimit;
  }

  /** Whether streams should wait before they put in more bytes. */
  get congested() {
    return this.#sender.bufferedAmount > CONGESTED;
  }

  /** @param {string} call Whose answer is short and comes at once. */
  call(call) {
    const length = call.length * 3 + 2; // In UTF-8, at most.
    if (this.#batch.length === BATCH || this.#batchLength + length > this.maxText)
      this.#sealBatch();
    this.#batch.push(call);
    this.#batchLength += length;
    this.#requestFlush();
  }

  /** @param {string} call To be answered by itself; what comes behind it stays behind it. */
  callAlone(call) {
    this.#sealBatch();
    this.#texts.push(call);
    this.#seal();
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
   * over the HEADER bytes before `from`, which belong to nothing else. None of it may be changed any more.
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
    this.#onLimit();
  }

  /** @param {number} messages How many of the gateway's have arrived. */
  ack(messages) {
    const at = this.#reserve(ACK, 0, 8);
    writeU64(this.#slab, at, messages);
  }

  /**
   * @param {number} id
   * @param {number} resultCode
   */
  end(id, resultCode) {
    // It changes the answer of every call.
    if (this.#texts.length + this.#batch.length > 0) this.#seal();
    const at = this.#reserve(END, id, 4);
    writeU32(this.#slab, at, resultCode);
  }

  /**
   * Sends everything that was put in.
   *
   * @returns {boolean} Whether there was anything.
   */
  flush() {
    this.#seal();
    if (this.#messages.length === 0) return false;
    const messages = this.#messages;
    this.#messages = [];
    for (const message of messages) this.#sender.send(message);
    return true;
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
    if (this.#end - this.#start + size > this.maxFrame) this.#sealRecords();
    if (this.#end + size > this.#slab.length) {
      this.#sealRecords();
      this.#slab = new Uint8Array(SLAB);
      this.#start = this.#end = 0;
    }
    if (this.#start === this.#end) this.#requestFlush();
    const at = this.#end;
    this.#end += size;
    writeHeader(this.#slab, at, type, id, length);
    return at + HEADER;
  }

  /** Ends the round. */
  #seal() {
    this.#sealRecords();
    this.#sealBatch();
    if (this.#texts.length === 0) return;
    this.#messages.push(...this.#texts);
    this.#texts = [];
  }

  /** Ends the binary message that is being gathered. */
  #sealRecords() {
    if (this.#start === this.#end) return;
    this.#messages.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  /** Ends the batch that is being gathered. */
  #sealBatch() {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#texts.push(batch.length === 1 ? batch[0] : `[${batch.join()}]`);
    this.#batch = [];
    this.#batchLength = 0;
  }
}
