/**
 * Measures the client in a page of headless Chromium, turn by turn against a bare WebSocket in the
 * same page; README.md says what each figure means.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBrowser } from '../test/browser/browser.js';
import { build } from '../test/browser/programs.js';
import { Site } from '../test/browser/site.js';
import { httpOrigin } from '../test/browser/suite.js';
import { startGateway } from '../test/gateway.js';
import { FIGURES } from './figures.js';
import { startPeer } from './peer.js';
import { startProfile } from './profile.js';
import { Table } from './table.js';

/** @import { Bench, Figure, Subject } from './figures.js' */

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '0.3' },
    profile: { type: 'boolean', default: false },
  },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
if (!(rounds >= 1 && seconds > 0)) throw new Error('rounds and seconds must be more than 0');
const only = new RegExp(flags.only);
await run(FIGURES.filter(({ name }) => only.test(name)));

/** @param {Figure[]} figures */
async function run(figures) {
  /** What to end, in reverse order. @type {(() => unknown)[]} */
  const started = [];
  try {
    const folder = await mkdtemp(join(tmpdir(), 'socketgate-bench-'));
    started.push(() => rm(folder, { recursive: true, force: true }));
    const binary =
      process.env.SOCKETGATE_BENCH ?? (await build('./gateway/bench', join(folder, 'bench')));
    const peer = await startPeer(binary);
    started.push(() => peer.stop());
    const gateway = await startGateway();
    started.push(() => gateway.stop());
    const site = new Site();
    await site.start(httpOrigin(gateway.url));
    started.push(() => site.stop());
    let body = '<script src="GATEWAY/socketgate.js"></script>';
    for (const name of ['page.js', 'resume.js']) {
      body += `<script>${await readFile(new URL(name, import.meta.url), 'utf8')}</script>`;
    }
    site.add('/bench', { body });
    const browser = await startBrowser();
    started.push(() => browser.close());
    const page = await browser.newPage();
    page.on('console', (message) => console.error(`page: ${message.text()}`));
    await page.goto(`${site.origin}/bench`);
    const table = new Table(console.log);
    for (const figure of figures) await measure({ page, peer, seconds }, figure, table);
    table.end();
  } finally {
    for (const end of started.reverse()) await end();
  }
}

/**
 * Measures both subjects turn by turn. Each round begins with the other one.
 *
 * @param {Bench} bench
 * @param {Figure} figure
 * @param {Table} table
 */
async function measure(bench, figure, table) {
  /** @type {Record<Subject, number[][]>} */
  const samples = { ours: [], bare: [], raw: [] };
  /** @type {Subject[]} */
  const subjects = [figure.against, 'ours'];
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const profile = flags.profile && (await startProfile(bench.page, figure.name, subject));
      samples[subject].push(await figure.trial(bench, subject));
      if (profile) await profile.print();
    }
    subjects.reverse();
  }
  figure.metrics.forEach((metric, i) => {
    const numbers = (/** @type {Subject} */ subject) => samples[subject].map((values) => values[i]);
    table.row(figure.name, metric, figure.against, numbers(figure.against), numbers('ours'));
  });
}
