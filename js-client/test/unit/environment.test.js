/** What is made of the things that browsers let a page see. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserEnvironment } from '../../src/environment.js';

const URL = 'ws://127.0.0.1:7717/v1/ws';

/**
 * @param {string} origin
 * @param {object} [more]
 * @returns {any} The globals of a page.
 */
function page(origin, more = {}) {
  const protocol = origin === 'null' ? 'file:' : new globalThis.URL(origin).protocol;
  return Object.assign(new EventTarget(), { origin, location: { protocol }, navigator: {} }, more);
}

for (const [origin, local] of /** @type {[string, boolean][]} */ ([
  ['http://localhost', true],
  ['http://localhost:8080', true],
  ['https://localhost:8443', true],
  ['http://app.localhost:8080', true],
  ['http://127.0.0.1:7717', true],
  ['http://127.255.1.2', true],
  ['http://[::1]:8080', true],
  ['null', true], // A file.
  ['chrome-extension://abcdefghijklmnop', true],
  ['https://app.example', false],
  ['http://localhost.example', false],
  ['http://evillocalhost', false],
  ['http://127.0.0.1.example', false],
  ['http://192.168.1.10:8080', false],
])) {
  test(`${origin} is ${local ? '' : 'not '}of this computer`, () => {
    assert.equal(browserEnvironment(URL, page(origin)).local, local);
  });
}

test('a page without an origin of its own is of nowhere', () => {
  const globals = page('null', { location: { protocol: 'https:' } });
  assert.equal(browserEnvironment(URL, globals).local, false);
});

test('a worker from a blob is of the place of its page', () => {
  const location = { protocol: 'blob:' };
  assert.equal(browserEnvironment(URL, page('https://app.example', { location })).local, false);
  assert.equal(browserEnvironment(URL, page('http://localhost', { location })).local, true);
});

test('a program in Node has nobody in its way', async () => {
  const environment = browserEnvironment(URL, { fetch: () => Promise.reject(new Error('no')) });
  assert.equal(environment.local, true);
  assert.equal(environment.gesture(), false);
  assert.equal(environment.delegated(), true);
  assert.equal(environment.https, false);
  environment.release();
});

/** @param {string[]} known Names of permissions. */
function permissions(known) {
  const query = async (/** @type {{ name: string }} */ { name }) => {
    if (!known.includes(name)) throw new TypeError(name);
    return { name };
  };
  return { navigator: { permissions: { query } } };
}

test('the permission to reach this computer is the one that counts', async () => {
  const globals = page('https://app.example', permissions(['local-network', 'loopback-network']));
  const want = { name: 'loopback-network' };
  assert.deepEqual(await browserEnvironment(URL, globals).permission(), want);
});

test('a browser that does not know this permission has none', async () => {
  const globals = page('https://app.example', permissions(['camera']));
  assert.equal(await browserEnvironment(URL, globals).permission(), undefined);
});

test('a browser without permissions has none', async () => {
  assert.equal(await browserEnvironment(URL, page('https://app.example')).permission(), undefined);
});

for (const { name, policy, want } of [
  { name: 'allows it', policy: { 'loopback-network': true }, want: true },
  {
    name: 'keeps it',
    policy: { 'loopback-network': false, 'local-network': true },
    want: false,
  },
  { name: 'does not know it', policy: { camera: false }, want: true },
]) {
  test(`a frame whose policy ${name}`, () => {
    const featurePolicy = {
      features: () => Object.keys(policy),
      // Browsers say false of a feature that they do not know.
      allowsFeature: (/** @type {string} */ feature) => Object(policy)[feature] === true,
    };
    const globals = page('https://app.example', { document: { featurePolicy } });
    assert.equal(browserEnvironment(URL, globals).delegated(), want);
  });
}

/**
 * @param {EventTarget} target
 * @param {string} blockedURI
 * @param {string} [disposition]
 */
function violate(target, blockedURI, disposition = 'enforce') {
  const event = new Event('securitypolicyviolation');
  target.dispatchEvent(Object.assign(event, { blockedURI, disposition }));
}

test('a policy that forbids the gateway is seen, and no other', () => {
  const globals = page('https://app.example');
  const environment = browserEnvironment(URL, globals);
  violate(globals, 'ws://127.0.0.1:7717/v1/ws', 'report');
  violate(globals, 'ws://127.0.0.1:77170/v1/ws');
  violate(globals, 'http://127.0.0.1:7717/v1/hello');
  violate(globals, 'inline');
  assert.equal(environment.blocked(), false);
  violate(globals, 'ws://127.0.0.1:7717/v1/ws');
  assert.equal(environment.blocked(), true);
});

test('some browsers tell only the origin of what they block', () => {
  const globals = page('https://app.example');
  const environment = browserEnvironment(URL, globals);
  violate(globals, 'ws://127.0.0.1:7717');
  assert.equal(environment.blocked(), true);
});

test('when released it no longer listens', () => {
  const globals = page('https://app.example');
  const environment = browserEnvironment(URL, globals);
  environment.release();
  violate(globals, 'ws://127.0.0.1:7717/v1/ws');
  assert.equal(environment.blocked(), false);
});

/** @param {(url: string, options: RequestInit) => Promise<any>} fetch */
function probe(fetch, globals = page('https://app.example')) {
  globals.fetch = fetch;
  return browserEnvironment(URL, globals).probe();
}

test('the probe asks for one path, and not for ever', async () => {
  /** @type {any[]} */
  const asked = [];
  const answer = await probe(
    async (url, { signal }) => {
      asked.push(url, signal instanceof AbortSignal);
      return { json: async () => ({ gateway: 'socketgate' }) };
    },
    page('https://app.example', { AbortSignal }),
  );
  assert.equal(answer, true);
  assert.deepEqual(asked, ['http://127.0.0.1:7717/v1/hello', true]);
});

test('another server is no gateway', async () => {
  assert.equal(await probe(async () => ({ json: async () => ({}) })), false);
  assert.equal(await probe(async () => ({ json: () => Promise.reject(new SyntaxError()) })), false);
});

test('nobody there', async () => {
  assert.equal(await probe(() => Promise.reject(new TypeError('Failed to fetch'))), false);
});

test('a probe that the policy forbids has found out nothing', async () => {
  const globals = page('https://app.example');
  const answer = await probe(() => {
    setTimeout(() => violate(globals, 'http://127.0.0.1:7717/v1/hello'));
    return Promise.reject(new TypeError('Failed to fetch'));
  }, globals);
  assert.equal(answer, undefined);
});

test('clicks and keys are gestures, until nobody wants to know', () => {
  const globals = page('https://app.example');
  let gestures = 0;
  const stop = browserEnvironment(URL, globals).onGesture(() => gestures++);
  globals.dispatchEvent(new Event('click'));
  globals.dispatchEvent(new Event('keydown'));
  assert.equal(gestures, 2);
  globals.dispatchEvent(new Event('mousemove'));
  assert.equal(gestures, 2);
  stop();
  globals.dispatchEvent(new Event('click'));
  assert.equal(gestures, 2);
});

test('a key that the browser does not take for an action is no gesture', () => {
  const userActivation = { isActive: false };
  const globals = page('https://app.example', { navigator: { userActivation } });
  const environment = browserEnvironment(URL, globals);
  let gestures = 0;
  environment.onGesture(() => gestures++);
  globals.dispatchEvent(new Event('keydown'));
  assert.equal(gestures, 0);
  assert.equal(environment.gesture(), false);
  userActivation.isActive = true;
  globals.dispatchEvent(new Event('keydown'));
  assert.equal(gestures, 1);
  assert.equal(environment.gesture(), true);
});
