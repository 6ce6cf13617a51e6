/** Every callback is called exactly once, whatever closes in between: random calls without waiting. */

import assert from 'node:assert/strict';
import { setImmediate as nextTask } from 'node:timers/promises';
import { test } from 'node:test';
import { useGateway } from '../gateway.js';
import { onPage } from '../page.js';
import { listenForPeers } from '../peer.js';
import { seeded } from '../random.js';

/** @import { Page } from '../page.js' */
/** @import { Peer } from '../peer.js' */

const ROUNDS = 4;
const CALLS = 400;

const gateway = useGateway();

/** The calls of one page, and what was answered. */
class Calls {
  /** @type {{ text: string, answers: any[][] }[]} */
  #calls = [];
  #unanswered = 0;
  /** @type {() => void} */
  #idle = () => {};

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * @param {'tcp' | 'tcpServer'} namespace
   * @param {string} name
   * @param {unknown[]} args
   */
  make(namespace, name, ...args) {
    const shown = args.map((value) => (value instanceof Uint8Array ? value.length : value));
    /** @type {{ text: string, answers: any[][] }} */
    const call = { text: `${namespace}.${name}(${shown.map(String).join()})`, answers: [] };
    this.#calls.push(call);
    this.#unanswered++;
    const { chrome } = this.page;
    chrome.sockets[namespace][name](...args, (/** @type {any[]} */ ...results) => {
      call.answers.push([...results, chrome.runtime.lastError?.message]);
      if (call.answers.length === 1 && --this.#unanswered === 0) this.#idle();
    });
  }

  /** Waits until all calls are answered. */
  async all() {
    if (this.#unanswered > 0) await new Promise((resolve) => (this.#idle = () => resolve(0)));
    await nextTask();
    for (const { text, answers } of this.#calls) {
      assert.equal(answers.length, 1, `${text} was answered by ${JSON.stringify(answers)}`);
    }
  }
}

/** @param {Peer | undefined} peer One that has ended its direction is left: Node never closes it then. */
function reset(peer) {
  if (peer && !peer.socket.writableEnded) peer.reset();
}

/**
 * @param {Page} page
 * @param {(below: number) => number} random
 */
async function play(page, random) {
  const calls = new Calls(page);
  /** @type {Peer[]} */
  const peers = [];
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const remote = await listenForPeers();
  remote.server.on('connection', (socket) => sockets.add(socket));
  (async () => {
    for (;;) peers.push(await remote.next()); // The last one never comes.
  })();
  const id = () => 1 + random(8);
  const flag = () => random(2) === 0;
  const bytes = () => new Uint8Array(random(10) ? random(5000) : random(600_000));
  /** @type {[number, () => void][]} How often, and what. */
  const acts = [
    [2, () => calls.make('tcp', 'create', { bufferSize: random(9000) })],
    [4, () => calls.make('tcp', 'connect', id(), '127.0.0.1', remote.port)],
    [1, () => calls.make('tcp', 'connect', id(), '127.0.0.1', 1)],
    [6, () => calls.make('tcp', 'send', id(), bytes())],
    [3, () => calls.make('tcp', 'setPaused', id(), flag())],
    [2, () => calls.make('tcp', 'disconnect', id())],
    [1, () => calls.make('tcp', 'close', id())],
    [1, () => calls.make('tcp', 'secure', id())],
    [1, () => calls.make('tcp', 'update', id(), { bufferSize: random(9000) })],
    [1, () => calls.make('tcp', 'setNoDelay', id(), flag())],
    [1, () => calls.make('tcp', 'getInfo', id())],
    [1, () => calls.make('tcp', 'getSockets')],
    [1, () => calls.make('tcpServer', 'create', {})],
    [2, () => calls.make('tcpServer', 'listen', id(), '127.0.0.1', 0)],
    [1, () => calls.make('tcpServer', 'setPaused', id(), flag())],
    [1, () => calls.make('tcpServer', 'disconnect', id())],
    [1, () => calls.make('tcpServer', 'close', id())],
    [1, () => calls.make('tcpServer', 'getInfo', id())],
    [4, () => peers[random(peers.length)]?.write(bytes())],
    [1, () => peers[random(peers.length)]?.end()],
    [1, () => reset(peers[random(peers.length)])],
  ];
  const often = acts.flatMap(([count, act]) => Array.from({ length: count }, () => act));
  for (let i = 0; i < CALLS; i++) {
    often[random(often.length)]();
    if (random(3) === 0) await nextTask();
  }
  for (const { socketId } of await page.tcp.getSockets()) calls.make('tcp', 'close', socketId);
  for (const peer of peers) peer.end();
  await calls.all();
  assert.deepEqual(await page.tcp.getSockets(), []);
  remote.close();
  for (const socket of sockets) socket.destroy();
}

const first = Number(process.env.SEED ?? Date.now() >>> 0);
for (let seed = first; seed < first + (process.env.SEED ? 1 : ROUNDS); seed++) {
  test(
    `each of ${CALLS} calls is answered once, SEED=${seed}`,
    onPage(gateway, async (page) => {
      page.tcp.onReceive.addListener(() => {});
      await play(page, seeded(seed));
    }),
  );
}
