/**
 * Fails unless each statement about Chrome, 1 to 127, is in exactly one of two places: in front of
 * the name of a test (`'42, 43: …'`), or in a table of docs/compatibility.md.
 *
 * The names are those that the test files really give: this imports them with a `node:test` that
 * writes names down and runs nothing.
 */

import { readFile, readdir } from 'node:fs/promises';
import { register } from 'node:module';

const LAST = 127;
const DOCUMENT = new URL('../../docs/compatibility.md', import.meta.url);
const FOLDERS = ['unit', 'integration', 'browser'];

/** Instead of `node:test`. A test that is skipped for no reason shows nothing. */
const RECORDER = `
  export function test(name, options) {
    if (options?.skip !== true && !options?.todo) globalThis.testNames.push(name);
  }
  export const before = () => {}, after = before, mock = undefined;
`;
const HOOKS = `
  const recorder = ${JSON.stringify(asModule(RECORDER))};
  export const resolve = (specifier, context, next) =>
    specifier === 'node:test' ? { url: recorder, shortCircuit: true } : next(specifier, context);
`;

/** @param {string} source */
function asModule(source) {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** @returns {Promise<string[]>} The names of all tests. */
async function readTestNames() {
  /** @type {string[]} */
  const names = [];
  Object.assign(globalThis, { testNames: names });
  register(asModule(HOOKS));
  for (const folder of FOLDERS) {
    const url = new URL(`../test/${folder}/`, import.meta.url);
    for (const file of await readdir(url)) {
      if (file.endsWith('.test.js')) await import(new URL(file, url).href);
    }
  }
  return names;
}

/**
 * @param {string} list Such as `83, 86, D9`.
 * @returns {number[]} The numbers in it.
 */
function numbersIn(list) {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => /^\d+$/.test(item))
    .map(Number);
}

/** Where each number was found. @type {Map<number, string[]>} */
const places = new Map();

/**
 * @param {string} list
 * @param {string} place
 */
function note(list, place) {
  for (const number of numbersIn(list)) {
    places.set(number, [...(places.get(number) ?? []), place]);
  }
}

const IN_TESTS = 'the name of a test';
for (const name of await readTestNames()) note(/^([\w, ]+):/.exec(name)?.[1] ?? '', IN_TESTS);
const document = await readFile(DOCUMENT, 'utf8');
document.split('\n').forEach((line, i) => {
  note(/^\| *([\d, ]+?) *\|/.exec(line)?.[1] ?? '', `docs/compatibility.md:${i + 1}`);
});

/** @type {string[]} */
const faults = [];
for (let number = 1; number <= LAST; number++) {
  const found = new Set(places.get(number));
  if (found.size === 0) faults.push(`${number} is nowhere`);
  if (found.size > 1) faults.push(`${number} is in ${[...found].join(' and in ')}`);
  places.delete(number);
}
for (const [number, found] of places) faults.push(`${number}, in ${found[0]}, does not exist`);
for (const fault of faults) console.error(fault);
if (faults.length === 0) console.log(`1 to ${LAST}: each has a test or a line in the tables`);
// Test files may hold handles that only their tests would close.
process.exit(faults.length === 0 ? 0 : 1);
