/** What is measured, in the order of the table, with the targets of the project. */

import { median } from './table.js';

/** @import { Page } from 'playwright-core' */

/** @typedef {'ours' | 'bare' | 'raw'} Subject */

/**
 * @typedef {object} Target
 * @property {number} bound Of ours, divided by the baseline.
 * @property {boolean} [atMost]
 * @property {boolean} [absolute] Not divided.
 */

/**
 * A row of the table.
 *
 * @typedef {object} Metric
 * @property {string} [name] Added to the figure's.
 * @property {'bytes' | 'times' | 'micros'} unit
 * @property {Target} [target]
 */

/**
 * @typedef {object} Bench What a trial has.
 * @property {Page} page
 * @property {Awaited<ReturnType<import('./peer.js').startPeer>>} peer
 * @property {number} seconds
 */

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {'bare' | 'raw'} against
 * @property {Metric[]} metrics
 * @property {(bench: Bench, subject: Subject) => Promise<number[]>} trial One number per metric.
 */

const KIB = 1024;
const BLOCK = 256 * KIB;
const SMALL = 64;
const PIECE = 4 * KIB;
const FILE = 6 << 20;

/** @type {Figure[]} */
export const FIGURES = [
  receive('bulk receive', { bufferSize: 64 * KIB, bound: 0.9 }),
  receive('bulk receive, default bufferSize', {}),
  send('bulk send', { size: BLOCK, inFlight: 8, bound: 0.9 }),
  {
    name: 'echo of 64 bytes',
    against: 'bare',
    metrics: [
      { name: 'p50', unit: 'micros', target: { bound: 1.25, atMost: true } },
      { name: 'p99', unit: 'micros' },
    ],
    trial: (bench, subject) => withPage(bench, subject, 'echo', {}, 'echo', {}),
  },
  receive('64-byte messages, peer to page', { bufferSize: 64 * KIB, size: SMALL }),
  send('64-byte messages, page to peer', { size: SMALL, inFlight: 256 }),
  {
    name: 'new connections, 16 at a time',
    against: 'raw',
    metrics: [{ unit: 'times', target: { bound: 0.25 } }],
    async trial(bench, subject) {
      const { peer, seconds: Seconds } = bench;
      if (subject === 'raw') return peer.ask({ Role: 'raw', Size: 16, Seconds });
      return withPage(bench, subject, 'serve', {}, 'connect', { Size: 16 });
    },
  },
  {
    name: '6 MiB, 4 KiB at a time',
    against: 'bare',
    metrics: [{ unit: 'bytes', target: { bound: 0.8 } }],
    async trial(bench, subject) {
      const options = { size: PIECE, pieces: FILE / PIECE };
      const role = subject === 'ours' ? 'take' : 'answer';
      const [pieces] = await withPage(bench, subject, 'pieces', options, role, {});
      return [pieces * PIECE];
    },
  },
  {
    name: 'getInfo',
    against: 'bare',
    metrics: [{ unit: 'times' }],
    trial: (bench, subject) =>
      withPage(bench, subject, 'info', {}, subject === 'ours' ? 'take' : 'return', {}),
  },
  {
    name: 'resume, to the first byte',
    against: 'bare',
    metrics: [
      { name: 'p50', unit: 'micros', target: { bound: 20_000, atMost: true, absolute: true } },
    ],
    trial: (bench, subject) => (subject === 'ours' ? resume(bench) : reopen(bench)),
  },
];

/** How often a connection is made in a trial of the last figure. */
const CONNECTIONS = 20;

/**
 * A session goes on over one connection after another.
 *
 * @param {Bench} bench
 * @returns {Promise<number[]>} The median.
 */
async function resume({ page, peer }) {
  const Addr = await page.evaluate(() => /** @type {any} */ (globalThis).resume.begin());
  await peer.ask({ Role: 'return', Addr });
  await page.waitForFunction(() => /** @type {any} */ (globalThis).resume.ready());
  const times = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    times.push(await page.evaluate(() => /** @type {any} */ (globalThis).resume.measure()));
  }
  await page.evaluate(() => /** @type {any} */ (globalThis).resume.end());
  await peer.ask({ Role: 'end' });
  return [median(times)];
}

/**
 * One bare WebSocket after another.
 *
 * @param {Bench} bench
 * @returns {Promise<number[]>} The median.
 */
async function reopen({ page, peer }) {
  const times = [];
  for (let i = 0; i < CONNECTIONS; i++) {
    const asked = peer.ask({ Role: 'return', Addr: '' });
    const measured = page.evaluate(
      (url) => /** @type {any} */ (globalThis).resume.measureBare(url),
      peer.url,
    );
    await asked;
    times.push(await measured);
    await peer.ask({ Role: 'end' });
  }
  return [median(times)];
}

/**
 * @param {string} name
 * @param {{ bufferSize?: number, size?: number, bound?: number }} options
 * @returns {Figure}
 */
function receive(name, { bufferSize, size = BLOCK, bound }) {
  return flow(name, size, bound, (bench, subject) =>
    withPage(bench, subject, 'sink', { bufferSize }, 'source', { Size: size }),
  );
}

/**
 * @param {string} name
 * @param {{ size: number, inFlight: number, bound?: number }} options
 * @returns {Figure}
 */
function send(name, { size, inFlight, bound }) {
  return flow(name, size, bound, (bench, subject) =>
    withPage(bench, subject, 'source', { size, inFlight }, 'sink', {}),
  );
}

/**
 * Bytes per second, or messages per second if these are small.
 *
 * @param {string} name
 * @param {number} size
 * @param {number | undefined} bound
 * @param {Figure['trial']} bytes
 * @returns {Figure}
 */
function flow(name, size, bound, bytes) {
  const small = size === SMALL;
  return {
    name,
    against: 'bare',
    metrics: [{ unit: small ? 'times' : 'bytes', target: bound ? { bound } : undefined }],
    trial: async (bench, subject) => {
      const [rate] = await bytes(bench, subject);
      return [small ? rate / SMALL : rate];
    },
  };
}

/**
 * A trial in which the page plays one role and the peer another. Either may measure.
 *
 * @param {Bench} bench
 * @param {Subject} subject
 * @param {string} role Of the page.
 * @param {object} options For it.
 * @param {string} Role Of the peer.
 * @param {object} more For it.
 * @returns {Promise<number[]>}
 */
async function withPage({ page, peer, seconds }, subject, role, options, Role, more) {
  const url = subject === 'bare' ? peer.url : '';
  const Addr = await page.evaluate(
    ([role, url, options]) => /** @type {any} */ (globalThis).bench.start(role, url, options),
    /** @type {const} */ ([role, url, { seconds, ...options }]),
  );
  const values = await peer.ask({ Role, Addr, Seconds: seconds, ...more });
  const value = await page.evaluate(() => /** @type {any} */ (globalThis).bench.result());
  await page.evaluate(() => /** @type {any} */ (globalThis).bench.stop());
  await peer.ask({ Role: 'end' });
  return value === undefined ? values : [value];
}
