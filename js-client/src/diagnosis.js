/**
 * Which wall an attempt to connect has hit. A browser tells a page nothing but "failed", so this puts
 * together what else is known, the surest sign first.
 */

/** @import { Environment } from './environment.js' */
/** @import { Reason } from '../index.js' */

/**
 * @typedef {object} Failure
 * @property {unknown} [error] What the constructor of the WebSocket threw.
 * @property {boolean} [silent] Whether the WebSocket failed without a `close` event.
 */

/**
 * @param {string} url Of the gateway's WebSocket.
 * @param {Failure} failure
 * @param {Environment} environment
 * @returns {Promise<Reason>}
 */
export async function diagnose(url, { error, silent }, environment) {
  // Firefox throws where others raise an event.
  if (environment.blocked() || /CONTENT_BLOCKED/.test(String(error))) return 'csp';
  // Chromium throws if the host is a name that only happens to mean this computer, and WebKit, which
  // keeps https pages from every gateway without TLS, falls silent.
  const mixed = environment.https && url.startsWith('ws:');
  if (mixed && (silent || /SecurityError/.test(String(error)))) return 'mixed-content';
  if (error) return 'unreachable';

  const state = environment.local ? undefined : (await environment.permission())?.state;
  if (state === 'prompt') return 'lna-prompt'; // And a probe could make the browser ask.
  const answer = await environment.probe();
  if (answer) return 'origin-refused';
  if (state === 'denied') {
    if (!environment.delegated()) return 'iframe-policy';
    return environment.secure ? 'lna-denied' : 'insecure-context';
  }
  // What browsers without the permission hold against an https page, they hold against the probe too.
  const certain = answer === false && (environment.local || state || !mixed);
  return certain ? 'not-running' : 'unreachable';
}
