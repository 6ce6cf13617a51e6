/** The two faces in a page: Chrome's callbacks and promises, and `socketgate.connect()`. */

import assert from 'node:assert/strict';
import { createSuite } from './suite.js';

const { test } = createSuite();

test('30: lastError is an object with a message, during the callback only', async ({ open }) => {
  const page = await open();
  const seen = await page.evaluate(async () => {
    const { runtime, sockets } = chrome;
    const before = 'lastError' in runtime;
    const during = await new Promise((resolve) => {
      sockets.tcp.getInfo(99, function () {
        const { lastError } = runtime;
        resolve({
          keys: Object.keys(lastError),
          message: lastError.message,
          isError: lastError instanceof Error,
          arguments: arguments.length,
        });
      });
    });
    const inMicrotask = 'lastError' in runtime;
    await new Promise((resolve) => setTimeout(resolve));
    return { before, during, inMicrotask, after: 'lastError' in runtime };
  });
  assert.deepEqual(seen, {
    before: false,
    during: { keys: ['message'], message: 'Socket not found', isError: false, arguments: 0 },
    inMicrotask: true,
    after: false,
  });
});

test('lastError is undefined in a callback that succeeded, and never set for promises', async ({
  open,
}) => {
  const page = await open();
  const seen = await page.evaluate(async () => {
    const { runtime, sockets } = chrome;
    const seen = [];
    await new Promise((resolve) => {
      sockets.tcp.getSockets(() => {
        seen.push(runtime.lastError);
        resolve();
      });
    });
    await sockets.tcp.getInfo(99).catch(() => seen.push(runtime.lastError));
    return seen.map((value) => value === undefined);
  });
  assert.deepEqual(seen, [true, true]);
});

test('31: an error that nobody reads is logged, as by Chrome', async ({ open, takeErrors }) => {
  const page = await open();
  await page.evaluate(
    () => new Promise((resolve) => chrome.sockets.tcp.close(99, () => resolve(undefined))),
  );
  assert.deepEqual(await takeErrors(1), ['Unchecked runtime.lastError: Socket not found']);
});

test('what callbacks and listeners throw is logged and stops nothing', async (scene) => {
  const page = await scene.open();
  await page.evaluate(async () => {
    const { tcp, tcpServer } = chrome.sockets;
    globalThis.windowErrors = 0;
    addEventListener('error', () => windowErrors++);
    tcpServer.onAccept.addListener(() => {
      throw new Error('in a listener');
    });
    globalThis.server = await kit.listen();
    tcp.getSockets(() => {
      throw new Error('in a callback');
    });
  });
  await scene.peer(await page.evaluate(() => server.port));
  assert.ok(await page.evaluate(() => server.accepted()));
  const errors = (await scene.takeErrors(2)).sort(); // Either may come first on a busy machine.
  assert.equal(errors.length, 2);
  assert.match(errors[0], /^Error handling response: Error: in a callback/);
  assert.match(errors[1], /^Error in event handler: Error: in a listener/);
  assert.equal(await page.evaluate(() => windowErrors), 0);
});

test('32, 33, 34, 35, 36: which calls give promises, and of what', async ({ open }) => {
  const page = await open();
  const seen = await page.evaluate(async () => {
    const { tcp } = chrome.sockets;
    const creating = tcp.create();
    const { socketId } = await creating;
    const failure = await tcp.getInfo(99).catch((error) => error);
    return {
      isPromise: creating instanceof Promise,
      idType: typeof socketId,
      failure: [failure.constructor === Error, failure.message, Object.keys(failure)],
      voids: [
        await tcp.update(socketId, {}),
        await tcp.setPaused(socketId, true),
        await tcp.disconnect(socketId),
      ].every((value) => value === undefined),
      withCallback: tcp.getInfo(socketId, () => {}) === undefined,
      closing: tcp.close(socketId, null) instanceof Promise,
    };
  });
  assert.deepEqual(seen, {
    isPromise: true,
    idType: 'number',
    failure: [true, 'Socket not found', []],
    voids: true,
    withCallback: true,
    closing: true,
  });
});

test('23, 24, 28, 37, 38: wrong arguments throw TypeError at once', async ({ open }) => {
  const page = await open();
  const messages = await page.evaluate(() => {
    const { tcp, tcpServer } = chrome.sockets;
    const calls = [
      () => tcp.getInfo('1', () => {}),
      () => tcpServer.listen(1, '127.0.0.1', 0),
      () => tcp.send(1, 'text', () => {}),
      () => tcp.connect(1, '127.0.0.1', 80),
      () => tcp.create(5),
      () => tcp.create({ bogus: 1 }),
    ];
    return calls.map((call) => {
      try {
        return `no error: ${call()}`;
      } catch (error) {
        return `${error.constructor === TypeError}: ${error.message}`;
      }
    });
  });
  const wrong = (/** @type {string} */ signature, detail = 'No matching signature.') =>
    `true: Error in invocation of sockets.${signature}: ${detail}`;
  const create =
    'tcp.create(optional sockets.tcp.SocketProperties properties, optional function callback)';
  assert.deepEqual(messages, [
    wrong('tcp.getInfo(integer socketId, optional function callback)'),
    wrong(
      'tcpServer.listen(integer socketId, string address, integer port, optional integer backlog, function callback)',
    ),
    wrong('tcp.send(integer socketId, binary data, function callback)'),
    wrong(
      'tcp.connect(integer socketId, string peerAddress, integer peerPort, optional sockets.tcp.DnsQueryType dnsQueryType, function callback)',
    ),
    wrong(create),
    wrong(create, "Error at parameter 'properties': Unexpected property: 'bogus'."),
  ]);
});

test('calls made before the connection is open wait for it', async ({ open, peer }) => {
  const page = await open();
  const { state, port } = await page.evaluate(async () => {
    // A new client has only just begun to connect.
    const url = document.querySelector('script').src;
    const client = (globalThis.late = socketgate.connect(new URL('/', url)));
    const { state } = client;
    const { socketId } = await client.tcpServer.create({});
    await client.tcpServer.listen(socketId, '127.0.0.1', 0);
    return { state, port: (await client.tcpServer.getInfo(socketId)).localPort };
  });
  assert.equal(state, 'connecting');
  await peer(port);
});

test('socketgate.connect(): promises everywhere, and SocketError', async ({ open, peer }) => {
  const page = await open();
  const port = await page.evaluate(async () => {
    globalThis.gate = socketgate.connect();
    await gate.ready;
    const { tcp, tcpServer } = gate;
    globalThis.errors = [];
    const note = ({ name, code, message, constructor }) => {
      errors.push({ name, code, message, ours: constructor === socketgate.SocketError });
    };
    const { socketId } = await tcpServer.create({ name: 'mine' });
    await tcpServer.listen(socketId, 'localhost', 0).catch(note);
    await tcpServer.listen(socketId, '0.0.0.0', 0).catch(note);
    await tcp.getInfo(99).catch(note);
    await tcp.getInfo('99').catch(({ name }) => errors.push(name));
    await tcpServer.listen(socketId, '127.0.0.1', 0);
    tcpServer.onAccept.addListener(async ({ clientSocketId }) => {
      tcp.onReceive.addListener(async ({ socketId, data }) => {
        if (socketId !== clientSocketId) return;
        const sent = await tcp.send(socketId, data);
        errors.push(sent);
        await tcp.close(socketId);
      });
      await tcp.setPaused(clientSocketId, false);
    });
    return (await tcpServer.getInfo(socketId)).localPort;
  });
  const client = await peer(port);
  await client.write('hello');
  assert.equal(String(await client.readAll()), 'hello');
  const name = 'SocketError';
  assert.deepEqual(await page.evaluate(() => errors), [
    { name, code: -4, message: 'net::ERR_INVALID_ARGUMENT', ours: true },
    { name, code: -32002, message: 'Does not have permission', ours: true },
    { name, code: -32001, message: 'Socket not found', ours: true },
    'TypeError',
    { bytesSent: 5, resultCode: 0 },
  ]);
});

test('socketgate.connect(): close ends the session, its servers and its calls', async ({
  open,
}) => {
  const page = await open();
  const seen = await page.evaluate(async () => {
    const gate = socketgate.connect();
    const states = [];
    gate.onStateChange.addListener(({ state }) => states.push(state));
    await gate.ready;
    const { socketId } = await gate.tcpServer.create();
    await gate.tcpServer.listen(socketId, '127.0.0.1', 0);
    const { localPort } = await gate.tcpServer.getInfo(socketId);
    await gate.close();
    const { code } = await gate.tcp.create().catch((error) => error);
    // The gateway closes the port when the connection has ended; another client can have it then.
    const { socketId: other } = await chrome.sockets.tcpServer.create({});
    let result;
    do {
      const { args } = await kit.call(
        chrome.sockets.tcpServer.listen,
        other,
        '127.0.0.1',
        localPort,
      );
      [result] = args;
    } while (result === -147);
    return { states, code, result };
  });
  assert.deepEqual(seen, { states: ['connecting', 'open', 'closed'], code: -32000, result: 0 });
});

test('two clients in one page have sockets of their own', async ({ open }) => {
  const page = await open();
  const seen = await page.evaluate(async () => {
    const [a, b] = [socketgate.connect(), socketgate.connect()];
    await a.tcp.create({ name: 'a' });
    return [(await a.tcp.getSockets()).length, (await b.tcp.getSockets()).length];
  });
  assert.deepEqual(seen, [1, 0]);
});
