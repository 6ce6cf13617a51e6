/** A page whose connection is cut again and again: nothing is lost, and nothing happens twice. */

import assert from 'node:assert/strict';
import { Peer } from '../cuts/peer.js';
import { drawPlan } from '../cuts/plan.js';
import { CuttingProxy } from '../cuts/proxy.js';
import { seeded } from '../random.js';
import { createSuite } from './suite.js';

const suite = createSuite();

/** How often the connection is cut at least. */
const CUTS = Number(process.env.CUTS ?? 60);

/** Peers that are there at once. */
const PEERS = 8;

/** About the length of a browser's request for the upgrade. */
const HEAD = 700;

/** Most bytes that a peer sends. */
const MOST = [1, 100, 10_000, 200_000, 1_000_000];

suite.test(`${CUTS} cuts during mixed traffic`, async (scene) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  const random = seeded(seed);
  const proxy = new CuttingProxy(new URL(suite.gateway), {
    seed,
    draw: (random) => drawPlan(random, HEAD),
  });
  scene.gatewayGoes();
  try {
    const { host } = new URL(await proxy.start());
    const client = `<script src="/socketgate.js" data-gateway="http://${host}"></script>`;
    const program = '<script src="/kit.js"></script><script src="/cuts.js"></script>';
    suite.site.add('/cuts', { body: client + program });
    const page = await scene.open('/cuts');
    const ports = await page.evaluate(() => cuts.listen(3));
    do {
      const port = () => ports[random(ports.length)];
      const peers = Array.from({ length: PEERS }, () =>
        talk(page, port(), seeded(random(2 ** 30))),
      );
      await Promise.all(peers);
    } while (proxy.cuts < CUTS);
    proxy.calm();
    const end = await page.evaluate((ports) => cuts.finish(ports), ports);
    assert.deepEqual(end, { left: [], failures: [], unanswered: 0 });
    for (const port of ports) await assert.rejects(Peer.connect(port, assert.fail));
  } catch (error) {
    throw new Error([`fails for SEED=${seed}`, ...proxy.log].join('\n'), { cause: error });
  } finally {
    await proxy.stop();
  }
});

/**
 * One peer, from its connection to its end. Those with an odd port are left by the page in the middle.
 *
 * @param {import('playwright-core').Page} page
 * @param {number} port
 * @param {(below: number) => number} random
 */
async function talk(page, port, random) {
  const peer = await Peer.connect(port, assert.fail);
  await peer.send(random(MOST[random(MOST.length)]), random);
  if (peer.port % 2 === 0) peer.end();
  await page.waitForFunction((port) => cuts.outcomes[port] || cuts.failures.length > 0, peer.port);
  const { outcome, failures } = await page.evaluate(
    (port) => ({ outcome: cuts.outcomes[port], failures: cuts.failures }),
    peer.port,
  );
  assert.deepEqual(failures, []);
  await peer.finish(outcome.sent);
  if (peer.port % 2 === 0) assert.equal(outcome.received, peer.written);
}
