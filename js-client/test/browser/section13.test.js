/**
 * What existing programs rely on, point by point: section 13 of the reference on Chrome's sockets.
 * The number of the point is in each name.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Peer, settled, sha256 } from './peer.js';
import { createSuite } from './suite.js';

const suite = createSuite();
const { test } = suite;

/**
 * A page with one accepted stream, paused: `id`, and `server` that accepted it.
 *
 * @param {import('./suite.js').Scene} scene
 */
async function openStream({ open, peer }) {
  const page = await open();
  const port = await page.evaluate(async () => {
    globalThis.server = await kit.listen();
    return server.port;
  });
  const client = await peer(port);
  await page.evaluate(async () => {
    globalThis.id = await server.accepted();
  });
  return { page, client, port };
}

/**
 * Runs `body` with the port of an echo server in Node that says hello first.
 *
 * @param {(port: number) => Promise<void>} body
 */
async function withGreeter(body) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write('hello');
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await body(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

test('13.1: lastError has the exact text in a failing callback, else is undefined', async (scene) => {
  const page = await scene.open();
  const seen = await page.evaluate(async () => {
    const { tcpServer } = chrome.sockets;
    const seen = [chrome.runtime.lastError];
    const { socketId } = await new Promise((resolve) => tcpServer.create({}, resolve));
    await new Promise((resolve) => {
      tcpServer.listen(socketId, 'localhost', 0, (result) => {
        // Programs read the message without looking whether there is one.
        if (result < 0) seen.push(chrome.runtime.lastError.message);
        resolve();
      });
    });
    await new Promise((resolve) => {
      tcpServer.listen(socketId, '127.0.0.1', 0, () => {
        seen.push(chrome.runtime.lastError);
        resolve();
      });
    });
    await new Promise((resolve) => setTimeout(resolve));
    seen.push(chrome.runtime.lastError);
    return seen.map((value) => (value === undefined ? 'undefined' : value));
  });
  assert.deepEqual(seen, ['undefined', 'net::ERR_INVALID_ARGUMENT', 'undefined', 'undefined']);
});

test('13.2: a failure still calls back with the code, send with an object', async (scene) => {
  const { page } = await openStream(scene);
  const seen = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const good = await kit.call(tcp.send, id, kit.utf8('12345'));
    const { socketId } = await tcp.create({});
    const bad = await kit.call(tcp.send, socketId, kit.utf8('12345'));
    const refused = await kit.call(tcp.connect, socketId, '127.0.0.1', 1);
    return { good, bad, refused };
  });
  assert.deepEqual(seen, {
    good: { args: [{ bytesSent: 5, resultCode: 0 }], error: undefined },
    bad: { args: [{ resultCode: -15 }], error: 'net::ERR_SOCKET_NOT_CONNECTED' },
    refused: { args: [-102], error: 'net::ERR_CONNECTION_REFUSED' },
  });
});

test('13.3: optional arguments may be left out, undefined or null', async (scene) => {
  const page = await scene.open();
  const results = await page.evaluate(async () => {
    const { tcp, tcpServer } = chrome.sockets;
    const results = [];
    const listenWith = async (...rest) => {
      const { socketId } = await tcpServer.create();
      results.push(
        await new Promise((resolve) => {
          tcpServer.listen(socketId, '127.0.0.1', 0, ...rest, resolve);
        }),
      );
      tcpServer.disconnect(socketId);
      tcpServer.close(socketId);
    };
    await listenWith();
    await listenWith(undefined);
    await listenWith(null);
    await listenWith(5);
    for (const args of [[], [{}], [undefined], [null]]) {
      const { socketId } = await tcp.create(...args);
      tcp.setPaused(socketId, true);
      tcp.update(socketId, { name: 'n' });
      results.push((await tcp.getInfo(socketId)).name);
      tcp.disconnect(socketId);
      tcp.close(socketId);
      results.push(await tcp.getInfo(socketId).catch(({ message }) => message));
    }
    const { socketId } = await new Promise((resolve) => tcp.create(resolve));
    results.push(typeof socketId);
    return results;
  });
  const each = ['n', 'Socket not found'];
  assert.deepEqual(results, [0, 0, 0, 0, ...each, ...each, ...each, ...each, 'number']);
});

test('13.4: what arrived before unpausing is delivered after asynchronous work', async (scene) => {
  const { page, client } = await openStream(scene);
  await client.write('early, ');
  await page.evaluate(async () => {
    globalThis.stream = kit.receive(id);
    // As a program does that looks something up before it serves.
    await fetch('/kit.js');
    await new Promise((resolve) => setTimeout(resolve));
  });
  await client.write('late');
  const { before, text } = await page.evaluate(async () => {
    const before = stream.length;
    chrome.sockets.tcp.setPaused(id, false);
    await stream.reaches(11);
    return { before, text: stream.text() };
  });
  assert.deepEqual({ before, text }, { before: 0, text: 'early, late' });
});

test('13.5: send waits for a peer that does not read; close in its callback', async (scene) => {
  const { page, client } = await openStream(scene);
  const { port } = await page.evaluate(() => kit.echo());
  const echo = await scene.peer(port);
  const size = 32 << 20;
  await page.evaluate((size) => {
    globalThis.bytes = kit.randomBytes(size);
    globalThis.called = 0;
    chrome.sockets.tcp.send(id, bytes, () => {
      globalThis.called++;
      chrome.sockets.tcp.close(id);
    });
  }, size);
  const called = await settled(
    () => page.evaluate(() => globalThis.called),
    () => echo.roundTrip(),
  );
  assert.equal(called, 0, 'the callback waits');
  const { length, hash } = await client.digestAll();
  assert.equal(length, size);
  assert.equal(hash, await page.evaluate(() => kit.sha256(bytes)));
  assert.equal(await page.evaluate(() => globalThis.called), 1);
});

test('13.6: dozens of listeners, each gets every event; removing an unknown one', async (scene) => {
  const page = await scene.open();
  const port = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    globalThis.calls = [];
    globalThis.server = await kit.listenFor((id) => {
      const nth = calls.push({ own: 0, all: 0 }) - 1;
      tcp.onReceive.addListener(({ socketId }) => {
        calls[nth].all++;
        if (socketId === id) calls[nth].own++;
      });
      tcp.onReceive.removeListener(() => {});
      tcp.setPaused(id, false);
    });
    return server.port;
  });
  const peers = [];
  for (let i = 0; i < 40; i++) {
    peers.push(await scene.peer(port));
    await page.waitForFunction((count) => calls.length === count, i + 1);
  }
  for (const client of peers) await client.write('x');
  await page.waitForFunction(() => calls.every(({ all }) => all === 40));
  const calls = await page.evaluate(() => globalThis.calls);
  assert.deepEqual(calls, Array(40).fill({ own: 1, all: 40 }));
});

test("13.7: data is an ArrayBuffer of the page's realm with exactly the bytes", async (scene) => {
  const { page, client } = await openStream(scene);
  await client.write(Uint8Array.of(0, 255, 10, 13));
  const seen = await page.evaluate(async () => {
    chrome.sockets.tcp.setPaused(id, false);
    const { data } = await kit.queue(chrome.sockets.tcp.onReceive).next();
    return {
      real: data instanceof ArrayBuffer && data.constructor === ArrayBuffer,
      bytes: [...new Uint8Array(data)],
    };
  });
  assert.deepEqual(seen, { real: true, bytes: [0, 255, 10, 13] });
});

test('13.8: -100 after all data; connected stays true until it is told', async (scene) => {
  const { page, client } = await openStream(scene);
  const sent = Buffer.alloc(100_000, 'abcdefg');
  await client.write(sent);
  client.end();
  const { text, connected, after } = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const stream = kit.receive(id);
    const asked = [];
    let told = false;
    tcp.onReceiveError.addListener(() => (told = true));
    tcp.onReceive.addListener(() => {
      // The answer counts only if the end has not been told before it.
      asked.push(
        new Promise((resolve) => {
          tcp.getInfo(id, (info) => resolve(told ? 'told' : info.connected));
        }),
      );
    });
    tcp.setPaused(id, false);
    await stream.ended;
    const after = (await tcp.getInfo(id)).connected;
    return { text: stream.text(), connected: await Promise.all(asked), after };
  });
  assert.equal(text, String(sent));
  assert.equal(connected.includes(false), false, String(connected));
  assert.equal(after, false);
});

test('13.9: what follows await connect() runs before the first onReceive', async (scene) => {
  const page = await scene.open();
  await withGreeter(async (port) => {
    const orders = await page.evaluate(async (port) => {
      const { tcp } = chrome.sockets;
      const connect = (...args) => new Promise((resolve) => tcp.connect(...args, resolve));
      const runOnce = async () => {
        const { socketId } = await tcp.create({});
        const order = [];
        const received = new Promise((resolve) => {
          tcp.onReceive.addListener((info) => {
            if (info.socketId !== socketId) return;
            order.push('onReceive');
            resolve();
          });
        });
        await connect(socketId, '127.0.0.1', port);
        for (let i = 0; i < 20; i++) await undefined; // Some more microtasks.
        order.push('connected');
        await received;
        await tcp.close(socketId);
        return order.join();
      };
      const orders = new Set();
      for (let i = 0; i < 50; i++) orders.add(await runOnce());
      for (const order of await Promise.all(Array.from({ length: 50 }, runOnce))) orders.add(order);
      return [...orders];
    }, port);
    assert.deepEqual(orders, ['connected,onReceive']);
  });
});

test('13.9: all microtasks run between two events, and between two callbacks', async (scene) => {
  const { page, client } = await openStream(scene);
  await page.evaluate(() => chrome.sockets.tcp.update(id, { bufferSize: 1 }));
  await client.write(Buffer.alloc(500));
  const open = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const stream = kit.receive(id);
    let running = 0;
    let overlaps = 0;
    const work = async () => {
      if (running > 0) overlaps++;
      running++;
      for (let i = 0; i < 5; i++) await undefined;
      running--;
    };
    tcp.onReceive.addListener(work);
    tcp.setPaused(id, false, work);
    for (let i = 0; i < 100; i++) tcp.getInfo(id, work);
    await stream.reaches(500);
    return overlaps;
  });
  assert.equal(open, 0);
});

test('13.9: callbacks and events of a socket come as things happened', async (scene) => {
  const { page, client } = await openStream(scene);
  await client.write('x');
  const order = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const order = [];
    const ended = new Promise((resolve) => {
      tcp.onReceiveError.addListener(() => resolve(order.push('error')));
    });
    const received = new Promise((resolve) => {
      tcp.onReceive.addListener(() => resolve(order.push('receive')));
    });
    tcp.getInfo(id, () => order.push('info'));
    tcp.setPaused(id, false, () => order.push('unpaused'));
    await received;
    tcp.send(id, kit.utf8('y'), () => order.push('sent'));
    tcp.getInfo(id, () => order.push('info'));
    await new Promise((resolve) => tcp.send(id, kit.utf8('z'), resolve));
    tcp.close(id, () => order.push('closed'));
    await ended;
    return order;
  });
  assert.deepEqual(order.slice(0, 3), ['info', 'unpaused', 'receive']);
  assert.deepEqual(order.slice(3, 5).sort(), ['info', 'sent'], 'send may be overtaken');
  assert.deepEqual(order.slice(5), ['closed', 'error']);
});

test('13.10: a failed listen can be tried again; stop and start on one port', async (scene) => {
  const page = await scene.open();
  const results = await page.evaluate(async () => {
    const { tcpServer } = chrome.sockets;
    const taken = await kit.listen();
    const { socketId } = await tcpServer.create({});
    const results = [];
    const tryListen = async (id, address, port) => {
      results.push((await kit.call(tcpServer.listen, id, address, port)).args[0]);
    };
    await tryListen(socketId, '127.0.0.1', taken.port);
    await tryListen(socketId, 'nonsense', taken.port);
    await tryListen(socketId, '::1', taken.port);
    for (let i = 0; i < 10; i++) {
      await tcpServer.disconnect(socketId);
      await tryListen(socketId, '::1', taken.port);
    }
    for (let i = 0, id = socketId; i < 10; i++) {
      tcpServer.close(id);
      ({ socketId: id } = await tcpServer.create({}));
      await tryListen(id, '::1', taken.port);
    }
    return results;
  });
  assert.deepEqual(results, [-147, -4, 0, ...Array(20).fill(0)]);
});

test('13.11: getInfo inside onAccept has the peer; servers are found by name', async (scene) => {
  const page = await scene.open();
  const port = await page.evaluate(async () => {
    const { tcp, tcpServer } = chrome.sockets;
    const { socketId } = await tcpServer.create({ name: 'web server', persistent: true });
    tcpServer.onAccept.addListener(({ clientSocketId }) => {
      tcp.getInfo(clientSocketId, (info) => (globalThis.info = info));
    });
    await kit.get(tcpServer.listen, socketId, '127.0.0.1', 0);
    const found = (await tcpServer.getSockets()).find(({ name }) => name === 'web server');
    return found.localPort;
  });
  const { socket } = await scene.peer(port);
  await page.waitForFunction(() => globalThis.info);
  const { peerAddress, peerPort } = await page.evaluate(() => globalThis.info);
  assert.deepEqual(
    { peerAddress, peerPort },
    {
      peerAddress: '127.0.0.1',
      peerPort: socket.localPort,
    },
  );
});

test('13.12: closing what is not there calls back or rejects, and never throws', async (scene) => {
  // Browsers tell of unhandled rejections only for scripts of the page's own origin.
  suite.site.add('/copy', {
    body: `<script src="/socketgate.js" data-gateway="GATEWAY"></script>
      <script src="/kit.js"></script>`,
  });
  const page = await scene.open('/copy');
  const seen = await page.evaluate(async () => {
    const { tcp, tcpServer } = chrome.sockets;
    const rejections = [];
    addEventListener('unhandledrejection', ({ reason }) => rejections.push(reason.message));
    await tcpServer.create({});
    const { socketId } = await tcpServer.create({}); // No tcp socket has this id.
    const seen = [await kit.call(tcp.close, socketId), await kit.call(tcpServer.close, 0)];
    tcp.close(socketId); // Nobody looks at this promise.
    while (rejections.length === 0) await new Promise((resolve) => setTimeout(resolve));
    return { seen, rejections, servers: (await tcpServer.getSockets()).length };
  });
  const failed = { args: [], error: 'Socket not found' };
  assert.deepEqual(seen, {
    seen: [failed, failed],
    rejections: ['Socket not found'],
    servers: 2,
  });
  assert.deepEqual(await scene.takeErrors(1), ['uncaught: Socket not found']);
});

test('13.13: setPaused(true) stops the stream, also when set before connect', async (scene) => {
  const page = await scene.open();
  await withGreeter(async (port) => {
    const seen = await page.evaluate(async (port) => {
      const { tcp } = chrome.sockets;
      const { socketId } = await tcp.create({});
      const stream = kit.receive(socketId);
      await tcp.setPaused(socketId, true);
      await kit.get(tcp.connect, socketId, '127.0.0.1', port);
      // Another stream gets the greeting meanwhile.
      const other = (await tcp.create({})).socketId;
      const others = kit.receive(other);
      await kit.get(tcp.connect, other, '127.0.0.1', port);
      await others.reaches(5);
      const before = stream.length;
      await tcp.setPaused(socketId, false);
      await stream.reaches(5);
      await tcp.setPaused(socketId, true);
      await kit.get(tcp.send, socketId, kit.utf8('echo'));
      await kit.get(tcp.send, other, kit.utf8('echo'));
      await others.reaches(9);
      const paused = stream.length;
      await tcp.setPaused(socketId, false);
      await stream.reaches(9);
      return { before, paused, text: stream.text() };
    }, port);
    assert.deepEqual(seen, { before: 0, paused: 5, text: 'helloecho' });
  });
});

test('13.14: methods are own enumerable properties of two distinct namespaces', async (scene) => {
  const page = await scene.open();
  const seen = await page.evaluate(() => {
    const { tcp, tcpServer } = chrome.sockets;
    const plain = (object) =>
      Object.values(Object.getOwnPropertyDescriptors(object)).every(
        ({ enumerable, writable, configurable }) => enumerable && writable && configurable,
      );
    const mark = Symbol('mark');
    tcp.onReceive[mark] = 1;
    const { getSockets } = tcp;
    return {
      tcp: Object.keys(tcp).sort(),
      tcpServer: Object.keys(tcpServer).sort(),
      plain: [tcp, tcpServer, tcp.onReceive].map(plain),
      different: ['create', 'close', 'getInfo'].every((name) => tcp[name] !== tcpServer[name]),
      stable: tcp.close === chrome.sockets.tcp.close,
      shape: [tcp.close.name, tcp.close.length],
      extensible: tcp.onReceive[mark] === 1,
      detached: getSockets(() => {}) === undefined,
    };
  });
  const shared = ['close', 'create', 'disconnect', 'getInfo', 'getSockets', 'setPaused', 'update'];
  assert.deepEqual(seen, {
    tcp: [
      ...shared,
      ...['DnsQueryType', 'connect', 'onReceive', 'onReceiveError', 'secure', 'send'],
      ...['setKeepAlive', 'setNoDelay'],
    ].sort(),
    tcpServer: [...shared, 'listen', 'onAccept', 'onAcceptError'].sort(),
    plain: [true, true, true],
    different: true,
    stable: true,
    shape: ['close', 0],
    extensible: true,
    detached: true,
  });
});

test('13.15: everything is there for the next script, before the connection is', async (scene) => {
  suite.site.add('/at-load', {
    body: `<script src="GATEWAY/socketgate.js"></script>
      <script>
        globalThis.atLoad = {
          id: typeof chrome.runtime.id,
          create: typeof chrome.sockets.tcpServer.create,
          connect: typeof chrome.sockets.tcp.connect,
          event: typeof chrome.sockets.tcp.onReceive.addListener,
          state: socketgate.client.state,
        };
      </script>`,
  });
  const page = await scene.open('/at-load');
  assert.deepEqual(await page.evaluate(() => atLoad), {
    id: 'string',
    create: 'function',
    connect: 'function',
    event: 'function',
    state: 'connecting',
  });
});

test('13.16: 6 MB in pieces of 4 KB, each after the callback of the one before', async (scene) => {
  const { page, client } = await openStream(scene);
  const size = 6 << 20;
  await page.evaluate((size) => {
    const { tcp } = chrome.sockets;
    globalThis.bytes = kit.randomBytes(size);
    globalThis.wrong = [];
    const sendFrom = (at) => {
      if (at === size) return tcp.close(id);
      const piece = bytes.buffer.slice(at, at + 4096);
      tcp.send(id, piece, ({ resultCode, bytesSent }) => {
        if (resultCode !== 0 || bytesSent !== 4096) wrong.push([at, resultCode, bytesSent]);
        sendFrom(at + 4096);
      });
    };
    sendFrom(0);
  }, size);
  const received = await client.readAll();
  assert.equal(received.length, size);
  assert.equal(sha256(received), await page.evaluate(() => kit.sha256(bytes)));
  assert.deepEqual(await page.evaluate(() => wrong), []);
});

for (const [how, leave] of /** @type {const} */ ([
  ['closed', (page) => page.context().close()],
  ['reloaded', (page) => page.reload()],
  ['left', (page) => page.goto('about:blank')],
  ['crashed', (page) => page.goto('chrome://crash').catch(() => {})],
])) {
  test(`13.17: the ports of a page that was ${how} are free`, async (scene) => {
    const { page, client, port } = await openStream(scene);
    await leave(page);
    for (;;) {
      try {
        (await Peer.connect(port)).socket.destroy();
      } catch (error) {
        assert.match(error.code, /ECONNREFUSED|ECONNRESET/);
        if (error.code === 'ECONNREFUSED') break;
      }
    }
    assert.equal((await client.readAll()).length, 0);
  });
}
