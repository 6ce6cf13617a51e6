/** A gateway that is not there yet, that stops, and that dies: what pages are told. */

import assert from 'node:assert/strict';
import { startGateway } from '../gateway.js';
import { createSuite, httpOrigin } from './suite.js';
import { Peer } from './peer.js';

const suite = createSuite();
const { test } = suite;

/**
 * A page whose client, a copy of the script, belongs to a gateway of its own.
 *
 * @param {import('./suite.js').Scene} scene
 * @param {string} gateway
 */
function openFor({ open }, gateway) {
  const path = `/for-${new URL(gateway).port}`;
  const script = `<script src="/socketgate.js" data-gateway="${gateway}"></script>`;
  suite.site.add(path, { body: `${script}<script src="/kit.js"></script>` });
  return open(path);
}

test('a page that was there before the gateway is served when it comes', async (scene) => {
  const earlier = await startGateway();
  const gateway = httpOrigin(earlier.url);
  await earlier.stop();

  const page = await openFor(scene, gateway);
  await page.evaluate(() => {
    globalThis.listening = kit.echo();
    void listening;
  });
  await page.waitForFunction(() => socketgate.client.state === 'waiting');
  const { reason, wait } = await page.evaluate(() => ({
    reason: socketgate.client.reason,
    wait: typeof socketgate.client.retryAt,
  }));
  assert.deepEqual(
    { reason, wait },
    {
      reason: 'not-running',
      wait: 'number',
    },
  );

  const later = await startGateway(['--port', new URL(gateway).port]);
  try {
    const { port } = await page.evaluate(() => listening);
    assert.equal(await page.evaluate(() => socketgate.client.state), 'open');
    assert.equal(await (await scene.peer(port)).roundTrip(), 'ping');
    scene.gatewayGoes();
    await page.context().close();
  } finally {
    await later.stop();
  }
});

for (const signal of ['SIGTERM', 'SIGKILL']) {
  test(`a gateway that ends by ${signal} and is started again: events, errors and state`, async (scene) => {
    scene.gatewayGoes();
    const gateway = await startGateway();
    let running = gateway;
    try {
      const page = await openFor(scene, httpOrigin(gateway.url));
      const port = await page.evaluate(async () => {
        const { tcp, tcpServer } = chrome.sockets;
        globalThis.events = [];
        for (const [namespace, name] of [
          [tcpServer, 'onAcceptError'],
          [tcp, 'onReceiveError'],
        ]) {
          namespace[name].addListener(({ resultCode }) => events.push(`${name} ${resultCode}`));
        }
        globalThis.states = [];
        const { client } = socketgate;
        client.onStateChange.addListener(({ state }) => {
          if (state !== states.at(-1)) states.push(state);
        });
        client.onSessionGone.addListener(() => events.push('gone'));
        globalThis.server = await kit.listen();
        return server.port;
      });
      await scene.peer(port);
      await page.evaluate(async () => {
        globalThis.id = await server.accepted();
        await chrome.sockets.tcp.setPaused(id, false);
        states.length = 0;
      });

      await gateway.stop(signal);
      await page.waitForFunction(() => states.includes('waiting'));
      await assert.rejects(Peer.connect(port), { code: 'ECONNREFUSED' });
      assert.deepEqual(await page.evaluate(() => events), [], 'nothing has failed yet');
      running = await startGateway(['--port', new URL(gateway.url).port]);
      await page.waitForFunction(() => states.at(-1) === 'open');
      const seen = await page.evaluate(async () => ({
        events,
        outcome: await kit.call(chrome.sockets.tcp.send, id, kit.utf8('late')),
      }));
      assert.deepEqual(seen, {
        events: ['onReceiveError -100', 'onAcceptError -2', 'gone'],
        outcome: { args: [], error: 'Socket not found' },
      });
    } finally {
      await running.stop();
    }
  });
}

test('what was sent arrives although the gateway is stopped at once', async (scene) => {
  scene.gatewayGoes();
  const gateway = await startGateway();
  let running = true;
  try {
    const page = await openFor(scene, httpOrigin(gateway.url));
    const port = await page.evaluate(async () => {
      globalThis.server = await kit.listen();
      return server.port;
    });
    const client = await scene.peer(port);
    await page.evaluate(async () => {
      const id = await server.accepted();
      await kit.get(chrome.sockets.tcp.send, id, new Uint8Array(1 << 20));
    });
    const receiving = client.readAll();
    await gateway.stop('SIGTERM');
    running = false;
    assert.equal((await receiving).length, 1 << 20);
  } finally {
    if (running) await gateway.stop();
  }
});
