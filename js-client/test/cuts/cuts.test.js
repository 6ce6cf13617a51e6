/**
 * The session survives its WebSocket, whatever cuts it: nothing is lost, nothing happens twice.
 *
 * `CUTS` is how many cuts there are (0: none), and `SEED` the seed of the only round, for example that of
 * one that failed.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../gateway.js';
import { runRound } from './round.js';

const CUTS = Number(process.env.CUTS ?? 500);
const { SEED } = process.env;

/** Cuts in one round. */
const ROUND = 20;

/** Rounds if there are no cuts. */
const CALM_ROUNDS = 10;

const gateway = useGateway();

test(`${CUTS} cuts during mixed traffic`, async () => {
  const first = SEED ? Number(SEED) : Date.now() % 2 ** 31;
  const sum = { cuts: 0, calls: 0, streams: 0, bytes: 0 };
  /** @type {Record<string, number>} */
  const acts = {};
  let rounds = 0;
  do {
    const tally = await runRound(new URL(gateway.url), first + rounds, Math.min(CUTS, ROUND));
    for (const name of /** @type {const} */ (['cuts', 'calls', 'streams', 'bytes'])) {
      sum[name] += tally[name];
    }
    for (const [act, count] of Object.entries(tally.acts)) acts[act] = (acts[act] ?? 0) + count;
    rounds++;
  } while (!SEED && (CUTS ? sum.cuts < CUTS : rounds < CALM_ROUNDS));
  const kinds = Object.entries(acts).map(([act, count]) => `${count} ${act}`);
  console.log(`seeds ${first} to ${first + rounds - 1}: ${sum.cuts} cuts (${kinds.join(', ')})`);
  console.log(`${sum.calls} calls, ${sum.streams} streams, ${(sum.bytes / 2 ** 20) | 0} MiB`);
  assert.ok(SEED || sum.cuts >= CUTS);
});
