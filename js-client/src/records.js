/**
 * Binary messages: the record header and its parser (PROTOCOL.md, section 6).
 *
 *     type u8 | payload length u24 | socket id u32 | payload
 */

/** The next bytes of a direction; at least one. */
export const DATA = 0;
/** u64: "I take bytes up to this offset". */
export const LIMIT = 1;
/** i32: nothing follows from this side. */
export const END = 2;
/** i32: bytes above (last LIMIT - window) were not taken and never will be. */
export const STOP = 3;
/** u64, of socket 0: how many messages of the other side have arrived. */
export const ACK = 4;

/** Bytes before each payload. */
export const HEADER = 8;

const TWO_32 = 0x1_0000_0000;

/**
 * Who takes the records of a message. DATA comes as a range of the message, not as a copy.
 *
 * @typedef {object} RecordSink
 * @property {(id: number, message: ArrayBuffer, start: number, end: number) => void} data
 * @property {(id: number, offset: number) => void} limit
 * @property {(id: number, resultCode: number) => void} end
 * @property {(id: number, resultCode: number) => void} stop
 * @property {(messages: number) => void} acknowledged
 */

/**
 * Hands the records of one message to `sink`, in order.
 *
 * @param {ArrayBuffer} message
 * @param {RecordSink} sink
 * @returns {string | undefined} What is wrong with the message. The records before the fault have
 *   been handed on; the connection cannot be used after it.
 */
export function readRecords(message, sink) {
  const bytes = new Uint8Array(message);
  const total = bytes.length;
  if (total === 0) return 'empty message';
  let at = 0;
  while (at < total) {
    if (total - at < HEADER) return 'truncated header';
    const type = bytes[at];
    const length = (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    const id = readU32(bytes, at + 4);
    const start = at + HEADER;
    const end = start + length;
    if (end > total) return 'truncated payload';
    at = end;
    if (type === DATA) {
      if (length === 0) return 'empty DATA';
      sink.data(id, message, start, end);
    } else if (type === LIMIT || type === ACK) {
      if (length !== 8) return 'LIMIT or ACK of wrong length';
      const number = readU32(bytes, start) * TWO_32 + readU32(bytes, start + 4);
      if (type === LIMIT) sink.limit(id, number);
      else sink.acknowledged(number);
    } else if (type === END || type === STOP) {
      if (length !== 4) return 'END or STOP of wrong length';
      const resultCode = readU32(bytes, start) | 0;
      if (type === END) sink.end(id, resultCode);
      else sink.stop(id, resultCode);
    } else {
      return `unknown type ${type}`;
    }
  }
  return undefined;
}

/**
 * Writes a record header.
 *
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} type
 * @param {number} id
 * @param {number} length Of the payload; below 2^24.
 */
export function writeHeader(bytes, at, type, id, length) {
  bytes[at] = type;
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
  writeU32(bytes, at + 4, id);
}

/**
 * Writes an offset as u64.
 *
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} offset A safe integer.
 */
export function writeU64(bytes, at, offset) {
  writeU32(bytes, at, Math.floor(offset / TWO_32));
  writeU32(bytes, at + 4, offset >>> 0);
}

/**
 * Writes the low 32 bits of a number.
 *
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} value
 */
export function writeU32(bytes, at, value) {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {number}
 */
function readU32(bytes, at) {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
