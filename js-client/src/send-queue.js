/**
 * The bytes of one stream on their way from the page to the peer: credit, and which `send` is
 * complete. Offsets count from 0 when the socket is created and never go back.
 */

import { HEADER } from './records.js';
import { LARGE } from './outbox.js';

/** @import { Failure } from './errors.js' */
/** @import { Outbox } from './outbox.js' */

/**
 * Most bytes in a record. Longer ones are fewer, but the gateway can pass on nothing of one before it is
 * complete in the browser's processes, and credit comes back in larger steps.
 */
const LONGEST = 65536;

/** How a send ended: all of it was taken, or why not. @typedef {(failure?: Failure) => void} SendDone */

/**
 * @typedef {object} Pending
 * @property {number} start Offset of its first byte.
 * @property {number} end Offset behind its last byte.
 * @property {number} piece Bytes per record.
 * @property {Uint8Array<ArrayBuffer> | undefined} bytes The data in pieces, with HEADER free bytes before each; undefined
 *   once all of it has been sent.
 * @property {SendDone} done
 */

export class SendQueue {
  /** In the order of the calls; complete ones are taken off the front. @type {Pending[]} */
  #pending = [];
  /** The first element of #pending that still has bytes to send. */
  #next = 0;
  #window;
  /** The gateway takes bytes up to here. */
  #limit;
  /** Offset behind the last byte that the program has given. */
  accepted = 0;
  /** Offset behind the last byte that has been sent; at most #limit. */
  sent = 0;

  /** @param {number} window Bytes of credit per stream. */
  constructor(window) {
    this.#limit = this.#window = window;
  }

  /** Offset up to which the kernel of the gateway's machine has taken the bytes. */
  get acknowledged() {
    return this.#limit - this.#window;
  }

  /** Whether any byte waits for credit or for its acknowledgement. */
  get busy() {
    return this.accepted > this.acknowledged;
  }

  /** Whether any byte waits for credit. */
  get unsent() {
    return this.accepted > this.sent;
  }

  /**
   * @param {number} offset That the bytes go on from.
   * @param {number} limit The gateway takes bytes up to here.
   */
  restore(offset, limit) {
    this.accepted = this.sent = offset;
    this.#limit = limit;
  }

  /** A connection starts; everything before it is over. */
  open() {
    this.#limit = this.accepted + this.#window;
  }

  /**
   * Takes a copy of `bytes`, and sends what there is credit for.
   *
   * @param {Uint8Array} bytes
   * @param {number} id Of the stream.
   * @param {Outbox} outbox
   * @param {SendDone} done Called once.
   * @returns {boolean} As `pump`.
   */
  push(bytes, id, outbox, done) {
    const start = this.accepted;
    const end = (this.accepted += bytes.length);
    if (end === start && this.#pending.length === 0) {
      done();
    } else if (this.#takesAtOnce(start, end, outbox)) {
      if (end > start) outbox.data(id, bytes);
      this.sent = end;
      this.#pending.push({ start, end, piece: 0, bytes: undefined, done });
      this.#next = this.#pending.length;
    } else {
      const piece = Math.min(LONGEST, outbox.maxFrame - HEADER);
      this.#pending.push({ start, end, piece, bytes: inPieces(bytes, piece), done });
      return this.pump(id, outbox);
    }
    return false;
  }

  /**
   * Whether bytes [start, end) can go out now, in one small record.
   *
   * @param {number} start
   * @param {number} end
   * @param {Outbox} outbox
   */
  #takesAtOnce(start, end, outbox) {
    return (
      this.sent === start &&
      end <= this.#limit &&
      end - start <= Math.min(LARGE, outbox.maxFrame - HEADER) &&
      !outbox.congested
    );
  }

  /**
   * Sends what there is credit for.
   *
   * @param {number} id
   * @param {Outbox} outbox
   * @returns {boolean} Whether bytes wait only because the outbox is congested.
   */
  pump(id, outbox) {
    while (this.#next < this.#pending.length) {
      const pending = this.#pending[this.#next];
      const { start, piece, bytes } = pending;
      while (bytes && this.sent < pending.end) {
        const index = Math.floor((this.sent - start) / piece);
        const pieceEnd = Math.min(pending.end, start + (index + 1) * piece);
        const length = Math.min(pieceEnd, this.#limit) - this.sent;
        if (length <= 0) return false;
        if (outbox.congested) return true;
        const from = this.sent - start + (index + 1) * HEADER;
        const data = bytes.subarray(from, from + length);
        if (length <= LARGE) outbox.data(id, data);
        else if (this.sent + length === pieceEnd)
          outbox.dataInPlace(id, bytes, from, from + length);
        // The header of the rest goes where the end of this part is.
        else outbox.dataInPlace(id, inPieces(data, length), HEADER, HEADER + length);
        this.sent += length;
      }
      pending.bytes = undefined;
      this.#next++;
    }
    return false;
  }

  /**
   * The gateway takes more: completes sends, and sends what there is credit for.
   *
   * @param {number} offset "A LIMIT that is not higher than one before changes nothing."
   * @param {number} id
   * @param {Outbox} outbox
   * @returns {boolean} As `pump`.
   */
  raise(offset, id, outbox) {
    if (offset <= this.#limit) return false;
    this.#limit = offset;
    const acknowledged = this.acknowledged;
    let complete = 0;
    while (complete < this.#next && this.#pending[complete].end <= acknowledged) complete++;
    const finished = this.#pending.splice(0, complete);
    this.#next -= complete;
    for (const { done } of finished) done();
    return this.pump(id, outbox);
  }

  /**
   * The peer takes no more. "Of the rest, the first fails with the code in STOP and those behind it
   * with -15." Bytes that were never sent are not counted, so that the offsets of a later
   * connection go on where the gateway's do.
   *
   * @param {Failure} first Of the first unfinished send.
   * @param {Failure} rest Of the others.
   */
  stop(first, rest) {
    const pending = this.#pending;
    this.#pending = [];
    this.#next = 0;
    this.accepted = this.sent;
    this.#limit = this.sent + this.#window;
    pending.forEach(({ done }, i) => done(i === 0 ? first : rest));
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} piece
 * @returns {Uint8Array<ArrayBuffer>} A copy with HEADER free bytes before each piece.
 */
function inPieces(bytes, piece) {
  const count = Math.ceil(bytes.length / piece);
  const copy = new Uint8Array(bytes.length + count * HEADER);
  for (let i = 0; i < count; i++) {
    copy.set(bytes.subarray(i * piece, (i + 1) * piece), i * (piece + HEADER) + HEADER);
  }
  return copy;
}
