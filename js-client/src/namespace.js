/**
 * What both faces share: an object with one plain, detachable function per method.
 */

import { checkArguments, parseSignature } from './arguments.js';
import { SIGNATURES } from './signatures.js';

/** @import { Sockets } from './sockets.js' */
/** @import { NamespaceName } from './signatures.js' */

/** @typedef {{ tcpServer: any, tcp: any }} Face */

/**
 * How a face turns a call into a call of the implementation.
 *
 * @callback Caller
 * @param {string} method With its namespace.
 * @param {(args: unknown[]) => unknown[]} check Throws TypeError; gives one value per parameter.
 * @param {unknown[]} args
 * @returns {unknown} What the method returns.
 */

/**
 * @param {Sockets} sockets
 * @param {boolean} callbacks Whether the methods of this face take a callback.
 * @param {Caller} call
 * @returns {Face}
 */
export function createFace(sockets, callbacks, call) {
  const { onAccept, onAcceptError, onReceive, onReceiveError } = sockets.events;
  return {
    tcpServer: { ...methods('tcpServer', callbacks, call), onAccept, onAcceptError },
    tcp: {
      DnsQueryType: { ANY: 'any', IPV4: 'ipv4', IPV6: 'ipv6' },
      ...methods('tcp', callbacks, call),
      onReceive,
      onReceiveError,
    },
  };
}

/**
 * @param {NamespaceName} namespace
 * @param {boolean} callbacks
 * @param {Caller} call
 */
function methods(namespace, callbacks, call) {
  /** @type {Record<string, Function>} */
  const methods = {};
  for (const [name, signature] of Object.entries(SIGNATURES[namespace])) {
    const method = `${namespace}.${name}`;
    const parameters = parseSignature(signature);
    if (!callbacks) parameters.pop();
    const text = callbacks ? signature : signature.replace(/(, )?(optional )?function .*/, '');
    /** @param {unknown[]} args */
    const check = (args) => checkArguments(method, text, parameters, args);
    // A method of an object literal: its name is set, its length is 0.
    const holder = {
      /** @param {unknown[]} args */
      [name](...args) {
        return call(method, check, args);
      },
    };
    methods[name] = holder[name];
  }
  return methods;
}
