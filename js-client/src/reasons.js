/**
 * Why a client is not connected: a stable token for programs, and for people a sentence and what to
 * do about it.
 */

/**
 * What a client does then: tries again by itself (`retry`), waits until the browser or the user allows
 * it (`wait`), or gives up, because nothing changes while this page is there (`end`).
 *
 * @typedef {'retry' | 'wait' | 'end'} Sequel
 */

/** @typedef {import('../index.js').Reason} Reason */

/** @typedef {{ reason: Reason, message: string, help: string }} Explanation */

/** Sequel, message, help; URL stands for the gateway. @type {Record<Reason, [Sequel, string, string]>} */
const REASONS = {
  'not-running': ['retry', 'socketgate is not running.', 'Start it; the page connects by itself.'],
  'origin-refused': ['retry', 'The gateway refuses this page.', 'Its log says why.'],
  unreachable: ['retry', 'The gateway cannot be reached.', 'Is it running at URL?'],
  'lna-prompt': [
    'wait',
    'The browser must ask you before this page reaches this computer.',
    'Click in the page and choose Allow, or start socketgate and reload.',
  ],
  'lna-denied': [
    'wait',
    'The browser keeps this page from this computer.',
    'Allow apps and services on this device in the site settings.',
  ],
  'insecure-context': [
    'end',
    'The browser keeps http pages from this computer.',
    'Open the page over https or from localhost.',
  ],
  'iframe-policy': [
    'end',
    'The page around this one keeps it from this computer.',
    'Its frame needs allow="loopback-network".',
  ],
  csp: [
    'end',
    "The page's Content-Security-Policy forbids the connection.",
    'Add URL to its connect-src.',
  ],
  'mixed-content': [
    'end',
    'This browser keeps https pages from URL.',
    'Open the page from http://localhost.',
  ],
  'permission-needed': [
    'wait',
    'This page needs your permission.',
    'Click in the page, then approve its request.',
  ],
  'permission-pending': [
    'wait',
    'This page waits for your approval.',
    "Approve its request on socketgate's console.",
  ],
  'permission-denied': [
    'wait',
    'This page was denied permission.',
    'Reload the page to ask again.',
  ],
  revoked: ['end', "This page's permission was revoked.", 'Reload the page to ask again.'],
};

/**
 * @param {Reason} reason
 * @returns {Sequel}
 */
export function sequel(reason) {
  return REASONS[reason][0];
}

/**
 * @param {Reason} reason
 * @param {string} url The gateway's.
 * @returns {Explanation}
 */
export function explain(reason, url) {
  const { origin } = new URL(url);
  const [, message, help] = REASONS[reason].map((text) => text.replace('URL', origin));
  return { reason, message, help };
}
