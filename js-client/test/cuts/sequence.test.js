/** The sequence tells where bytes belong. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forAll } from '../random.js';
import { Sequence } from './sequence.js';

test('a part is the same however it is cut out', () => {
  forAll(200, (random) => {
    const sequence = new Sequence(random(1000));
    const all = sequence.bytes(0, 5000);
    const from = random(5000);
    const to = from + random(5000 - from);
    assert.deepEqual(sequence.bytes(from, to), all.subarray(from, to));
    assert.equal(sequence.fault(from, all.subarray(from, to)), undefined);
  });
});

const sequence = new Sequence(1);

for (const { name, bytes, fault } of [
  {
    name: 'lost',
    bytes: sequence.bytes(1010, 1100),
    fault: 'at offset 1000 there are the bytes of offset 1010 (90 from there)',
  },
  {
    name: 'doubled',
    bytes: sequence.bytes(990, 1100),
    fault: 'at offset 1000 there are the bytes of offset 990 (110 from there)',
  },
  {
    name: 'of another stream',
    bytes: new Sequence(2).bytes(1000, 1100),
    fault: 'at offset 1000 there are bytes of something else (100 from there)',
  },
  {
    name: 'changed in the middle',
    bytes: sequence.bytes(1000, 1100).map((byte, i) => (i === 98 ? byte ^ 1 : byte)),
    fault: 'at offset 1098 there are bytes of something else (2 from there)',
  },
]) {
  test(`bytes that are ${name}`, () => assert.equal(sequence.fault(1000, bytes), fault));
}
