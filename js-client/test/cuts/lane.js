/** One way of a connection through the proxy: passes bytes on, and acts at positions among them. */

import { once } from 'node:events';
import { setImmediate as nextTask } from 'node:timers/promises';
import { magnitude } from './plan.js';

/** @import { Socket } from 'node:net' */
/** @import { Random } from './plan.js' */

/** Most pieces in a row; then bytes pass as they come, about this many. */
const PIECES = 64;
const STRETCH = 1 << 17;

/**
 * @typedef {object} Mark
 * @property {number} at
 * @property {() => unknown} act Runs when so many bytes have passed; the others wait for its promise.
 */

export class Lane {
  /** Bytes passed on. */
  passed = 0;
  /** Whether what comes is dropped. */
  dropping = false;
  /** Called after each piece. */
  onPass = (/** @type {number} */ _length) => {};
  #to;
  #random;
  #piece;
  /** Pieces that are left in this row. */
  #pieces = PIECES;
  /** The next is the last one. @type {Mark[]} */
  #marks = [];

  /**
   * @param {Socket} to
   * @param {number} piece Most bytes that are passed on together; 0: as they come.
   * @param {Random} random
   */
  constructor(to, piece, random) {
    this.#to = to;
    this.#piece = piece;
    this.#random = random;
  }

  /** @param {Mark} mark */
  add(mark) {
    this.#marks.push(mark);
    this.#marks.sort((a, b) => b.at - a.at);
  }

  /** From now on bytes only pass. */
  clear() {
    this.#marks = [];
  }

  /**
   * Passes on all that comes, until one side is gone.
   *
   * @param {AsyncIterable<Buffer>} source
   * @returns {Promise<boolean>} Whether it came to its end, which has been passed on.
   */
  async run(source) {
    try {
      await this.#act();
      for await (const chunk of source) {
        for (let rest = chunk; rest.length > 0 && !this.dropping;) {
          const length = Math.min(rest.length, this.#most());
          if (!(await this.#write(rest.subarray(0, length)))) return false;
          rest = rest.subarray(length);
          await this.#act();
        }
      }
    } catch {
      return false; // Reset by the sender, or by the proxy.
    }
    if (!this.dropping) this.#to.end();
    return true;
  }

  /** Bytes up to the next mark, or fewer. */
  #most() {
    const { at } = this.#marks.at(-1) ?? { at: Infinity };
    return Math.min(at - this.passed, this.#piece ? 1 + this.#nextPiece() : Infinity);
  }

  #nextPiece() {
    if (this.#pieces-- > 0) return magnitude(this.#random, this.#piece);
    this.#pieces = this.#random(PIECES);
    return magnitude(this.#random, STRETCH);
  }

  async #act() {
    for (let mark; (mark = this.#marks.at(-1)) && mark.at <= this.passed;) {
      this.#marks.pop();
      await mark.act();
    }
  }

  /**
   * @param {Buffer} bytes
   * @returns {Promise<boolean>} Whether the other side is there.
   */
  async #write(bytes) {
    const to = this.#to;
    if (!to.writable) return false;
    const more = to.write(bytes);
    this.passed += bytes.length;
    this.onPass(bytes.length);
    if (!more) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    // So that pieces arrive as pieces.
    if (this.#piece) await nextTask();
    return true;
  }
}
