/**
 * Checks arguments as Chrome does: in the caller, before anything happens, with the same texts.
 */

import { SHAPES } from './signatures.js';

/**
 * @typedef {object} Parameter
 * @property {string} name
 * @property {string} type
 * @property {boolean} optional
 */

/**
 * @typedef {object} Signature
 * @property {string} text
 * @property {Parameter[]} parameters Without the callback if there is none to give.
 */

/**
 * @param {string} text
 * @returns {Parameter[]}
 */
export function parseSignature(text) {
  return text.split(', ').map((parameter) => {
    const words = parameter.split(' ');
    const optional = words[0] === 'optional';
    if (optional) words.shift();
    return { type: words[0], name: words[1], optional };
  });
}

/**
 * @param {string} method With its namespace, for the text of the error.
 * @param {string} signature For the text of the error.
 * @param {Parameter[]} parameters
 * @param {unknown[]} args
 * @returns {unknown[]} One per parameter, copied where the caller could change it later; undefined
 *   where it was left out. Binary data is a view of the caller's memory.
 */
export function checkArguments(method, signature, parameters, args) {
  /** @type {unknown[]} */
  const values = new Array(parameters.length);
  let fault;
  if (assign(parameters, 0, args, 0, values)) {
    for (let i = 0; i < values.length && !fault; i++) {
      const { name, type } = parameters[i];
      if (values[i] === undefined) continue;
      if (type === 'binary') values[i] = viewOf(values[i]);
      else if (SHAPES[type]) fault = checkShape(type, values, i, `parameter '${name}'`);
    }
  } else {
    fault = 'No matching signature.';
  }
  if (!fault) return values;
  throw new TypeError(`Error in invocation of sockets.${method}(${signature}): ${fault}`);
}

/**
 * Gives each parameter from `p` on an argument from `a` on: an optional one may be left out, and
 * the arguments behind it shift left.
 *
 * @param {Parameter[]} parameters
 * @param {number} p
 * @param {unknown[]} args
 * @param {number} a
 * @param {unknown[]} values
 * @returns {boolean} Whether all arguments have found their place.
 */
function assign(parameters, p, args, a, values) {
  if (p === parameters.length) return a >= args.length;
  const { type, optional } = parameters[p];
  const value = args[a];
  if (value === undefined || value === null) {
    values[p] = undefined;
    return optional && assign(parameters, p + 1, args, a + 1, values);
  }
  if (fits(type, value)) {
    values[p] = value;
    if (assign(parameters, p + 1, args, a + 1, values)) return true;
  }
  values[p] = undefined;
  return optional && assign(parameters, p + 1, args, a, values);
}

/**
 * @param {string} type
 * @param {unknown} value
 * @returns {boolean} Whether the value is of the right kind; inside a dictionary anything goes.
 */
function fits(type, value) {
  if (type === 'integer') return typeof value === 'number' && (value | 0) === value;
  if (type === 'binary') return ArrayBuffer.isView(value) || isArrayBuffer(value);
  const shape = SHAPES[type];
  if (!shape) return typeof value === type;
  if (Array.isArray(shape)) return typeof value === 'string';
  return typeof value === 'object' && !Array.isArray(value);
}

/**
 * Checks an enum or a dictionary, and puts a copy of the dictionary in its place.
 *
 * @param {string} type
 * @param {any} container
 * @param {string | number} key
 * @param {string} where
 * @returns {string | undefined} What is wrong.
 */
function checkShape(type, container, key, where) {
  const shape = SHAPES[type];
  const value = container[key];
  if (Array.isArray(shape)) {
    if (shape.includes(value)) return undefined;
    return `Error at ${where}: Value must be one of ${shape.join(', ')}.`;
  }
  /** @type {Record<string, unknown>} */
  const copy = {};
  for (const name of Object.keys(value)) {
    const wanted = shape[name];
    if (!Object.hasOwn(shape, name)) return `Error at ${where}: Unexpected property: '${name}'.`;
    copy[name] = value[name] ?? undefined;
    if (copy[name] === undefined) continue;
    const inside = `property '${name}'`;
    let fault;
    if (!fits(wanted, copy[name])) {
      const expected = SHAPES[wanted] ? 'object' : wanted;
      fault = `Error at ${inside}: Invalid type: expected ${expected}, found ${kindOf(copy[name])}.`;
    } else if (SHAPES[wanted]) {
      fault = checkShape(wanted, copy, name, inside);
    }
    if (fault) return `Error at ${where}: ${fault}`;
  }
  container[key] = copy;
  return undefined;
}

/**
 * @param {unknown} value Not null or undefined.
 * @returns {string} Chrome's name for its type.
 */
function kindOf(value) {
  if (fits('integer', value)) return 'integer';
  if (Array.isArray(value)) return 'array';
  if (fits('binary', value)) return 'binary';
  return typeof value;
}

const byteLength = /** @type {{ get: () => number }} */ (
  Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')
).get;

/**
 * @param {unknown} value
 * @returns {boolean} Also true for one of another frame, and for a detached one.
 */
function isArrayBuffer(value) {
  if (typeof value !== 'object') return false;
  try {
    byteLength.call(value);
    return true;
  } catch {
    return false; // The getter throws for everything else.
  }
}

/**
 * @param {any} data An ArrayBuffer, or a view of one.
 * @returns {Uint8Array} The same memory. A detached buffer counts as empty.
 */
function viewOf(data) {
  if (data.byteLength === 0) return new Uint8Array(0);
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  return new Uint8Array(data);
}
