/** Seeded random numbers for property tests. A failure prints the seed that repeats it. */

/**
 * @param {number} seed
 * @returns {(below: number) => number} Gives integers in [0, below).
 */
export function seeded(seed) {
  let state = seed >>> 0;
  return (below) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/**
 * Runs a property for many seeds: those of `SEED` if set, else fresh ones.
 *
 * @param {number} rounds
 * @param {(random: (below: number) => number) => void} property Throws if it does not hold.
 */
export function forAll(rounds, property) {
  const first = process.env.SEED ? Number(process.env.SEED) : Date.now() >>> 0;
  for (let seed = first; seed < first + (process.env.SEED ? 1 : rounds); seed++) {
    try {
      property(seeded(seed));
    } catch (error) {
      throw new Error(`fails for SEED=${seed >>> 0}`, { cause: error });
    }
  }
}
