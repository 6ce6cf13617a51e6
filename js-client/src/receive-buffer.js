/**
 * The bytes of one stream that have arrived and were not yet given to the program, and the credit
 * for more. Offsets count from 0 when the socket is created and never go back.
 */

/** What `bufferSize` means when it is not set. */
const DEFAULT_READ = 4096;

/** Chrome reads at most this much at once, however large bufferSize is. */
const LARGEST_READ = 65536;

export class ReceiveBuffer {
  /** Never empty ones, in order. @type {Uint8Array[]} */
  #chunks = [];
  #window;
  /** The limit that the gateway knows. */
  #limit = 0;
  #bufferSize = 0;
  /** What the outstanding read takes; it was started with the bufferSize of that time. */
  #readSize = DEFAULT_READ;
  /** Offset behind the last byte that has arrived. */
  received = 0;
  /** Offset behind the last byte that was given to the program or dropped. */
  delivered = 0;

  /** Whether the gateway shall know at once what the program has been given. */
  eager = false;

  /** @param {number} window Bytes of credit per stream. */
  constructor(window) {
    this.#window = window;
  }

  /** @param {number} offset Of the first byte that will arrive. */
  restore(offset) {
    this.received = this.delivered = offset;
    this.open();
  }

  /** A connection starts; what came before it is dropped. */
  open() {
    this.drop();
    this.#limit = this.received + this.#window;
    this.startRead();
  }

  /** A new bufferSize, for the reads that start from now on. @param {number} size */
  set bufferSize(size) {
    this.#bufferSize = size;
  }

  /** A read starts, with the bufferSize of now. Each read starts when the one before is done. */
  startRead() {
    const size = this.#bufferSize;
    this.#readSize = size > 0 ? Math.min(size, LARGEST_READ) : DEFAULT_READ;
  }

  /**
   * Bytes [start, end) of a message, at least one.
   *
   * @param {ArrayBuffer} message
   * @param {number} start
   * @param {number} end
   */
  add(message, start, end) {
    const length = end - start;
    this.received += length;
    // What one read may take whole is copied now: it can be handed out as it is, and a waiting
    // byte does not keep a whole message alive.
    this.#chunks.push(
      length <= this.#readSize
        ? new Uint8Array(message.slice(start, end))
        : new Uint8Array(message, start, length),
    );
  }

  /** Bytes have arrived that nobody wants. @param {number} length */
  skip(length) {
    this.received += length;
    this.drop();
  }

  /**
   * One read: what is there, at most the read size. There must be something.
   *
   * @returns {ArrayBuffer} A buffer of its own, with exactly these bytes.
   */
  take() {
    const size = Math.min(this.#readSize, this.received - this.delivered);
    this.delivered += size;
    this.startRead();
    const first = this.#chunks[0];
    if (first.length > size) {
      this.#chunks[0] = first.subarray(size);
      return copy(first.subarray(0, size));
    }
    if (first.length === size) {
      this.#chunks.shift();
      const whole = first.length === first.buffer.byteLength;
      return whole ? /** @type {ArrayBuffer} */ (first.buffer) : copy(first);
    }
    return this.#gather(size);
  }

  /**
   * @param {number} size More than the first chunk holds.
   * @returns {ArrayBuffer}
   */
  #gather(size) {
    const bytes = new Uint8Array(size);
    let filled = 0;
    let used = 0;
    while (filled < size) {
      const chunk = this.#chunks[used];
      const part = Math.min(chunk.length, size - filled);
      bytes.set(part < chunk.length ? chunk.subarray(0, part) : chunk, filled);
      filled += part;
      if (part < chunk.length) this.#chunks[used] = chunk.subarray(part);
      else used++;
    }
    this.#chunks.splice(0, used);
    return bytes.buffer;
  }

  /** Nobody wants what is here. */
  drop() {
    this.#chunks = [];
    this.delivered = this.received;
  }

  /**
   * "A page returns credit after half a window", or earlier.
   *
   * @returns {number} The limit to send, or 0 if it is not time.
   */
  credit() {
    const limit = this.delivered + this.#window;
    if (!this.eager && limit - this.#limit < this.#window / 2) return 0;
    return (this.#limit = limit);
  }
}

/**
 * @param {Uint8Array} view
 * @returns {ArrayBuffer}
 */
function copy(view) {
  const { buffer, byteOffset, byteLength } = view;
  return /** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength));
}
