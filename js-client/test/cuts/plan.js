/**
 * What happens to one connection through the proxy, drawn from random numbers: when it is cut, how,
 * and in what pieces its bytes are passed on before. Positions are counts of bytes, not times.
 */

/** @typedef {(below: number) => number} Random */

/** From the client to the gateway, or back. @typedef {'up' | 'down'} Way */

/**
 * How a connection is cut:
 *
 * - `reset` and `end` tell both sides, by RST and FIN, when they have what came before;
 * - `drop` tells them at once;
 * - `half` ends one way only, and the other goes on until the two sides end it;
 * - `late` resets the client's side, while the gateway's stays and hears what was under way to it
 *   only when the next connection has passed some bytes;
 * - `deaf` resets the gateway's side, while the client goes on sending for a moment.
 *
 * @typedef {'reset' | 'end' | 'drop' | 'half' | 'late' | 'deaf'} Act
 */

/** @type {Act[]} */
const ACTS = ['reset', 'reset', 'end', 'drop', 'drop', 'half', 'half', 'late', 'late', 'deaf'];

/**
 * One way waits at a position until so many bytes have passed the other way.
 *
 * @typedef {object} Stall
 * @property {Way} way
 * @property {number} at
 * @property {number} bytes
 */

/**
 * @typedef {object} Plan
 * @property {Act} act
 * @property {Way} way Whose bytes are counted.
 * @property {number} at It is cut when so many have passed.
 * @property {number} later For `late`: the bytes of the next connection.
 * @property {Stall[]} stalls
 * @property {number} piece Most bytes that are passed on together; 0: as they come.
 */

/** About the length of the request for the upgrade, and of its answer, in Node. */
const HEAD = 250;

/** Most bytes between the beginning of a connection and its cut. */
const LONGEST = 1 << 19;

/**
 * @param {Random} random
 * @param {number} [head] About the length of the request for the upgrade.
 * @returns {Plan}
 */
export function drawPlan(random, head = HEAD) {
  const stalls = [];
  while (random(3) === 0)
    stalls.push({
      way: drawWay(random),
      at: drawAt(random, head),
      bytes: magnitude(random, 1 << 14),
    });
  return {
    act: ACTS[random(ACTS.length)],
    way: drawWay(random),
    at: drawAt(random, head),
    later: random(3) ? magnitude(random, 1 << 14) : random(head),
    stalls,
    piece: random(2) ? 0 : [40, 1500, 20_000, 70_000][random(4)],
  };
}

/**
 * @param {Random} random
 * @returns {Way}
 */
function drawWay(random) {
  return random(2) ? 'up' : 'down';
}

/**
 * @param {Random} random
 * @param {number} head
 * @returns {number} In the upgrade; in what comes first behind it; anywhere.
 */
function drawAt(random, head) {
  const where = random(10);
  if (where === 0) return random(head);
  if (where < 3) return head + random(1000);
  return head + magnitude(random, LONGEST);
}

/**
 * @param {Random} random
 * @param {number} below
 * @returns {number} One whose number of digits is as random as the digits.
 */
export function magnitude(random, below) {
  return random(2 ** random(Math.log2(below) + 1)) + random(2);
}
