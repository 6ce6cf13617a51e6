/** The shape of Chrome's namespaces, the two kinds of failure, lastError, and promises. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { install } from '../../src/install.js';
import { FakeGateway, callback, openClient, settled, isEmpty } from '../fake-gateway.js';

const NOT_FOUND = { code: -32001, message: 'Socket not found' };
const f = () => {};

test('methods are plain, detachable functions with no declared parameters', async () => {
  const { tcp, tcpServer, gateway } = await openClient();
  for (const namespace of [tcp, tcpServer]) {
    for (const [name, { value, ...flags }] of Object.entries(
      Object.getOwnPropertyDescriptors(namespace),
    )) {
      assert.deepEqual(flags, { writable: true, enumerable: true, configurable: true }, name);
      if (typeof value === 'function') assert.deepEqual([value.name, value.length], [name, 0]);
    }
  }
  assert.notEqual(tcp.close, tcpServer.close);
  const { getSockets } = tcp;
  const sockets = getSockets();
  await settled();
  await gateway.reply('tcp.getSockets', []);
  isEmpty(await sockets);
});

test('the namespaces have exactly the members of Chrome', async () => {
  const { tcp, tcpServer } = await openClient();
  const common = ['create', 'update', 'setPaused', 'disconnect', 'close', 'getInfo', 'getSockets'];
  assert.deepEqual(
    Object.keys(tcpServer).sort(),
    [...common, 'listen', 'onAccept', 'onAcceptError'].sort(),
  );
  const own = ['DnsQueryType', 'setKeepAlive', 'setNoDelay', 'connect', 'secure', 'send'];
  assert.deepEqual(
    Object.keys(tcp).sort(),
    [...common, ...own, 'onReceive', 'onReceiveError'].sort(),
  );
  assert.deepEqual(tcp.DnsQueryType, { ANY: 'any', IPV4: 'ipv4', IPV6: 'ipv6' });
});

test('events own their methods, count a listener once and dispatch on a snapshot', async () => {
  const { tcp } = await openClient();
  const event = tcp.onReceive;
  const names = ['addListener', 'removeListener', 'hasListener', 'hasListeners', 'dispatch'];
  assert.deepEqual(Object.keys(event).sort(), names.sort());
  /** @type {string[]} */
  const log = [];
  const late = () => log.push('late');
  const second = () => log.push('second');
  const first = () => {
    log.push('first');
    event.removeListener(second);
    event.addListener(late);
  };
  for (const listener of [first, first, second, 'no function', null]) event.addListener(listener);
  event.dispatch({});
  assert.deepEqual(log, ['first', 'second'], 'removed and added during the dispatch');
  assert.deepEqual([event.hasListener(late), event.hasListener(second)], [true, false]);
  event.removeListener(null);
  assert.throws(() => event.hasListener(null), TypeError);
  event.removeListener(first);
  event.removeListener(late);
  assert.equal(event.hasListeners(), false);
});

/** @type {{ number?: string, method: string, args: unknown[], error: any, want: any }[]} */
const failures = [
  ...['update', 'setPaused', 'disconnect', 'close', 'getInfo'].map((name) => ({
    number: '18',
    method: `tcpServer.${name}`,
    args: { update: [9, {}], setPaused: [9, true] }[name] ?? [9],
    error: NOT_FOUND,
    want: { args: [], error: 'Socket not found' },
  })),
  {
    number: '18',
    method: 'tcpServer.listen',
    args: [9, 'a', 0],
    error: NOT_FOUND,
    want: { args: [], error: 'Socket not found' },
  },
  {
    number: '19',
    method: 'tcp.setKeepAlive',
    args: [9, true],
    error: NOT_FOUND,
    want: { args: [-2], error: 'Socket not found' },
  },
  {
    number: '19',
    method: 'tcp.setNoDelay',
    args: [9, true],
    error: NOT_FOUND,
    want: { args: [-2], error: 'Socket not found' },
  },
  {
    number: '20',
    method: 'tcp.secure',
    args: [9],
    error: NOT_FOUND,
    want: { args: [-4], error: 'Socket not found' },
  },
  ...['Socket not connected', 'Socket must be a connected client TCP socket.'].map((message) => ({
    method: 'tcp.secure',
    args: [9],
    error: { code: -4, message },
    want: { args: [-4], error: message },
  })),
  {
    method: 'tcp.connect',
    args: [9, 'h', 1],
    error: NOT_FOUND,
    want: { args: [], error: 'Socket not found' },
  },
  {
    number: '46',
    method: 'tcpServer.listen',
    args: [9, 'a', 0],
    error: { code: -147, message: 'net::ERR_ADDRESS_IN_USE' },
    want: { args: [-147], error: 'net::ERR_ADDRESS_IN_USE' },
  },
  {
    number: '58',
    method: 'tcpServer.listen',
    args: [9, 'a', 0],
    error: { code: -32002, message: 'Does not have permission' },
    want: { args: [], error: 'Does not have permission' },
  },
];
for (const { number, method, args, error, want } of failures) {
  test(`${number ?? 'failure'}: ${method} fails with ${error.message}`, async () => {
    const { gateway, chrome } = await openClient();
    const [namespace, name] = method.split('.');
    const outcome = callback(chrome, chrome.sockets[namespace][name], ...args);
    await settled();
    await gateway.reply(method, undefined, error);
    assert.deepEqual(await outcome, want);
  });
}

test('21: send on an unknown id gives no argument', async () => {
  const { chrome, tcp } = await openClient();
  const outcome = await callback(chrome, tcp.send, 99, new ArrayBuffer(1));
  assert.deepEqual(outcome, { args: [], error: 'Socket not found' });
});

/** @param {any} opened */
async function failClose({ gateway }) {
  await settled();
  await gateway.reply('tcp.close', undefined, NOT_FOUND);
}

test('30: lastError is a plain object, there for the callback and its microtasks only', async () => {
  const opened = await openClient();
  const { chrome, tcp } = opened;
  /** @type {any[]} */
  const seen = [];
  tcp.close(9, () => {
    seen.push(chrome.runtime.lastError);
    Promise.resolve().then(() =>
      queueMicrotask(() => seen.push(chrome.runtime.lastError?.message)),
    );
    tcp.send(98, new ArrayBuffer(0), () => {});
  });
  assert.equal('lastError' in chrome.runtime, false);
  await failClose(opened);
  assert.deepEqual(seen, [{ message: 'Socket not found' }, 'Socket not found']);
  assert.equal(Object.getPrototypeOf(seen[0]), Object.prototype);
  assert.equal('lastError' in chrome.runtime, false);
});

test('lastError is not there in the callback of a later success', async () => {
  const opened = await openClient();
  const { gateway, chrome, tcp } = opened;
  /** @type {any[]} */
  const seen = [];
  tcp.close(9, () => seen.push(chrome.runtime.lastError.message));
  tcp.close(1, () => seen.push('lastError' in chrome.runtime));
  await settled();
  gateway.replyNow('tcp.close', undefined, NOT_FOUND);
  await gateway.reply('tcp.close');
  assert.deepEqual(seen, ['Socket not found', false]);
});

test('31: an error that nobody reads is logged', async (t) => {
  const opened = await openClient();
  const logged = t.mock.method(console, 'error', f);
  opened.tcp.close(9, f);
  await failClose(opened);
  const texts = logged.mock.calls.map(({ arguments: [text] }) => text);
  assert.deepEqual(texts, ['Unchecked runtime.lastError: Socket not found']);
});

test('an error that is read in a microtask counts as read', async (t) => {
  const opened = await openClient();
  const logged = t.mock.method(console, 'error', f);
  opened.tcp.close(9, async () => {
    await null;
    return opened.chrome.runtime.lastError;
  });
  await failClose(opened);
  assert.equal(logged.mock.callCount(), 0);
});

test('an exception in a callback is logged and stops nobody', async (t) => {
  const opened = await openClient();
  const { gateway, chrome, tcp } = opened;
  const logged = t.mock.method(console, 'error', f);
  tcp.disconnect(1, () => {
    throw new Error('callback');
  });
  const next = callback(chrome, tcp.disconnect, 1);
  await settled();
  gateway.replyNow('tcp.disconnect');
  await gateway.reply('tcp.disconnect');
  assert.deepEqual(await next, { args: [], error: undefined });
  assert.match(logged.mock.calls[0].arguments[0], /^Error handling response: Error: callback/);
});

test('32, 33, 34, 35: promises instead of a callback', async () => {
  const { gateway, chrome, tcp } = await openClient();
  const created = tcp.create();
  const missing = assert.rejects(tcp.getInfo(99), (error) => {
    assert.ok(error instanceof Error);
    assert.deepEqual([error.message, Object.keys(error)], ['Socket not found', []]);
    assert.equal('lastError' in chrome.runtime, false, 'never set for promises');
    return true;
  });
  const closed = tcp.close(1, null);
  assert.equal(tcp.disconnect(1, f), undefined);
  await settled();
  await gateway.reply('tcp.create', { socketId: 1 });
  await gateway.reply('tcp.getInfo', undefined, NOT_FOUND);
  await gateway.reply('tcp.close');
  assert.deepEqual(await created, { socketId: 1 });
  await missing;
  assert.equal(await closed, undefined);
});

test('which methods give a promise when there is no callback', async () => {
  const { chrome } = await openClient({ maxCalls: 100 });
  /** @type {Record<string, unknown[]>} */
  const giving = {
    create: [],
    update: [1, {}],
    setPaused: [1, true],
    disconnect: [1],
    close: [1],
    getInfo: [1],
    getSockets: [],
  };
  for (const namespace of ['tcp', 'tcpServer']) {
    for (const [name, args] of Object.entries(giving)) {
      const method = chrome.sockets[namespace][name];
      for (const more of [[], [null], [undefined]]) {
        assert.ok(method(...args, ...more) instanceof Promise, `${namespace}.${name}`);
      }
      assert.equal(method(...args, f), undefined, `${namespace}.${name}`);
    }
  }
  const { tcp, tcpServer } = chrome.sockets;
  for (const call of [
    () => tcpServer.listen(1, '127.0.0.1', 0),
    () => tcp.setKeepAlive(1, true),
    () => tcp.setNoDelay(1, true),
    () => tcp.connect(1, '127.0.0.1', 80),
    () => tcp.secure(1),
    () => tcp.send(1, new ArrayBuffer(1)),
  ]) {
    assert.throws(call, TypeError);
  }
});

/**
 * @param {any} target
 * @returns {any} `target`, with a client installed.
 */
function installOn(target) {
  const gateway = new FakeGateway();
  install({ target, url: 'ws://fake', WebSocket: gateway.WebSocket });
  return target;
}

test('everything is defined at once, before the connection is open', () => {
  const { chrome } = installOn({});
  assert.equal(typeof chrome.sockets.tcpServer.listen, 'function');
  assert.match(chrome.runtime.id, /^[a-p]{32}$/);
  assert.equal('lastError' in chrome.runtime, false);
});

test('an ordinary Chrome page keeps what its chrome object has', () => {
  /** @type {any} */
  const own = { loadTimes: f, app: {} };
  const { chrome } = installOn({ chrome: own });
  assert.equal(chrome, own);
  assert.equal(chrome.loadTimes, f);
  assert.equal(typeof chrome.sockets.tcp.send, 'function');
});

test('chrome.sockets and chrome.runtime.id are never replaced', () => {
  const sockets = {};
  const { chrome } = installOn({ chrome: { sockets, runtime: { id: 'own' } } });
  assert.equal(chrome.sockets, sockets);
  assert.equal(chrome.runtime.id, 'own');
});

test('a frozen chrome object does no harm', () => {
  const chrome = Object.freeze({});
  assert.doesNotThrow(() => installOn({ chrome }));
  assert.doesNotThrow(() => installOn(Object.freeze({})));
  const runtime = Object.freeze({ id: 'own' });
  assert.equal(typeof installOn({ chrome: { runtime } }).chrome.sockets.tcp.send, 'function');
});

test("an extension's own lastError comes back after ours", async () => {
  const runtime = Object.defineProperty({ id: 'own' }, 'lastError', {
    get: () => 'its own',
    configurable: true,
  });
  const gateway = new FakeGateway();
  /** @type {any} */
  const target = { chrome: { runtime } };
  install({ target, url: 'ws://fake', WebSocket: gateway.WebSocket });
  await gateway.accept();
  const outcome = callback(target.chrome, target.chrome.sockets.tcp.close, 9);
  await failClose({ gateway });
  assert.equal((await outcome).error, 'Socket not found');
  assert.equal(target.chrome.runtime.lastError, 'its own');
});

test('a runtime that takes no lastError: callbacks run, and the error is logged', async (t) => {
  const gateway = new FakeGateway();
  /** @type {any} */
  const target = { chrome: { runtime: Object.freeze({ id: 'own' }) } };
  install({ target, url: 'ws://fake', WebSocket: gateway.WebSocket });
  await gateway.accept();
  const logged = t.mock.method(console, 'error', f);
  const outcome = callback(target.chrome, target.chrome.sockets.tcp.close, 9);
  await failClose({ gateway });
  assert.deepEqual(await outcome, { args: [], error: undefined });
  assert.deepEqual(
    logged.mock.calls.map(({ arguments: [text] }) => text),
    ['Unchecked runtime.lastError: Socket not found'],
  );
});
