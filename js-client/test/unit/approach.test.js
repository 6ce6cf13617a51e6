/** When a page may try to reach its gateway, and what it waits for until then. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWelcome, whenWelcome } from '../../src/approach.js';
import { FakeEnvironment, FakePermission } from '../fake-environment.js';
import { settled } from '../fake-gateway.js';

for (const { name, browser, want } of [
  { name: 'a page of this computer', browser: { local: true }, want: true },
  { name: 'a browser without the permission', browser: { status: undefined }, want: true },
  {
    name: 'a page that was allowed',
    browser: { status: new FakePermission('granted') },
    want: true,
  },
  // It fails at once and asks nobody.
  { name: 'a page that was denied', browser: { status: new FakePermission('denied') }, want: true },
  {
    name: 'a click',
    browser: { status: new FakePermission('prompt'), clicked: true },
    want: true,
  },
  { name: 'out of the blue', browser: { status: new FakePermission('prompt') }, want: false },
]) {
  test(`an attempt of ${name} is ${want ? '' : 'not '}welcome`, async () => {
    assert.equal(await isWelcome(new FakeEnvironment(browser)), want);
  });
}

/**
 * @param {PermissionState} state
 * @param {boolean} byGesture
 */
async function wait(state, byGesture) {
  const permission = new FakePermission(state);
  const environment = new FakeEnvironment({ status: permission });
  let attempts = 0;
  const end = whenWelcome(environment, byGesture, () => attempts++);
  await settled();
  return { permission, environment, end, attempts: () => attempts };
}

test('a click ends the wait, once', async () => {
  const { environment, permission, attempts } = await wait('prompt', true);
  assert.equal(attempts(), 0, 'nothing happens before the click');
  environment.click();
  environment.click();
  permission.change('granted');
  assert.equal(attempts(), 1);
  assert.equal(environment.listeners.size, 0, 'nobody listens any more');
});

test('after a failed attempt a click is not enough', async () => {
  const { environment, permission, attempts } = await wait('prompt', false);
  environment.click();
  assert.equal(attempts(), 0);
  permission.change('granted');
  assert.equal(attempts(), 1);
});

test('a permission that is taken back to the question is no reason to try', async () => {
  const { permission, attempts } = await wait('denied', false);
  permission.change('prompt');
  assert.equal(attempts(), 0);
  permission.change('granted');
  permission.change('granted');
  assert.equal(attempts(), 1);
});

test('a permission that was granted before anybody looked counts', async () => {
  assert.equal((await wait('granted', false)).attempts(), 1);
});

test('a denial ends the wait too, to find out what is wrong now', async () => {
  const { permission, attempts } = await wait('prompt', true);
  permission.change('denied');
  assert.equal(attempts(), 1);
});

test('after its end a wait does nothing', async () => {
  const { environment, permission, end, attempts } = await wait('prompt', true);
  end();
  environment.click();
  permission.change('granted');
  assert.equal(attempts(), 0);
});

test('a wait that ends before the browser has said anything does nothing', async () => {
  const environment = new FakeEnvironment({ status: new FakePermission('granted') });
  let attempts = 0;
  whenWelcome(environment, true, () => attempts++)();
  await settled();
  assert.equal(attempts, 0);
});
