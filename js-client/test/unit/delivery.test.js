/** Each callback and event in its own turn: all microtasks run between two, and others get theirs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dispatcher, SKIPPED } from '../../src/dispatcher.js';
import { data, openStream } from '../fake-gateway.js';

/**
 * @param {Dispatcher} dispatcher
 * @param {number} count
 * @param {(i: number) => void} job
 * @returns {Promise<void>} Fulfilled when all have run.
 */
function run(dispatcher, count, job) {
  for (let i = 0; i < count; i++) dispatcher.deliver(() => job(i));
  return new Promise((resolve) => dispatcher.deliver(resolve));
}

test('jobs run in order, with nested microtasks between them', async () => {
  /** @type {string[]} */
  const log = [];
  await run(new Dispatcher(), 3, (i) => {
    log.push(`job ${i}`);
    Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => queueMicrotask(() => log.push(`after ${i}`)));
  });
  assert.deepEqual(log, ['job 0', 'after 0', 'job 1', 'after 1', 'job 2', 'after 2']);
});

test('nothing runs in the call that puts it in', () => {
  let ran = false;
  new Dispatcher().deliver(() => (ran = true));
  assert.equal(ran, false);
});

test('timers get their turn while the queue is long', async () => {
  const dispatcher = new Dispatcher();
  let timers = 0;
  const timer = setInterval(() => timers++, 1);
  await run(dispatcher, 60, () => {
    const until = performance.now() + 1;
    while (performance.now() < until);
  });
  clearInterval(timer);
  assert.ok(timers >= 3, `${timers} timers ran in 60 ms of jobs`);
});

test('a long queue keeps its order', async () => {
  /** @type {number[]} */
  const log = [];
  await run(new Dispatcher(), 5000, (i) => log.push(i));
  assert.deepEqual(
    log,
    Array.from({ length: 5000 }, (_, i) => i),
  );
});

test('a job with nothing to do costs no turn', async () => {
  const dispatcher = new Dispatcher();
  /** @type {string[]} */
  const log = [];
  dispatcher.deliver(() => queueMicrotask(() => log.push('microtask')));
  dispatcher.push({ run: () => SKIPPED });
  await run(dispatcher, 1, () => log.push('job'));
  assert.deepEqual(log, ['microtask', 'job']);
});

test('what is cleaned up after a job is cleaned up after its microtasks', async () => {
  const dispatcher = new Dispatcher();
  /** @type {string[]} */
  const log = [];
  dispatcher.deliver(() => {
    dispatcher.afterwards(() => log.push('cleaned'));
    Promise.resolve().then(() => queueMicrotask(() => log.push('microtask')));
  });
  await run(dispatcher, 1, () => log.push('next'));
  assert.deepEqual(log, ['microtask', 'cleaned', 'next']);
});

test('what jobs of one slice send leaves together', async (t) => {
  t.mock.method(performance, 'now', () => 0); // A slow machine would end the slice.
  const { gateway, tcp } = await openStream();
  for (let id = 2; id <= 5; id++) {
    await gateway.notify('tcpServer.onAccept', { socketId: 1, clientSocketId: id });
    tcp.setPaused(id, false, () => {});
    await new Promise(setImmediate);
    await gateway.reply('tcp.setPaused');
  }
  tcp.onReceive.addListener((/** @type {any} */ info) => {
    tcp.send(info.socketId, info.data, () => {});
  });
  const before = gateway.messages.length;
  await gateway.send(...[1, 2, 3, 4, 5].map((id) => data(id, 'echo')));
  assert.equal(gateway.records.length, 5);
  assert.equal(gateway.messages.length, before + 1);
});
