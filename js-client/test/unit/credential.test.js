/** Where the credential of an origin is kept, whether the browser keeps it or not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Credential } from '../../src/credential.js';

const URL = 'ws://127.0.0.1:7717/v1/ws';

/** @returns {any} As localStorage. */
function storage() {
  const map = new Map();
  return {
    map,
    getItem: (/** @type {string} */ key) => map.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => map.set(key, value),
    removeItem: (/** @type {string} */ key) => map.delete(key),
  };
}

test('it is kept for each gateway, by host and port', () => {
  const store = storage();
  new Credential(URL, store).value = 'one';
  new Credential('ws://127.0.0.1:7718/v1/ws', store).value = 'two';
  assert.deepEqual(
    [...store.map],
    [
      ['socketgate credential 127.0.0.1:7717', 'one'],
      ['socketgate credential 127.0.0.1:7718', 'two'],
    ],
  );
  assert.equal(new Credential('http://127.0.0.1:7717', store).value, 'one');
});

test('what another page of the origin was given is seen', () => {
  const store = storage();
  const [mine, other] = [new Credential(URL, store), new Credential(URL, store)];
  mine.value = 'old';
  other.value = 'new';
  assert.equal(mine.value, 'new');
});

test('a credential that is dropped is gone', () => {
  const store = storage();
  const credential = new Credential(URL, store);
  credential.value = 'secret';
  credential.value = undefined;
  assert.equal(credential.value, undefined);
  assert.equal(store.map.size, 0);
});

test('without storage it lives as long as the page', () => {
  const credential = new Credential(URL);
  assert.equal(credential.value, undefined);
  credential.value = 'secret';
  assert.equal(credential.value, 'secret');
  assert.equal(new Credential(URL).value, undefined);
});

test('storage that is full does not bring an old credential back', () => {
  const store = storage();
  const credential = new Credential(URL, store);
  credential.value = 'old';
  store.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  credential.value = 'new';
  assert.equal(credential.value, 'new');
});
