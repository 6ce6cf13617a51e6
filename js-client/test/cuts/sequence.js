/**
 * An endless sequence of bytes of which each part can be told from all others, so that bytes that are
 * lost, doubled or in the wrong place show where they belong. It runs in browsers too.
 */

/** How many bytes of a wrong part are looked for, and how far behind where they should have been. */
const SAMPLE = 8;
const AHEAD = 1 << 22;

/**
 * What the two ends of a TCP connection send, as both of them can tell.
 *
 * @param {number} peerPort The port of the peer.
 * @param {number} localPort The port of the page's end.
 * @returns {{ down: Sequence, up: Sequence }}
 */
export function sequencesOf(peerPort, localPort) {
  const key = (peerPort << 16) | localPort;
  return { down: new Sequence(key), up: new Sequence(~key) };
}

export class Sequence {
  #key;

  /** @param {number} key Other keys give other sequences. */
  constructor(key) {
    this.#key = mixed(key);
  }

  /**
   * @param {number} from
   * @param {number} to
   * @returns {Uint8Array<ArrayBuffer>} The bytes [from, to).
   */
  bytes(from, to) {
    const first = from >>> 2;
    const words = new Uint32Array((to >>> 2) - first + 1);
    for (let i = 0; i < words.length; i++) words[i] = mixed(this.#key + first + i);
    return new Uint8Array(words.buffer, from & 3, to - from);
  }

  /**
   * @param {number} at Where `bytes` should be.
   * @param {Uint8Array} bytes
   * @returns {string | undefined} What is wrong with them.
   */
  fault(at, bytes) {
    const want = this.bytes(at, at + bytes.length);
    const wrong = bytes.findIndex((byte, i) => byte !== want[i]);
    if (wrong < 0) return undefined;
    const where = this.#find(bytes.subarray(wrong, wrong + SAMPLE), at + wrong + AHEAD);
    const found = where < 0 ? 'bytes of something else' : `the bytes of offset ${where}`;
    return `at offset ${at + wrong} there are ${found} (${bytes.length - wrong} from there)`;
  }

  /**
   * @param {Uint8Array} sample
   * @param {number} below
   * @returns {number} Where it is; -1 if nowhere, or too short to tell.
   */
  #find(sample, below) {
    if (sample.length < SAMPLE) return -1;
    const all = this.bytes(0, below);
    for (let at = all.indexOf(sample[0]); at >= 0; at = all.indexOf(sample[0], at + 1)) {
      if (sample.every((byte, i) => byte === all[at + i])) return at;
    }
    return -1;
  }
}

/**
 * @param {number} value
 * @returns {number} 32 bits that look random.
 */
function mixed(value) {
  let bits = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}
