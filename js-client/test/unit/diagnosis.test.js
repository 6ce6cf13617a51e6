/** Which wall a failed connection has hit, for each thing that browsers let a page see. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from '../../src/diagnosis.js';
import { explain, sequel } from '../../src/reasons.js';
import { FakeEnvironment, FakePermission } from '../fake-environment.js';

const URL = 'ws://127.0.0.1:7717/v1/ws';

/** @param {string} name */
const thrown = (name) => ({ error: new DOMException('no', name) });

const denied = new FakePermission('denied');
const prompt = new FakePermission('prompt');

/** @type {{ name: string, browser?: Partial<FakeEnvironment>, failure?: object, url?: string, want: string }[]} */
const CASES = [
  {
    name: 'a page of this computer, and nobody answers',
    browser: { local: true, https: false, status: prompt },
    want: 'not-running',
  },
  {
    name: 'a page of this computer, and the gateway answers',
    browser: { local: true, https: false, status: prompt, answer: true },
    want: 'origin-refused',
  },
  { name: 'an allowed page, and nobody answers', want: 'not-running' },
  {
    name: 'an allowed page, and the gateway answers',
    browser: { answer: true },
    want: 'origin-refused',
  },
  {
    name: 'the question was dismissed, or never came',
    browser: { status: prompt },
    want: 'lna-prompt',
  },
  { name: 'the answer was no', browser: { status: denied }, want: 'lna-denied' },
  {
    name: 'a page of the internet over http',
    browser: { status: denied, secure: false, https: false },
    want: 'insecure-context',
  },
  {
    name: 'a page of the network over http, and the gateway answers',
    browser: { status: denied, secure: false, https: false, answer: true },
    want: 'origin-refused',
  },
  {
    name: 'a frame without the permission',
    browser: { status: denied, isDelegated: false },
    want: 'iframe-policy',
  },
  {
    name: 'an insecure frame without the permission',
    browser: { status: denied, isDelegated: false, secure: false, https: false },
    want: 'iframe-policy',
  },
  {
    name: 'a policy that forbids the connection',
    browser: { isBlocked: true },
    failure: { silent: true },
    want: 'csp',
  },
  {
    name: 'a policy that forbids the connection before anybody was asked',
    browser: { isBlocked: true, status: prompt },
    failure: { silent: true },
    want: 'csp',
  },
  {
    name: 'a policy in Firefox, which throws',
    failure: { error: new Error('NS_ERROR_CONTENT_BLOCKED') },
    want: 'csp',
  },
  {
    name: 'mixed content in Chromium, which throws',
    failure: thrown('SecurityError'),
    want: 'mixed-content',
  },
  {
    name: 'mixed content in WebKit, which falls silent',
    browser: { status: undefined },
    failure: { silent: true },
    want: 'mixed-content',
  },
  {
    name: 'silence over TLS is no mixed content',
    url: 'wss://localhost:7717/v1/ws',
    failure: { silent: true },
    want: 'not-running',
  },
  { name: 'a URL that no WebSocket takes', failure: thrown('SyntaxError'), want: 'unreachable' },
  {
    name: 'a browser without the permission may keep an https page from the probe too',
    browser: { status: undefined },
    want: 'unreachable',
  },
  {
    name: 'it keeps no http page from it',
    browser: { status: undefined, https: false, secure: false },
    want: 'not-running',
  },
  {
    name: 'a policy that permits the WebSocket but no probe',
    browser: { local: true, https: false, answer: undefined },
    want: 'unreachable',
  },
];

for (const { name, browser, failure = {}, url = URL, want } of CASES) {
  test(`${want}: ${name}`, async () => {
    assert.equal(await diagnose(url, failure, new FakeEnvironment(browser)), want);
  });
}

test('there is no probe that could make the browser ask', async () => {
  const environment = new FakeEnvironment({ status: new FakePermission('prompt') });
  await diagnose(URL, {}, environment);
  assert.equal(environment.probes, 0);
});

test('an explanation names the gateway where that helps', () => {
  assert.deepEqual(explain('csp', URL), {
    reason: 'csp',
    message: "The page's Content-Security-Policy forbids the connection.",
    help: 'Add ws://127.0.0.1:7717 to its connect-src.',
  });
});

test('only what needs no permission of the browser is tried again by time', () => {
  const reasons = /** @type {const} */ (['not-running', 'origin-refused', 'unreachable']);
  for (const reason of reasons) assert.equal(sequel(reason), 'retry');
  for (const reason of /** @type {const} */ (['lna-prompt', 'lna-denied'])) {
    assert.equal(sequel(reason), 'wait');
  }
});
