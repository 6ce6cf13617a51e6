/**
 * Ports for servers that stop listening and listen again. They are below those that systems give out by
 * themselves, so that nobody gets one in between.
 */

import { once } from 'node:events';
import { createServer } from 'node:net';

/** @import { Random } from './plan.js' */

const FIRST = 10_000;
const COUNT = 20_000;

/** Those that were given out, by this process. @type {Set<number>} */
const given = new Set();

/**
 * @param {Random} random
 * @returns {Promise<number>} A port on which nobody listens.
 */
export async function choosePort(random) {
  for (;;) {
    const port = FIRST + random(COUNT);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

/** @param {number} port That is not used any more. */
export function returnPort(port) {
  given.delete(port);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
async function isFree(port) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
