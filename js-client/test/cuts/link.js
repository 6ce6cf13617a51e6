/** One connection through the proxy: its two sockets, the two ways between them, and its end. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Lane } from './lane.js';
import { withHost } from './upgrade-head.js';

/** @import { Socket } from 'node:net' */
/** @import { CuttingProxy } from './proxy.js' */
/** @import { Plan, Random, Stall } from './plan.js' */

/** Something that waits for bytes waits no longer than this: perhaps nobody sends any. */
const LONGEST_MS = 20;

export class Link {
  #proxy;
  #client;
  #gateway;
  #number;
  #plan;
  #random;
  #up;
  #down;
  /** Whether one side stays open when the other is gone. */
  #apart = false;
  /** Fulfilled when nothing more goes to the gateway. @type {Promise<unknown>} */
  #sent;
  /** Fulfilled when both sides are gone. */
  closed;

  /**
   * @param {CuttingProxy} proxy
   * @param {Socket} client
   * @param {URL} gateway
   * @param {number} number Of the connection.
   * @param {Plan} plan
   * @param {Random} random
   */
  constructor(proxy, client, gateway, number, plan, random) {
    this.#proxy = proxy;
    this.#client = client;
    this.#number = number;
    this.#plan = plan;
    this.#random = random;
    const { hostname: host, port } = gateway;
    this.#gateway = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    const sides = [this.#client, this.#gateway];
    for (const side of sides) {
      side.on('error', () => {}); // `close` follows.
      side.on('close', () => this.#apart || this.destroy());
    }
    this.closed = Promise.all(sides.map((side) => once(side, 'close').catch(() => {})));
    this.#up = new Lane(this.#gateway, plan.piece, random);
    this.#down = new Lane(this.#client, plan.piece, random);
    for (const lane of [this.#up, this.#down]) {
      lane.onPass = (length) => proxy.notePassed(number, length);
    }
    if (proxy.cutting) this.#mark();
    this.#sent = this.#up.run(withHost(bytesOf(client), gateway.host));
    void this.#down.run(bytesOf(this.#gateway));
  }

  /** Bytes only pass from now on. */
  calm() {
    this.#up.clear();
    this.#down.clear();
  }

  destroy() {
    this.#client.destroy();
    this.#gateway.destroy();
  }

  #mark() {
    const { way, at, stalls } = this.#plan;
    for (const stall of stalls)
      this.#lane(stall.way).add({ at: stall.at, act: () => this.#stall(stall) });
    this.#lane(way).add({ at, act: () => this.#cut() });
  }

  /** @param {'up' | 'down'} way */
  #lane(way) {
    return way === 'up' ? this.#up : this.#down;
  }

  /** @param {Stall} stall */
  async #stall({ way, bytes }) {
    const other = this.#lane(way === 'up' ? 'down' : 'up');
    const enough = other.passed + bytes;
    const passed = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      other.add({ at: enough, act: resolve });
    });
    await Promise.race([passed, delay(LONGEST_MS)]);
  }

  async #cut() {
    this.#proxy.noteCut(this.#number, this.#plan);
    const { act, way, later } = this.#plan;
    switch (act) {
      case 'reset':
        this.#client.resetAndDestroy();
        this.#gateway.resetAndDestroy();
        break;
      case 'end':
        this.#up.dropping = this.#down.dropping = true;
        this.#client.destroySoon();
        this.#gateway.destroySoon();
        break;
      case 'drop':
        this.destroy();
        break;
      case 'half':
        this.#lane(way).dropping = true;
        (way === 'up' ? this.#gateway : this.#client).end();
        break;
      case 'late': {
        this.#apart = true;
        this.#client.resetAndDestroy();
        const over = Promise.race([this.#proxy.later(this.#number, later), delay(5 * LONGEST_MS)]);
        void Promise.all([over, this.#sent]).then(() => this.#gateway.destroySoon());
        await over; // The way up then passes on what it has in its hands.
        break;
      }
      case 'deaf':
        this.#apart = true;
        this.#gateway.resetAndDestroy();
        await delay(1 + this.#random(LONGEST_MS));
        this.#client.resetAndDestroy();
    }
  }
}

/**
 * @param {Socket} socket
 * @returns {AsyncIterable<Buffer>} What arrives.
 */
function bytesOf(socket) {
  return socket.iterator({ destroyOnReturn: false });
}
