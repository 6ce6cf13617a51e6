/** Pages that connect: the page is a client of a server in Node. And what send does. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createSuite } from './suite.js';

const { test } = createSuite();

/**
 * Runs `body` with the port of a server in Node.
 *
 * @param {(socket: import('node:net').Socket) => void} serve
 * @param {(port: number) => Promise<void>} body
 */
async function withServer(serve, body) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await body(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const echo = (/** @type {import('node:net').Socket} */ socket) => void socket.pipe(socket);

test('97, 98: the connect callback precedes what the server says first', async ({ open }) => {
  const page = await open();
  await withServer(
    (socket) => void socket.write('greeting'),
    async (port) => {
      const { order, info } = await page.evaluate(async (port) => {
        const { tcp } = chrome.sockets;
        const order = [];
        const { socketId } = await tcp.create({ name: 'client' });
        const stream = kit.receive(socketId);
        tcp.onReceive.addListener(({ data }) => order.push(new TextDecoder().decode(data)));
        tcp.connect(socketId, '127.0.0.1', port, (result) => order.push(result));
        await stream.reaches(8);
        return { order, info: await tcp.getInfo(socketId) };
      }, port);
      assert.deepEqual(order, [0, 'greeting']);
      const { localPort, socketId, ...rest } = info;
      assert.ok(localPort > 0 && socketId > 0);
      assert.deepEqual(rest, {
        connected: true,
        localAddress: '127.0.0.1',
        name: 'client',
        paused: false,
        peerAddress: '127.0.0.1',
        peerPort: port,
        persistent: false,
      });
    },
  );
});

test('99, 100: connect twice; connect to a closed port and then elsewhere', async ({ open }) => {
  const page = await open();
  let closedPort = 0;
  await withServer(echo, async (port) => void (closedPort = port));
  await withServer(echo, async (port) => {
    const outcomes = await page.evaluate(
      async ({ port, closedPort }) => {
        const { tcp } = chrome.sockets;
        const { socketId } = await tcp.create({});
        return [
          await kit.call(tcp.connect, socketId, '127.0.0.1', closedPort),
          await kit.call(tcp.connect, socketId, '127.0.0.1', port),
          await kit.call(tcp.connect, socketId, '127.0.0.1', port),
          (await tcp.getInfo(socketId)).connected,
        ];
      },
      { port, closedPort },
    );
    assert.deepEqual(outcomes, [
      { args: [-102], error: 'net::ERR_CONNECTION_REFUSED' },
      { args: [0], error: undefined },
      { args: [-23], error: 'net::ERR_SOCKET_IS_CONNECTED' },
      true,
    ]);
  });
});

test('103: a stream connects again after disconnect, paused', async ({ open }) => {
  const page = await open();
  await withServer(echo, async (port) => {
    const { paused, text } = await page.evaluate(async (port) => {
      const { tcp } = chrome.sockets;
      const { socketId } = await tcp.create({});
      const stream = kit.receive(socketId);
      await kit.get(tcp.connect, socketId, '127.0.0.1', port);
      await tcp.disconnect(socketId);
      await kit.get(tcp.connect, socketId, '127.0.0.1', port);
      const { paused } = await tcp.getInfo(socketId);
      await kit.get(tcp.send, socketId, kit.utf8('again'));
      await tcp.setPaused(socketId, false);
      await stream.reaches(5);
      return { paused, text: stream.text() };
    }, port);
    assert.deepEqual({ paused, text }, { paused: true, text: 'again' });
  });
});

test('105, 106, 107: sends of all sizes call back in order with their length', async ({ open }) => {
  const page = await open();
  let received = 0;
  await withServer(
    (socket) => void socket.on('data', (chunk) => (received += chunk.length)),
    async (port) => {
      const sizes = [10, 5_000_000, 12, 0, 13, 14];
      const results = await page.evaluate(
        async ({ port, sizes }) => {
          const { tcp } = chrome.sockets;
          const { socketId } = await tcp.create({});
          await kit.get(tcp.connect, socketId, '127.0.0.1', port);
          const results = [];
          await Promise.all(
            sizes.map(async (size) => {
              results.push(await kit.get(tcp.send, socketId, new Uint8Array(size)));
            }),
          );
          return results;
        },
        { port, sizes },
      );
      assert.deepEqual(
        results,
        sizes.map((size) => ({ bytesSent: size, resultCode: 0 })),
      );
      const sum = sizes.reduce((a, b) => a + b);
      while (received < sum) await new Promise(setImmediate);
      assert.equal(received, sum);
    },
  );
});

test('29, 108: send takes a copy of the window of a view', async ({ open }) => {
  const page = await open();
  await withServer(echo, async (port) => {
    const { text, bytesSent } = await page.evaluate(async (port) => {
      const { tcp } = chrome.sockets;
      const { socketId } = await tcp.create({});
      const stream = kit.receive(socketId);
      await kit.get(tcp.connect, socketId, '127.0.0.1', port);
      const bytes = Uint8Array.of(65, 66, 67, 68);
      const sending = kit.get(tcp.send, socketId, bytes.subarray(1, 3));
      bytes.fill(0);
      const { bytesSent } = await sending;
      await stream.reaches(2);
      return { text: stream.text(), bytesSent };
    }, port);
    assert.deepEqual({ text, bytesSent }, { text: 'BC', bytesSent: 2 });
  });
});

test('109, 115: what needs a connection fails without one', async ({ open }) => {
  const page = await open();
  await withServer(echo, async (port) => {
    const outcomes = await page.evaluate(async (port) => {
      const { tcp } = chrome.sockets;
      const { socketId } = await tcp.create({});
      const outcomes = [
        await kit.call(tcp.send, socketId, kit.utf8('x')),
        await kit.call(tcp.setKeepAlive, socketId, true, 5),
        await kit.call(tcp.setNoDelay, socketId, true),
      ];
      await kit.get(tcp.connect, socketId, '127.0.0.1', port);
      outcomes.push(
        await kit.call(tcp.setKeepAlive, socketId, true, 5),
        await kit.call(tcp.setKeepAlive, socketId, true, -5),
        await kit.call(tcp.setNoDelay, socketId, true),
      );
      return outcomes;
    }, port);
    const failed = { args: [-2], error: 'net::ERR_FAILED' };
    const good = { args: [0], error: undefined };
    assert.deepEqual(outcomes, [
      { args: [{ resultCode: -15 }], error: 'net::ERR_SOCKET_NOT_CONNECTED' },
      failed,
      failed,
      good,
      failed,
      good,
    ]);
  });
});

test('113, 114: the write quota', async ({ open }) => {
  const page = await open();
  /** @type {import('node:net').Socket | undefined} */
  let reader;
  await withServer(
    (socket) => void (reader = socket),
    async (port) => {
      const { alone, second } = await page.evaluate(async (port) => {
        const { tcp } = chrome.sockets;
        const { socketId } = await tcp.create({});
        await kit.get(tcp.connect, socketId, '127.0.0.1', port);
        const alone = await kit.call(tcp.send, socketId, new ArrayBuffer(209715201));
        globalThis.first = kit.call(tcp.send, socketId, new ArrayBuffer(120 << 20));
        const second = await kit.call(tcp.send, socketId, new ArrayBuffer(120 << 20));
        return { alone, second };
      }, port);
      const refused = { args: [], error: 'Exceeded write quota.' };
      assert.deepEqual([alone, second], [refused, refused]);
      reader?.resume();
      assert.deepEqual(await page.evaluate(() => first), {
        args: [{ bytesSent: 120 << 20, resultCode: 0 }],
        error: undefined,
      });
    },
  );
});

test('58, 59, 104: addresses beyond loopback are not permitted', async ({ open }) => {
  const page = await open();
  const outcomes = await page.evaluate(async () => {
    const { tcp, tcpServer } = chrome.sockets;
    const [server, stream] = [await tcpServer.create({}), await tcp.create({})];
    return [
      await kit.call(tcpServer.listen, server.socketId, '0.0.0.0', 0),
      await kit.call(tcpServer.listen, 99, '0.0.0.0', 0),
      await kit.call(tcp.connect, stream.socketId, '192.0.2.1', 80),
    ];
  });
  assert.deepEqual(outcomes, [
    { args: [], error: 'Does not have permission' },
    { args: [], error: 'Socket not found' },
    { args: [], error: 'Does not have permission' },
  ]);
});
