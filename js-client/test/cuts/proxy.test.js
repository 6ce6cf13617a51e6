/** The proxy passes bytes on unchanged, and cuts where and as it is told. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { seeded } from '../random.js';
import { drawPlan } from './plan.js';
import { CuttingProxy } from './proxy.js';
import { Sequence } from './sequence.js';

/** @import { AddressInfo, Socket } from 'node:net' */
/** @import { Plan } from './plan.js' */

const UP = new Sequence(1);
const DOWN = new Sequence(2);

/** @type {Plan} */
const CALM = { act: 'reset', way: 'up', at: Infinity, later: 0, stalls: [], piece: 0 };

/** One side of a connection: what it has received, and how that ended. */
class Side {
  received = Buffer.alloc(0);
  ended = false;

  /** @param {Socket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.on('data', (chunk) => (this.received = Buffer.concat([this.received, chunk])));
    socket.on('end', () => (this.ended = true));
    socket.on('error', () => {}); // `close` follows.
  }

  /** Waits until so many bytes are there. @param {number} length */
  async has(length) {
    while (this.received.length < length) await once(this.socket, 'data');
  }

  /** Waits until the other side has ended the connection, in whatever way. */
  async over() {
    while (!this.ended && !this.socket.closed) {
      await Promise.race(['end', 'close'].map((event) => once(this.socket, event).catch(() => {})));
    }
  }
}

/** A server behind a proxy, whose first connection goes as planned, and the others in peace. */
class Place {
  #server = createServer({ allowHalfOpen: true });
  /** @type {Socket[]} */
  #sockets = [];
  #plan;
  /** @type {any} */
  proxy;
  head = '';
  #url = new URL('ws://localhost');

  /** @param {Plan} plan */
  constructor(plan) {
    this.#plan = plan;
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = /** @type {AddressInfo} */ (this.#server.address());
    const plans = [this.#plan];
    const draw = () => plans.shift() ?? CALM;
    this.proxy = new CuttingProxy(new URL(`ws://127.0.0.1:${port}`), { seed: 1, draw });
    this.#url = new URL(await this.proxy.start());
    this.head = `GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: null\r\n\r\n`;
  }

  /** @returns {Promise<{ client: Side, gateway: Side }>} Of a connection; the client has sent a head. */
  async connect() {
    const accepted = once(this.#server, 'connection');
    const { port, host } = this.#url;
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    socket.write(this.head.replace(/Host: .*/, `Host: ${host}`));
    const [other] = await accepted;
    this.#sockets.push(socket, other);
    return { client: new Side(socket), gateway: new Side(other) };
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    await this.proxy.stop();
    this.#server.close();
  }
}

/**
 * @param {string} name
 * @param {Partial<Plan>} plan
 * @param {(place: Place, client: Side, gateway: Side) => Promise<void>} body
 */
function testPlan(name, plan, body) {
  test(name, async () => {
    const place = new Place({ ...CALM, ...plan });
    await place.start();
    try {
      const { client, gateway } = await place.connect();
      await body(place, client, gateway);
      assert.equal(place.proxy.cuts, plan.at === undefined ? 0 : 1);
    } finally {
      await place.stop();
    }
  });
}

testPlan('the gateway is asked by its own name', {}, async ({ head }, _, gateway) => {
  await gateway.has(head.length);
  assert.equal(String(gateway.received), head);
});

for (let seed = 1; seed <= 5; seed++) {
  const { piece, stalls } = drawPlan(seeded(seed));
  testPlan(
    `bytes pass unchanged: plan ${seed}`,
    { piece, stalls },
    async (place, client, gateway) => {
      const { length } = place.head;
      client.socket.write(UP.bytes(0, 300_000));
      gateway.socket.write(DOWN.bytes(0, 300_000));
      await Promise.all([client.has(300_000), gateway.has(length + 300_000)]);
      assert.equal(DOWN.fault(0, client.received), undefined);
      assert.equal(UP.fault(0, gateway.received.subarray(length)), undefined);
    },
  );
}

for (const act of /** @type {const} */ (['reset', 'end', 'drop'])) {
  testPlan(
    `${act}: both sides are told`,
    { act, way: 'down', at: 9 },
    async (_, client, gateway) => {
      gateway.socket.write(DOWN.bytes(0, 1000));
      await Promise.all([client.over(), gateway.over()]);
      // What is dropped is not waited for.
      if (act === 'drop') assert.ok(client.received.length <= 9);
      else assert.equal(client.received.length, 9);
    },
  );
}

testPlan(
  'half: the other way goes on',
  { act: 'half', way: 'up', at: 20 },
  async (_, client, gateway) => {
    await gateway.over();
    assert.deepEqual([gateway.ended, gateway.received.length], [true, 20]);
    gateway.socket.end(DOWN.bytes(0, 1000));
    await client.over();
    assert.deepEqual([client.ended, client.received.length], [true, 1000]);
  },
);

testPlan(
  'late: bytes arrive when a younger connection is used',
  { act: 'late', way: 'up', at: 20, later: 50 },
  async (place, client, gateway) => {
    await Promise.all([client.over(), gateway.has(20)]);
    assert.equal(gateway.received.length, 20);
    const next = await place.connect();
    await next.gateway.has(place.head.length);
    await gateway.over();
    assert.equal(String(gateway.received), place.head);
  },
);

testPlan(
  'deaf: the client is told too',
  { act: 'deaf', way: 'up', at: 20 },
  async (_, client, gateway) => {
    await gateway.over();
    assert.equal(gateway.received.length, 20);
    await client.over();
  },
);
