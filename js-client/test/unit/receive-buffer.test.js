/** How arriving bytes are cut into reads, and when credit goes back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceiveBuffer } from '../../src/receive-buffer.js';
import { forAll } from '../random.js';

const WINDOW = 524288;

/**
 * @param {ReceiveBuffer} buffer
 * @param {string | Uint8Array} content
 */
function arrive(buffer, content) {
  const bytes = Buffer.from(/** @type {string} */ (content));
  // The payload stands somewhere in a message.
  const message = new Uint8Array(Buffer.concat([Buffer.alloc(8), bytes, Buffer.alloc(3)])).buffer;
  buffer.add(message, 8, 8 + bytes.length);
}

/**
 * @param {ReceiveBuffer} buffer
 * @returns {ArrayBuffer[]} All reads until nothing is left.
 */
function readAll(buffer) {
  const reads = [];
  while (buffer.delivered < buffer.received) reads.push(buffer.take());
  return reads;
}

/** @param {ArrayBuffer[]} reads */
const sizes = (reads) => reads.map(({ byteLength }) => byteLength);

function openBuffer() {
  const buffer = new ReceiveBuffer(WINDOW);
  buffer.open();
  return buffer;
}

test('10000 bytes are read in pieces of 4096 when bufferSize is not set', () => {
  const buffer = openBuffer();
  arrive(buffer, new Uint8Array(10000));
  assert.deepEqual(sizes(readAll(buffer)), [4096, 4096, 1808]);
});

test('a new bufferSize applies from the next read; the outstanding one keeps the old', () => {
  const buffer = openBuffer();
  buffer.bufferSize = 10;
  arrive(buffer, new Uint8Array(25));
  assert.deepEqual(sizes(readAll(buffer)), [25]);
  arrive(buffer, new Uint8Array(25));
  assert.deepEqual(sizes(readAll(buffer)), [10, 10, 5]);
});

test('no read is longer than 65536', () => {
  const buffer = new ReceiveBuffer(WINDOW);
  buffer.bufferSize = 1048576;
  buffer.open();
  arrive(buffer, new Uint8Array(150000));
  assert.deepEqual(sizes(readAll(buffer)), [65536, 65536, 18928]);
});

for (const size of [0, -5]) {
  test(`bufferSize ${size} is as good as none`, () => {
    const buffer = new ReceiveBuffer(WINDOW);
    buffer.bufferSize = size;
    buffer.open();
    arrive(buffer, new Uint8Array(5000));
    assert.deepEqual(sizes(readAll(buffer)), [4096, 904]);
  });
}

test('each read is a buffer of its own with exactly its bytes', () => {
  const buffer = openBuffer();
  arrive(buffer, 'abc');
  const first = buffer.take();
  arrive(buffer, 'defg');
  const second = buffer.take();
  assert.deepEqual(
    [Buffer.from(first).toString(), Buffer.from(second).toString()],
    ['abc', 'defg'],
  );
  assert.notEqual(first, second);
});

test('credit goes back after half a window, and not again for the same bytes', () => {
  const buffer = openBuffer();
  arrive(buffer, new Uint8Array(WINDOW / 2 - 1));
  readAll(buffer);
  assert.equal(buffer.credit(), 0, 'one byte is missing');
  arrive(buffer, new Uint8Array(1));
  assert.equal(buffer.credit(), 0, 'the byte has arrived, but nobody was given it');
  readAll(buffer);
  assert.equal(buffer.credit(), WINDOW / 2 + WINDOW);
  assert.equal(buffer.credit(), 0);
});

test('offsets go on through a later connection', () => {
  const buffer = openBuffer();
  arrive(buffer, 'abc');
  buffer.open();
  assert.deepEqual([buffer.received, buffer.delivered], [3, 3]);
  arrive(buffer, new Uint8Array(WINDOW / 2));
  readAll(buffer);
  assert.equal(buffer.credit(), 3 + WINDOW / 2 + WINDOW);
});

test('any arrivals and sizes give the same reads as cutting one long array', () => {
  forAll(500, (random) => {
    const buffer = openBuffer();
    let waiting = Buffer.alloc(0);
    let size = 4096;
    let next = 4096;
    let counter = 0;
    for (let i = 0; i < 40; i++) {
      const action = random(3);
      if (action === 0) {
        const bytes = Buffer.from(Array.from({ length: 1 + random(300) }, () => counter++ & 255));
        arrive(buffer, bytes);
        waiting = Buffer.concat([waiting, bytes]);
      } else if (action === 1) {
        next = 1 + random(100);
        buffer.bufferSize = next;
      } else if (waiting.length > 0) {
        const want = waiting.subarray(0, size);
        assert.deepEqual(Buffer.from(buffer.take()), Buffer.from(want));
        waiting = waiting.subarray(want.length);
        size = next;
      }
      assert.equal(buffer.received - buffer.delivered, waiting.length);
    }
  });
});
