/** Where the client runs: workers, modules, pages with a policy, pages with a `chrome` object. */

import assert from 'node:assert/strict';
import { createSuite } from './suite.js';

const suite = createSuite();
const { test } = suite;

test('in a dedicated worker, through importScripts', async ({ open, peer }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    globalThis.worker = new Worker('/worker.js');
    return new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
    });
  });
  assert.equal(await (await peer(port)).roundTrip('worker'), 'worker');
});

test('in a module worker and in a module page', async ({ open, peer }) => {
  suite.site.add('/module', {
    body: `<script type="module">
      import { connect, SocketError } from 'GATEWAY/client/index.js';
      globalThis.parts = { connect, SocketError };
    </script>`,
  });
  const page = await open('/module');
  await page.waitForFunction(() => globalThis.parts);
  const { globals, port } = await page.evaluate(async (url) => {
    const { tcp, tcpServer } = parts.connect(url);
    const { socketId } = await tcpServer.create();
    await tcpServer.listen(socketId, '127.0.0.1', 0);
    tcpServer.onAccept.addListener(async ({ clientSocketId: id }) => {
      await tcp.send(id, new TextEncoder().encode('from a module'));
      await tcp.close(id);
    });
    return {
      globals: ['socketgate' in globalThis, Boolean(globalThis.chrome?.sockets)],
      port: (await tcpServer.getInfo(socketId)).localPort,
    };
  }, suite.gateway);
  assert.deepEqual(globals, [false, false], 'importing defines no globals');
  assert.equal(String(await (await peer(port)).readAll()), 'from a module');

  const workerPort = await page.evaluate(async (gateway) => {
    const text = `
      import { connect } from '${gateway}/client/index.js';
      const { tcp, tcpServer } = connect('${gateway}');
      const { socketId } = await tcpServer.create();
      await tcpServer.listen(socketId, '127.0.0.1', 0);
      tcpServer.onAccept.addListener(async ({ clientSocketId: id }) => {
        await tcp.send(id, new TextEncoder().encode('from a module worker'));
        await tcp.close(id);
      });
      postMessage((await tcpServer.getInfo(socketId)).localPort);`;
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    globalThis.worker = new Worker(url, { type: 'module' });
    return new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
    });
  }, suite.gateway);
  assert.equal(String(await (await peer(workerPort)).readAll()), 'from a module worker');
});

test('in a page with a strict policy that names the gateway', async ({ open, peer }) => {
  suite.site.add('/policy', {
    policy:
      "default-src 'none'; script-src 'self' GATEWAY; connect-src ws://127.0.0.1:*; " +
      "img-src data:; require-trusted-types-for 'script'; trusted-types 'none'",
    body: '<script src="GATEWAY/socketgate.js"></script><script src="/kit.js"></script>',
  });
  const page = await open('/policy');
  const { port } = await page.evaluate(() => kit.echo());
  assert.equal(await (await peer(port)).roundTrip(), 'ping');
});

test('in a page whose policy forbids the connection the state tells', async (scene) => {
  suite.site.add('/forbidden', {
    policy: "default-src 'none'; script-src GATEWAY; connect-src 'self'; img-src data:",
    body: '<script src="GATEWAY/socketgate.js"></script>',
  });
  const page = await scene.open('/forbidden');
  await page.waitForFunction(() => ['waiting', 'closed'].includes(socketgate.client.state));
  assert.ok(await page.evaluate(() => socketgate.client.reason));
  const errors = await scene.takeErrors(1);
  for (const error of errors) assert.match(error, /Content Security Policy/);
});

test('on localhost, another name of this machine', async ({ open, peer }) => {
  const page = await open(suite.site.origin.replace('127.0.0.1', 'localhost'));
  const { port } = await page.evaluate(() => kit.echo());
  assert.equal(await (await peer(port)).roundTrip(), 'ping');
});

test('in a frame of another origin', async ({ open, peer }) => {
  const inner = suite.site.origin.replace('127.0.0.1', 'inner.localhost');
  suite.site.add('/outer', { body: `<iframe src="${inner}/"></iframe>` });
  const page = await open('/outer');
  const frame = page.frames()[1];
  await frame.waitForFunction(() => globalThis.kit);
  const { port } = await frame.evaluate(() => kit.echo());
  assert.equal(await (await peer(port)).roundTrip(), 'ping');
});

test("a browser's own chrome object keeps its members", async ({ open, peer }) => {
  suite.site.add('/chrome', {
    body: `<script>
        globalThis.own = globalThis.chrome ??= {};
        own.app ??= { isInstalled: false };
        own.runtime ??= { connect() {}, sendMessage() {} };
        globalThis.members = { ...own };
        globalThis.runtimeMembers = { ...own.runtime };
      </script>
      <script src="GATEWAY/socketgate.js"></script><script src="/kit.js"></script>`,
  });
  const page = await open('/chrome');
  const kept = await page.evaluate(() => ({
    object: chrome === own,
    members: Object.keys(members).every((name) => chrome[name] === members[name]),
    runtime: Object.keys(runtimeMembers).every((name) => {
      return chrome.runtime[name] === runtimeMembers[name];
    }),
    app: 'app' in members,
    added: Object.keys(chrome).filter((name) => !(name in members)),
  }));
  assert.deepEqual(kept, {
    object: true,
    members: true,
    runtime: true,
    app: true,
    added: ['sockets'],
  });
  const { port } = await page.evaluate(() => kit.echo());
  assert.equal(await (await peer(port)).roundTrip(), 'ping');
});

test('a chrome.sockets that exists is left alone', async ({ open }) => {
  suite.site.add('/app', {
    body: `<script>
        globalThis.native = { tcp: {}, tcpServer: {} };
        (globalThis.chrome ??= {}).sockets = native;
      </script>
      <script src="GATEWAY/socketgate.js"></script>`,
  });
  const page = await open('/app');
  assert.equal(await page.evaluate(() => chrome.sockets === native), true);
  await page.evaluate(() => socketgate.connect().ready);
});

test('data-gateway names a gateway for a copy of the script', async ({ open, peer }) => {
  suite.site.add('/copy', {
    body: `<script src="/socketgate.js" data-gateway="GATEWAY"></script>
      <script src="/kit.js"></script>`,
  });
  const page = await open('/copy');
  const { port } = await page.evaluate(() => kit.echo());
  assert.equal(await (await peer(port)).roundTrip(), 'ping');
});

test('17: pages do not see, use or close the sockets of other pages', async ({ open, peer }) => {
  const [mine, other] = [await open(), await open()];
  const { port, socketId } = await mine.evaluate(async () => {
    await chrome.sockets.tcpServer.create({});
    return kit.echo();
  });
  const seen = await other.evaluate(async (id) => {
    const { tcpServer } = chrome.sockets;
    return [
      await kit.call(tcpServer.getInfo, id),
      await kit.call(tcpServer.close, id),
      await tcpServer.getSockets(),
    ];
  }, socketId);
  const failed = { args: [], error: 'Socket not found' };
  assert.deepEqual(seen, [failed, failed, []]);
  assert.equal(await (await peer(port)).roundTrip(), 'ping');
});
