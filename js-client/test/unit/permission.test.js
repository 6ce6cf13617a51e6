/** How a page asks to be let in: when, for what, and what comes of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Credential } from '../../src/credential.js';
import { Permission } from '../../src/permission.js';
import { FakeEnvironment } from '../fake-environment.js';

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
  /** How often the connection was to be closed. */
  left = 0;
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
        leave: () => this.left++,
      },
      wish,
    );
  }

  /** Answers the last request. @param {object} outcome */
  answer(outcome) {
    this.requests[this.requests.length - 1].onReply(outcome);
  }
}

test('a page that is refused says so, asks nobody and leaves its place', () => {
  const scene = new Scene();
  scene.permission.refused(UNKNOWN);
  assert.deepEqual(scene.told, ['permission-needed']);
  assert.equal(scene.requests.length, 0);
  assert.equal(scene.left, 1);
  assert.equal(scene.opened, 0);
});

test('a click asks, once, on a connection of its own', () => {
  const scene = new Scene();
  const { permission, environment, requests } = scene;
  permission.refused(UNKNOWN);
  environment.click();
  environment.click();
  assert.equal(scene.opened, 1);
  permission.refused(UNKNOWN);
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
  permission.request();
  permission.refused(UNKNOWN);
  assert.deepEqual(requests[0].params, [
    'A program',
    {
      tcp: { connect: ['127.0.0.1', 'localhost', '[::1]'] },
      tcpServer: { listen: ['127.0.0.1', 'localhost', '[::1]'] },
    },
  ]);
});

for (const { name, want } of [
  { name: ' Chat\nhost\u202e ', want: 'Chat host' },
  { name: '\u{1f4ac}'.repeat(65), want: '\u{1f4ac}'.repeat(64) },
  { name: `${'a'.repeat(63)} b`, want: 'a'.repeat(63) },
]) {
  test(`a name that the gateway would not show is mended: ${JSON.stringify(want)}`, () => {
    const { permission, requests } = new Scene({ name });
    permission.request();
    permission.refused(UNKNOWN);
    assert.equal(requests[0].params[0], want);
  });
}

test('from request to credential', () => {
  const scene = new Scene();
  const { permission, credential } = scene;
  permission.request();
  permission.refused(UNKNOWN);
  permission.pending({ code: '4711', url: 'http://127.0.0.1:7718/#request=4711' });
  assert.deepEqual(scene.told, ['permission-pending 4711 http://127.0.0.1:7718/#request=4711']);
  scene.answer({ result: { credential: 'secret', expires: null } });
  assert.equal(credential.value, 'secret');
  assert.deepEqual([scene.opened, scene.left], [1, 0], 'on the same connection');
});

test('a request that was made before the refusal waits for it', () => {
  const { permission, requests } = new Scene();
  permission.request();
  assert.equal(requests.length, 0);
  permission.refused(UNKNOWN);
  assert.equal(requests.length, 1);
});

test('denied, and asked again', () => {
  const scene = new Scene();
  const { permission, environment } = scene;
  permission.request();
  permission.refused(UNKNOWN);
  scene.answer({ error: { code: -32011, message: 'Permission denied' } });
  assert.deepEqual([scene.told, scene.left], [['permission-denied'], 1]);
  environment.click();
  assert.equal(scene.opened, 0, 'a click does not ask again');
  permission.request();
  assert.equal(scene.opened, 1);
});

for (const { code, message } of [
  { code: -32012, message: 'Request expired' },
  { code: -32013, message: 'Request withdrawn' },
  { code: -32602, message: 'sockets.tcp.connect: bad pattern' },
  { code: -32005, message: 'Limit reached: 10 requests are pending' },
]) {
  test(`the gateway's own words: ${message}`, () => {
    const scene = new Scene();
    scene.permission.request();
    scene.permission.refused(UNKNOWN);
    scene.answer({ error: { code, message } });
    assert.deepEqual(scene.told, ['permission-needed']);
    assert.equal(scene.message, message);
  });
}

test('a gateway that takes no request', () => {
  const scene = new Scene();
  scene.permission.request();
  scene.permission.refused({ reason: 'origin-unknown', canRequest: false });
  assert.deepEqual(scene.told, ['permission-denied']);
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

test('a connection that goes while the user thinks: asked again on the next', () => {
  const scene = new Scene();
  const { permission, requests } = scene;
  permission.request();
  permission.refused(UNKNOWN);
  permission.disconnected();
  scene.answer({ error: { code: -32000, message: 'Gateway connection lost' } });
  assert.deepEqual(scene.told, [], 'what a lost connection says is no answer');
  permission.refused(UNKNOWN);
  assert.equal(requests.length, 2);
});

test('after its end a click does nothing', () => {
  const scene = new Scene();
  scene.permission.refused(UNKNOWN);
  scene.permission.reset();
  scene.environment.click();
  assert.equal(scene.opened, 0);
});
