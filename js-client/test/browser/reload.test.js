/**
 * A page that is loaded again, duplicated, left, or put away and shown again: what becomes of its session
 * (assertions 119 to 122).
 */

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { FLAGS, findBrowser } from './browser.js';
import { Peer } from './peer.js';
import { createSuite } from './suite.js';

const suite = createSuite();
const { test } = suite;

/** Opens a page with a persistent server; `server` is in the page. */
async function openServer(scene, path = '/') {
  const page = await scene.open(path);
  const port = await page.evaluate(async () => {
    globalThis.server = await kit.listen();
    await kit.get(chrome.sockets.tcpServer.update, server.socketId, { persistent: true });
    return server.port;
  });
  return { page, port };
}

/** A peer of that server, on a stream with these properties; gives its id. */
async function connectPeer(scene, page, port, properties) {
  const client = await scene.peer(port);
  const id = await page.evaluate(async (properties) => {
    const id = await server.accepted();
    await kit.get(chrome.sockets.tcp.update, id, properties);
    return id;
  }, properties);
  return { client, id };
}

test('120, 121, 122: persistent sockets outlive a reload, with their unread bytes; others do not', async (scene) => {
  const { page, port } = await openServer(scene);
  const lasting = await connectPeer(scene, page, port, { persistent: true, bufferSize: 5 });
  const paused = await connectPeer(scene, page, port, { persistent: true, name: 'paused' });
  const brief = await connectPeer(scene, page, port, {});
  paused.client.socket.write('kept');
  await page.evaluate(async (id) => {
    globalThis.first = kit.receive(id);
    await kit.get(chrome.sockets.tcp.setPaused, id, false);
  }, lasting.id);
  lasting.client.socket.write('read ');
  await page.evaluate(() => first.reaches(5));
  await page.reload();
  lasting.client.socket.write('after');

  const seen = await page.evaluate(async () => {
    const { tcp, tcpServer } = chrome.sockets;
    globalThis.log = {};
    tcp.onReceive.addListener(({ socketId, data }) => {
      log[socketId] = (log[socketId] ?? '') + new TextDecoder().decode(data);
    });
    const sockets = await kit.get(tcp.getSockets);
    return {
      streams: sockets.map(({ socketId, paused, persistent, connected, name, bufferSize }) => ({
        ...{ socketId, paused, persistent, connected, name, bufferSize },
      })),
      servers: (await kit.get(tcpServer.getSockets)).map(({ socketId, localPort }) => ({
        socketId,
        localPort,
      })),
    };
  });
  assert.deepEqual(seen, {
    streams: [
      {
        ...{ socketId: lasting.id, paused: false, persistent: true, connected: true },
        ...{ name: undefined, bufferSize: 5 },
      },
      {
        ...{ socketId: paused.id, paused: true, persistent: true, connected: true },
        ...{ name: 'paused', bufferSize: undefined },
      },
    ],
    servers: [{ socketId: 1, localPort: port }],
  });
  assert.equal((await brief.client.readAll()).length, 0, 'the peer of the other stream sees FIN');
  await page.waitForFunction((id) => log[id] === 'after', lasting.id);
  assert.equal(await page.evaluate((id) => log[id], paused.id), undefined, 'it is still paused');
  await page.evaluate((id) => kit.get(chrome.sockets.tcp.setPaused, id, false), paused.id);
  await page.waitForFunction((id) => log[id] === 'kept', paused.id);
  await page.evaluate(async ([one, other]) => {
    await kit.get(chrome.sockets.tcp.send, one, kit.utf8('up'));
    await kit.get(chrome.sockets.tcp.send, other, kit.utf8('again'));
  }, [lasting.id, paused.id]); // prettier-ignore
  assert.equal(String(await lasting.client.read(2)), 'up');
  assert.equal(String(await paused.client.read(5)), 'again');
});

test('119: what happens before the new page has listeners is told to the first ones, in order', async (scene) => {
  const { page, port } = await openServer(scene);
  const { client, id } = await connectPeer(scene, page, port, { persistent: true });
  await page.evaluate((id) => kit.get(chrome.sockets.tcp.setPaused, id, false), id);
  client.socket.write('one');
  await page.waitForTimeout(50);
  suite.site.add('/late', { body: '<script src="GATEWAY/socketgate.js"></script>' });
  await page.goto(`${suite.site.origin}/late`);
  await scene.peer(port);
  client.socket.write('two');
  client.socket.end();
  await page.waitForFunction(() => socketgate.client.state === 'open');
  // Everything has arrived: the answer to a later call has.
  await page.evaluate(() => chrome.sockets.tcp.getSockets());
  const log = await page.evaluate(async () => {
    const { tcp, tcpServer } = chrome.sockets;
    const log = [];
    tcp.onReceive.addListener(({ data }) => log.push(new TextDecoder().decode(data)));
    tcp.onReceiveError.addListener(({ resultCode }) => log.push(resultCode));
    tcpServer.onAccept.addListener(({ socketId }) => log.push(`accepted by ${socketId}`));
    while (log.length < 3 || log.at(-1) === 'one')
      await new Promise((resolve) => setTimeout(resolve, 5));
    return log;
  });
  assert.ok(log.indexOf('accepted by 1') >= 0, log.join());
  assert.deepEqual(
    log
      .filter((entry) => entry !== 'accepted by 1')
      .join('')
      .replace(/^one/, ''),
    'two-100',
  );
});

test('a duplicated tab gets a session of its own, and the first keeps its', async (scene) => {
  const { page, port } = await openServer(scene);
  const [copy] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(() => void open(location.href)),
  ]);
  await copy.waitForFunction(() => globalThis.kit && socketgate.client.state === 'open');
  const stored = (/** @type {any} */ tab) =>
    tab.evaluate(() => JSON.parse(Object.values(sessionStorage)[0]).session);
  assert.notEqual(await stored(copy), await stored(page));
  assert.deepEqual(await copy.evaluate(() => kit.get(chrome.sockets.tcpServer.getSockets)), []);
  const { client } = await connectPeer(scene, page, port, {});
  assert.ok(client);
  assert.equal(await page.evaluate(() => socketgate.client.state), 'open');
});

test('with scope origin another tab finds the sockets of one that was closed', async (scene) => {
  suite.site.add('/origin', {
    body: '<script src="GATEWAY/socketgate.js" data-scope="origin"></script><script src="/kit.js"></script>',
  });
  const { page, port } = await openServer(scene, '/origin');
  const other = await page.context().newPage();
  await other.goto(`${suite.site.origin}/origin`);
  await other.waitForFunction(() => socketgate.client.state === 'open');
  assert.deepEqual(await other.evaluate(() => kit.get(chrome.sockets.tcpServer.getSockets)), []);
  await other.close();
  await page.close();
  const third = await other.context().newPage();
  await third.goto(`${suite.site.origin}/origin`);
  const ports = await third.evaluate(async () => {
    return (await kit.get(chrome.sockets.tcpServer.getSockets)).map(({ localPort }) => localPort);
  });
  assert.deepEqual(ports, [port]);
});

test('a page that navigates away closes its session at once', async (scene) => {
  const page = await scene.open();
  const port = await page.evaluate(async () => (await kit.listen()).port);
  await page.goto('about:blank');
  for (;;) {
    try {
      (await Peer.connect(port)).socket.destroy();
    } catch (error) {
      if (error.code === 'ECONNREFUSED') break;
    }
  }
});

test('a page in the back/forward cache goes on when it is shown again', async (scene) => {
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    headless: true,
    args: FLAGS,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`${suite.site.origin}/`);
    const port = await page.evaluate(async () => {
      globalThis.shown = [];
      addEventListener('pageshow', ({ persisted }) => shown.push(persisted));
      globalThis.server = await kit.listen();
      return server.port;
    });
    suite.site.add('/elsewhere', { body: 'elsewhere' });
    await page.goto(`${suite.site.origin}/elsewhere`);
    const client = await scene.peer(port); // It waits in the backlog.
    await page.goBack({ waitUntil: 'commit' }); // What comes from the cache does not load.
    assert.deepEqual(await page.evaluate(() => globalThis.shown), [true], 'from the cache');
    const id = await page.evaluate(() => server.accepted());
    await page.evaluate((id) => kit.get(chrome.sockets.tcp.send, id, kit.utf8('back')), id);
    assert.equal(String(await client.read(4)), 'back');
  } finally {
    await browser.close();
  }
});
