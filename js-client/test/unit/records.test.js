/** The binary codec: every record, every fault, and any bytes at all against a naive parser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecords } from '../../src/records.js';
import { ack, data, end, limit, stop } from '../fake-gateway.js';
import { forAll } from '../random.js';

/**
 * @param {Uint8Array} bytes
 * @returns {{ records: any[], fault: string | undefined }}
 */
function parse(bytes) {
  /** @type {any[]} */
  const records = [];
  const message = new Uint8Array(bytes).buffer;
  const fault = readRecords(message, {
    data: (id, source, from, to) =>
      records.push(['data', id, Buffer.from(source.slice(from, to)).toString('latin1')]),
    limit: (id, offset) => records.push(['limit', id, offset]),
    end: (id, resultCode) => records.push(['end', id, resultCode]),
    stop: (id, resultCode) => records.push(['stop', id, resultCode]),
    acknowledged: (messages) => records.push(['ack', messages]),
  });
  return { records, fault };
}

test('one message holds records of many streams', () => {
  const message = Buffer.concat([
    data(1, 'ab'),
    limit(2, 2 ** 40 + 5),
    end(3),
    stop(4, -12),
    ack(7),
  ]);
  assert.deepEqual(parse(message), {
    records: [
      ['data', 1, 'ab'],
      ['limit', 2, 2 ** 40 + 5],
      ['end', 3, -100],
      ['stop', 4, -12],
      ['ack', 7],
    ],
    fault: undefined,
  });
});

test('the largest id and payload length are read as unsigned', () => {
  const { records } = parse(data(0xffffffff, new Uint8Array(0x012345)));
  assert.equal(records[0][1], 0xffffffff);
  assert.equal(records[0][2].length, 0x012345);
});

const faults = [
  { name: 'empty message', bytes: [] },
  { name: 'truncated header', bytes: [0, 0, 0, 1, 0, 0, 0] },
  { name: 'truncated payload', bytes: [0, 0, 0, 2, 0, 0, 0, 1, 65] },
  { name: 'empty DATA', bytes: [0, 0, 0, 0, 0, 0, 0, 1] },
  { name: 'LIMIT or ACK of wrong length', bytes: [1, 0, 0, 1, 0, 0, 0, 1, 0] },
  { name: 'END or STOP of wrong length', bytes: [2, 0, 0, 1, 0, 0, 0, 1, 0] },
  { name: 'unknown type 9', bytes: [9, 0, 0, 1, 0, 0, 0, 1, 0] },
];
for (const { name, bytes } of faults) {
  test(`a bad message is named: ${name}`, () => {
    assert.deepEqual(parse(new Uint8Array(bytes)), { records: [], fault: name });
  });
}

/**
 * The naive model: reads through Buffer, one slice per record.
 *
 * @param {Buffer} rest
 * @returns {{ records: any[], fault: boolean }}
 */
function naive(rest) {
  /** @type {any[]} */
  const records = [];
  if (rest.length === 0) return { records, fault: true };
  while (rest.length > 0) {
    if (rest.length < 8) return { records, fault: true };
    const [type, length, id] = [rest[0], rest.readUIntBE(1, 3), rest.readUInt32BE(4)];
    const payload = rest.subarray(8, 8 + length);
    const right = [length > 0, length === 8, length === 4, length === 4, length === 8][type];
    if (payload.length < length || !right) return { records, fault: true };
    if (type === 0) records.push(['data', id, payload.toString('latin1')]);
    if (type === 1) records.push(['limit', id, Number(payload.readBigUInt64BE())]);
    if (type === 2) records.push(['end', id, payload.readInt32BE()]);
    if (type === 3) records.push(['stop', id, payload.readInt32BE()]);
    if (type === 4) records.push(['ack', Number(payload.readBigUInt64BE())]);
    rest = rest.subarray(8 + length);
  }
  return { records, fault: false };
}

test('any bytes are read as the naive parser reads them', () => {
  forAll(2000, (random) => {
    const parts = Array.from({ length: random(6) }, () => {
      const makers = [
        () => data(random(5), new Uint8Array(1 + random(20)).fill(random(256))),
        () => limit(random(5), random(2 ** 31)),
        () => end(random(5), -random(200)),
        () => stop(random(5), -random(200)),
        () => ack(random(2 ** 31)),
      ];
      return makers[random(5)]();
    });
    const message = Buffer.concat(parts);
    // Half of the messages are damaged: a byte changed, or the end cut off.
    if (message.length > 0 && random(4) === 0) message[random(message.length)] = random(256);
    const cut = random(4) === 0 ? message.subarray(0, random(message.length + 1)) : message;
    const got = parse(cut);
    const want = naive(cut);
    assert.deepEqual(got.records, want.records);
    assert.equal(got.fault !== undefined, want.fault);
  });
});
