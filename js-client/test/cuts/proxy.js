/**
 * A TCP proxy between a client and a gateway that cuts their connections, by a seed: connection number n
 * of two proxies with the same seed is cut at the same byte in the same way.
 */

import { once } from 'node:events';
import { createServer } from 'node:net';
import { seeded } from '../random.js';
import { Link } from './link.js';
import { drawPlan } from './plan.js';

/** @import { AddressInfo, Socket } from 'node:net' */
/** @import { Act, Plan, Random } from './plan.js' */

/** How many connections the log keeps. */
const LOGGED = 30;

export class CuttingProxy {
  /** How many connections were cut, in which way. @type {Record<Act, number>} */
  acts = { reset: 0, end: 0, drop: 0, half: 0, late: 0, deaf: 0 };
  /** What was done to the last connections. @type {string[]} */
  log = [];
  /** Whether connections are cut. */
  cutting;
  #gateway;
  #seed;
  #draw;
  #server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#open(client));
  #connections = 0;
  /** @type {Set<Link>} */
  #links = new Set();
  /** @type {{ after: number, bytes: number, resolve: () => void }[]} */
  #waiting = [];

  /**
   * @param {URL} gateway
   * @param {object} options
   * @param {number} options.seed
   * @param {boolean} [options.cutting]
   * @param {(random: Random) => Plan} [options.draw]
   */
  constructor(gateway, { seed, cutting = true, draw = drawPlan }) {
    this.#gateway = gateway;
    this.#seed = seed;
    this.cutting = cutting;
    this.#draw = draw;
  }

  /** How many connections were cut. */
  get cuts() {
    return Object.values(this.acts).reduce((sum, count) => sum + count);
  }

  /** @returns {Promise<string>} The URL for the client. */
  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = /** @type {AddressInfo} */ (this.#server.address());
    return `ws://127.0.0.1:${port}/v1/ws`;
  }

  /** From now on bytes only pass. */
  calm() {
    this.cutting = false;
    for (const link of this.#links) link.calm();
  }

  async stop() {
    this.#server.close();
    for (const link of this.#links) link.destroy();
    await Promise.all([...this.#links].map(({ closed }) => closed));
  }

  /**
   * @param {number} connection
   * @param {number} bytes
   * @returns {Promise<void>} Fulfilled when younger connections than this have passed so many.
   */
  later(connection, bytes) {
    return new Promise((resolve) => this.#waiting.push({ after: connection, bytes, resolve }));
  }

  /**
   * @param {number} connection
   * @param {number} length Of what it has passed on.
   */
  notePassed(connection, length) {
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting) {
      if (connection > waiting.after) waiting.bytes -= length;
      if (waiting.bytes <= 0) waiting.resolve();
    }
    this.#waiting = this.#waiting.filter(({ bytes }) => bytes > 0);
  }

  /**
   * @param {number} connection
   * @param {Plan} plan
   */
  noteCut(connection, { act, way, at }) {
    this.acts[act]++;
    this.log.push(`connection ${connection}: ${act} at byte ${at} ${way}`);
    if (this.log.length > LOGGED) this.log.shift();
  }

  /** @param {Socket} client */
  #open(client) {
    const number = ++this.#connections;
    const random = seeded(this.#seed + number * 7919);
    const link = new Link(this, client, this.#gateway, number, this.#draw(random), random);
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
  }
}
