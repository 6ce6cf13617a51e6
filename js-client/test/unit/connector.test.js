/** When a client connects, what it waits for if it may not, and how it asks to be let in. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Credential } from '../../src/credential.js';
import { Dispatcher } from '../../src/dispatcher.js';
import { Sockets } from '../../src/sockets.js';
import { SessionStore } from '../../src/store.js';
import { FakeEnvironment, FakePermission } from '../fake-environment.js';
import { FakeGateway, settled } from '../fake-gateway.js';

const URL = 'ws://127.0.0.1:7717/v1/ws';
const UNKNOWN = { reason: 'origin-unknown', canRequest: true };

/** A client in a browser of the test's making. */
class Scene {
  gateway = new FakeGateway();
  credential = new Credential(URL);
  /** Results of calls. @type {any[]} */
  outcomes = [];

  /** @param {Partial<FakeEnvironment>} [browser] */
  constructor(browser) {
    this.environment = new FakeEnvironment(browser);
    this.sockets = new Sockets(URL, new Dispatcher(), {
      WebSocket: this.gateway.WebSocket,
      store: new SessionStore(URL, 'none'),
      backoff: () => 1000,
      environment: this.environment,
      credential: this.credential,
      wish: { name: 'Chat' },
    });
    this.session = this.sockets.session;
  }

  /** The state, and why. */
  get state() {
    const { state, reason } = this.session.status;
    return reason ? `${state} ${reason}` : state;
  }

  /** How often it has tried to connect. */
  get attempts() {
    return this.gateway.sockets.length;
  }

  create() {
    this.sockets.invoke('tcp.create', [{}], (outcome) => this.outcomes.push(outcome));
  }
}

/** @param {Partial<FakeEnvironment>} [browser] */
async function start(browser) {
  const scene = new Scene(browser);
  await settled();
  return scene;
}

/** A client whose first attempt has failed. @param {Partial<FakeEnvironment>} browser */
async function startAndFail(browser) {
  const scene = await start(browser);
  await scene.gateway.drop();
  return scene;
}

test('the browser is not made to ask out of the blue', async () => {
  const scene = await start({ status: new FakePermission('prompt') });
  assert.deepEqual([scene.state, scene.attempts], ['waiting lna-prompt', 0]);
  scene.environment.click();
  await settled();
  assert.equal(scene.attempts, 0, 'the click was over when the browser was asked about it');
});

test('a click lets it ask, once', async () => {
  const scene = await start({ status: new FakePermission('prompt') });
  scene.environment.clicked = true;
  scene.environment.click();
  await settled();
  assert.deepEqual([scene.state, scene.attempts], ['connecting', 1]);
  await scene.gateway.drop();
  assert.equal(scene.state, 'waiting lna-prompt');
  scene.environment.click();
  await settled();
  assert.equal(scene.attempts, 1, 'the question was dismissed');
  scene.session.requestPermission();
  await settled();
  assert.equal(scene.attempts, 2, 'the program asks for it');
});

test('a permission that was granted ends the wait', async () => {
  const status = new FakePermission('denied');
  const scene = await startAndFail({ status });
  assert.deepEqual([scene.state, scene.attempts], ['waiting lna-denied', 1]);
  status.change('granted');
  await settled();
  assert.deepEqual([scene.state, scene.attempts], ['connecting', 2]);
});

test('where nobody answers a question a time is enough', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const scene = new Scene();
  const { environment, gateway } = scene;
  await settled();
  await gateway.drop();
  assert.deepEqual(
    [scene.state, scene.attempts, environment.probes],
    ['waiting not-running', 1, 1],
  );
  t.mock.timers.tick(1000);
  await settled();
  assert.deepEqual(
    [scene.state, scene.attempts, environment.probes],
    ['waiting not-running', 1, 2],
  );
  environment.answer = true;
  t.mock.timers.tick(1000);
  await settled();
  assert.deepEqual([scene.state, scene.attempts, environment.probes], ['connecting', 2, 3]);
});

test('what does not change ends the session, and calls fail with the reason', async () => {
  const scene = await start({ isBlocked: true });
  scene.create();
  await scene.gateway.drop();
  assert.equal(scene.state, 'closed csp');
  const message = "The page's Content-Security-Policy forbids the connection.";
  assert.deepEqual(scene.outcomes, [{ error: { code: -32000, message } }]);
});

test('a page that is not permitted waits, and gives its place back', async () => {
  const scene = await start();
  scene.create();
  await scene.gateway.refuse(UNKNOWN);
  assert.equal(scene.state, 'waiting permission-needed');
  assert.equal(scene.gateway.sockets[0].readyState, 3, 'the connection is closed');
  assert.deepEqual([scene.attempts, scene.outcomes.length], [1, 0], 'the call waits');
});

test('from the click to the session', async () => {
  const scene = await start();
  const { gateway, environment, session } = scene;
  scene.create();
  await gateway.refuse(UNKNOWN);
  environment.click();
  await settled();
  assert.equal(scene.attempts, 2);
  await gateway.refuse(UNKNOWN);
  const [, request] = gateway.sent;
  assert.equal(request.method, 'permission.request');
  await gateway.notify('permission.pending', { code: 'K7QM', url: 'http://127.0.0.1:7718/#' });
  assert.equal(scene.state, 'waiting permission-pending');
  assert.deepEqual([session.status.code, session.status.url], ['K7QM', 'http://127.0.0.1:7718/#']);
  await gateway.reply('permission.request', { credential: 'secret', expires: null });
  const opened = /** @type {any} */ (gateway.sent[2]);
  assert.deepEqual(
    [opened.method, opened.params.credential],
    ['session.open', 'secret'],
    'on the same connection',
  );
  await gateway.admit();
  assert.deepEqual([scene.state, session.status.code], ['open', undefined]);
  await gateway.reply('tcp.create', { socketId: 1 });
  assert.deepEqual(scene.outcomes, [{ result: { socketId: 1 } }]);
});

test('a credential is shown at once', async () => {
  const scene = new Scene();
  scene.credential.value = 'secret';
  await settled();
  const { credential } = await scene.gateway.refuse({
    reason: 'credential-wrong',
    canRequest: true,
  });
  assert.equal(credential, 'secret');
  assert.equal(scene.credential.value, undefined, 'it is worth nothing');
});

test('a request that the program makes before anything is known', async () => {
  const scene = await start();
  scene.session.requestPermission();
  await scene.gateway.refuse(UNKNOWN);
  assert.equal(scene.gateway.sent[1].method, 'permission.request');
});

test('a connection that breaks while the user thinks', async () => {
  const scene = await start();
  const { gateway, session } = scene;
  session.requestPermission();
  await gateway.refuse(UNKNOWN);
  await gateway.drop(4408, 'no-session');
  assert.equal(scene.state, 'waiting no-session');
  session.requestPermission();
  await settled();
  await gateway.refuse(UNKNOWN);
  assert.equal(gateway.sent[1].method, 'permission.request', 'it is asked again');
});

test('denied, and asked again', async () => {
  const scene = await start();
  const { gateway, session } = scene;
  session.requestPermission();
  await gateway.refuse(UNKNOWN);
  await gateway.reply('permission.request', null, { code: -32011, message: 'Permission denied' });
  assert.equal(scene.state, 'waiting permission-denied');
  session.requestPermission();
  await settled();
  assert.equal(scene.attempts, 2);
});

test('a session that is open asks for nothing', async () => {
  const scene = await start();
  const { gateway, session } = scene;
  await gateway.accept();
  session.requestPermission();
  await gateway.drop(4523, 'revoked');
  assert.deepEqual([scene.state, scene.attempts], ['closed revoked', 1]);
});

test('a client that was closed waits for nothing', async () => {
  const status = new FakePermission('prompt');
  const scene = await start({ status });
  await scene.session.close();
  scene.environment.clicked = true;
  scene.environment.click();
  status.change('granted');
  scene.session.requestPermission();
  await settled();
  assert.deepEqual([scene.state, scene.attempts], ['closed closed', 0]);
});

test('a client that was closed before the browser has answered does not connect', async () => {
  const scene = new Scene();
  await scene.session.close();
  await settled();
  assert.equal(scene.attempts, 0);
});
