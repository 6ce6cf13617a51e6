/**
 * One round of the property test: a session of its own, through a proxy of its own, serves many programs at
 * once that make random traffic, until its connection has been cut so many times.
 */

import { seeded } from '../random.js';
import { serve } from './accepting.js';
import { call } from './calling.js';
import { connect } from './connecting.js';
import { Program } from './program.js';
import { CuttingProxy } from './proxy.js';

/** @import { Random } from './plan.js' */

/** A round that has not ended by then hangs. */
const HANG_MS = 60_000;

/** Most programs that run at once. */
const MOST = 12;

/** @type {((program: Program, random: Random) => Promise<void>)[]} */
const SCRIPTS = [serve, serve, connect, connect, connect, call];

/**
 * @typedef {object} Tally
 * @property {Record<string, number>} acts Cuts of each kind.
 * @property {number} cuts
 * @property {number} calls
 * @property {number} streams
 * @property {number} bytes Both ways.
 */

/**
 * @param {URL} gateway
 * @param {number} seed
 * @param {number} cuts At least so many; 0 for none, and a short round.
 * @returns {Promise<Tally>}
 */
export async function runRound(gateway, seed, cuts) {
  const random = seeded(seed);
  const proxy = new CuttingProxy(gateway, { seed, cutting: cuts > 0 });
  const program = new Program(await proxy.start());
  const complaints = catchComplaints(program.fail);
  const timer = setTimeout(() => program.fail('the round hangs'), HANG_MS);
  try {
    const traffic = Array.from({ length: 1 + random(MOST) }, () =>
      work(program, proxy, cuts, seeded(random(2 ** 30))),
    );
    await Promise.race([Promise.all(traffic), program.failed]);
    proxy.calm();
    await Promise.race([program.finish(), program.failed]);
    await program.end();
    return {
      cuts: proxy.cuts,
      acts: proxy.acts,
      calls: program.calls,
      streams: program.streams.size,
      bytes: program.bytes,
    };
  } catch (error) {
    const unfinished = program.unfinished.map((text) => `  ${text}`);
    const what = `fails for SEED=${seed}: ${/** @type {Error} */ (error).message}`;
    const { state, reason } = program.client;
    const text = [
      what,
      `client: ${state} ${reason}`,
      ...proxy.log,
      'not over:',
      ...unfinished,
    ].join('\n');
    throw new Error(text, { cause: error });
  } finally {
    clearTimeout(timer);
    complaints.release();
    await program.end();
    await proxy.stop();
  }
}

/**
 * @param {Program} program
 * @param {CuttingProxy} proxy
 * @param {number} cuts
 * @param {Random} random
 */
async function work(program, proxy, cuts, random) {
  do await SCRIPTS[random(SCRIPTS.length)](program, random);
  while (proxy.cuts < cuts);
}

/**
 * What the client writes to the console is a fault.
 *
 * @param {(what: string) => void} fail
 */
function catchComplaints(fail) {
  const { error } = console;
  console.error = (...args) => fail(`the client complains: ${args.join(' ')}`);
  return { release: () => (console.error = error) };
}
