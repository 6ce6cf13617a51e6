/** How long to wait before the next attempt to reach the gateway. */

const FIRST_MS = 250;
const LONGEST_MS = 5000;

/**
 * Exponential with full jitter: any time up to a bound that doubles with each attempt.
 *
 * @param {number} attempt Failed attempts so far, from 1.
 * @param {number} random In [0, 1).
 * @returns {number} Milliseconds.
 */
export function backoff(attempt, random) {
  return Math.round(random * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 16)));
}
