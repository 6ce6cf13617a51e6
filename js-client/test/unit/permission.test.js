/** How a page asks to be let in: when, for what, and what comes of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Credential } from '../../src/credential.js';
import { Permission } from '../../src/permission.js';
import { FakeEnvironment } from '../fake-environment.js';
import { settled } from '../fake-gateway.js';

const UNKNOWN = { reason: 'origin-unknown', canRequest: true };

/** A page, and a session that does only what a test tells it. */
class Scene {
  environment = new FakeEnvironment();
  credential = new Credential('ws://127.0.0.1:7717');
  /** Requests for permission: parameters and the callback. @type {any[]} */
  requests = [];
  /** Reasons that the page was told, with code and url if there are any. @type {string[]} */
  told = [];
  /** How often the session was to be opened again. */
  opened = 0;
  permission;

  /** @param {object} [wish] */
  constructor(wish = { name: 'Chat', sockets: { tcp: { connect: 'a.example:1' } } }) {
    this.permission = new Permission(
      {
        url: 'ws://127.0.0.1:7717/v1/ws',
        environment: this.environment,
        credential: this.credential,
        call: (method, params, onReply) => this.requests.push({ method, params, onReply }),
        wait: ({ reason, message, code, url }) => {
          this.told.push([reason, code, url].filter(Boolean).join(' '));
          this.message = message;
        },
        open: () => this.opened++,
      },
      wish,
    );
  }

  /** Answers the last request. @param {object} outcome */
  answer(outcome) {
    this.requests[this.requests.length - 1].onReply(outcome);
  }
}

/** @param {Promise<void>} promise */
async function state(promise) {
  /** @type {string} */
  let result = 'pending';
  promise.then(
    () => (result = 'fulfilled'),
    (error) => (result = error.message),
  );
  await settled();
  return result;
}

test('a page that is refused says so and asks nobody', () => {
  const scene = new Scene();
  scene.permission.refused(UNKNOWN);
  assert.deepEqual(scene.told, ['permission-needed']);
  assert.equal(scene.requests.length, 0);
});

test('a click asks, once', () => {
  const { permission, environment, requests } = new Scene();
  permission.refused(UNKNOWN);
  environment.click();
  environment.click();
  assert.deepEqual(
    requests.map(({ method, params }) => [method, params]),
    [['permission.request', ['Chat', { tcp: { connect: 'a.example:1' } }]]],
  );
});

test('a click just before asks at once', () => {
  const { permission, environment, requests } = new Scene();
  environment.clicked = true;
  permission.refused(UNKNOWN);
  assert.equal(requests.length, 1);
});

test('a page that says nothing asks for this computer only', () => {
  const { permission, requests } = new Scene({});
  void permission.request();
  permission.refused(UNKNOWN);
  assert.deepEqual(requests[0].params, [
    'A program',
    {
      tcp: { connect: ['127.0.0.1', 'localhost', '[::1]'] },
      tcpServer: { listen: ['127.0.0.1', '[::1]'] },
    },
  ]);
});

test('from request to credential', async () => {
  const scene = new Scene();
  const { permission, credential } = scene;
  permission.refused(UNKNOWN);
  const done = permission.request();
  permission.pending({ code: '4711', url: 'http://127.0.0.1:7718/#request=4711' });
  assert.deepEqual(scene.told, [
    'permission-needed',
    'permission-pending 4711 http://127.0.0.1:7718/#request=4711',
  ]);
  scene.answer({ result: { credential: 'secret', expires: null } });
  assert.equal(credential.value, 'secret');
  assert.equal(scene.opened, 1);
  assert.equal(await state(done), 'pending', 'the session is not open yet');
  permission.granted();
  assert.equal(await state(done), 'fulfilled');
});

test('a request that was made before the refusal waits for it', () => {
  const { permission, requests } = new Scene();
  void permission.request();
  assert.equal(requests.length, 0);
  permission.refused(UNKNOWN);
  assert.equal(requests.length, 1);
});

test('denied, and asked again', async () => {
  const scene = new Scene();
  const { permission, environment, requests } = scene;
  permission.refused(UNKNOWN);
  const denied = state(permission.request());
  scene.answer({ error: { code: -32011, message: 'Permission denied' } });
  assert.equal(await denied, 'This page was denied permission.');
  environment.click();
  assert.equal(requests.length, 1, 'a click does not ask again');
  assert.deepEqual(scene.told, ['permission-needed', 'permission-denied']);
  void permission.request();
  assert.equal(requests.length, 2);
});

for (const { code, message } of [
  { code: -32012, message: 'Request expired' },
  { code: -32013, message: 'Request withdrawn' },
  { code: -32602, message: 'sockets.tcp.connect: bad pattern' },
  { code: -32005, message: 'Limit reached: 10 requests are pending' },
]) {
  test(`the gateway's own words: ${message}`, async () => {
    const scene = new Scene();
    scene.permission.refused(UNKNOWN);
    const failed = state(scene.permission.request());
    scene.answer({ error: { code, message } });
    assert.equal(await failed, message);
    assert.deepEqual(scene.told, ['permission-needed', 'permission-needed']);
    assert.equal(scene.message, message);
  });
}

test('a gateway that takes no request', async () => {
  const scene = new Scene();
  const failed = state(scene.permission.request());
  scene.permission.refused({ reason: 'origin-unknown', canRequest: false });
  assert.equal(await failed, 'This page was denied permission.');
  assert.equal(scene.requests.length, 0);
});

for (const { reason, kept } of [
  { reason: 'credential-wrong', kept: undefined },
  { reason: 'credential-expired', kept: undefined },
  { reason: 'origin-unknown', kept: 'secret' },
]) {
  test(`after ${reason} the credential is ${kept ? 'kept' : 'dropped'}`, () => {
    const { permission, credential } = new Scene();
    credential.value = 'secret';
    permission.refused({ reason, canRequest: true });
    assert.equal(credential.value, kept);
  });
}

test('a connection that goes while the user thinks: asked again on the next', async () => {
  const scene = new Scene();
  const { permission, requests } = scene;
  permission.refused(UNKNOWN);
  const done = permission.request();
  assert.equal(permission.disconnected(), false, 'another connection is needed');
  scene.answer({ error: { code: -32000, message: 'Gateway connection lost' } });
  assert.equal(await state(done), 'pending', 'what a lost connection says is no answer');
  permission.refused(UNKNOWN);
  assert.equal(requests.length, 2);
});

test('a refused page that nobody clicks in makes no more connections', () => {
  const scene = new Scene();
  const { permission, environment, requests } = scene;
  permission.refused(UNKNOWN);
  assert.equal(permission.disconnected(), true);
  assert.equal(scene.opened, 0);
  environment.click();
  assert.equal(scene.opened, 1);
  permission.refused(UNKNOWN);
  assert.equal(requests.length, 1, 'the click counts when the gateway has refused again');
});

test('a session that ends rejects whoever waits', async () => {
  const { permission, environment, requests } = new Scene();
  permission.refused(UNKNOWN);
  const failed = state(permission.request());
  permission.close('closed by the page');
  assert.equal(await failed, 'closed by the page');
  environment.click();
  assert.equal(requests.length, 1);
});
