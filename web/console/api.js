/** The console's API, as the gateway serves it beside these files. */

/** After this a request for news counts as lost; the gateway answers one after 25 s at the latest. */
const PATIENCE_MS = 40000;

/** The gateway does not take the key. */
export class WrongKey extends Error {}

/**
 * @typedef {object} Permission
 * @property {string} text A sentence without a full stop.
 * @property {string} risk
 *
 * @typedef {object} Request
 * @property {string} code
 * @property {string} origin
 * @property {string} name What the page calls itself.
 * @property {Permission[]} permissions
 * @property {number} seconds Until it expires.
 *
 * @typedef {object} Grant
 * @property {string} origin
 * @property {string} name
 * @property {Permission[]} permissions
 * @property {number} created Times are in seconds since 1970.
 * @property {number | null} used
 * @property {number | null} expires
 * @property {"session" | "30d" | "always" | "program"} kind
 * @property {number} sessions Open now.
 *
 * @typedef {object} State
 * @property {number} version
 * @property {Request[]} requests
 * @property {Grant[]} grants
 * @property {string[]} blocked Origins that are turned away.
 */

/**
 * @param {string} key
 * @param {number} [version] Waits for a state that is not this one.
 * @returns {Promise<State>}
 */
export function readState(key, version) {
  return ask(key, version === undefined ? "/v1/state" : `/v1/state?after=${version}`, {});
}

/**
 * @param {string} key
 * @param {"approve" | "deny" | "revoke"} act
 * @param {object} what
 * @returns {Promise<State>} The new state.
 */
export function decide(key, act, what) {
  const headers = { "Content-Type": "application/json" };
  return ask(key, `/v1/${act}`, { method: "POST", headers, body: JSON.stringify(what) });
}

async function ask(key, path, { headers, ...options }) {
  if (!/^[!-~]+$/.test(key)) throw new WrongKey(); // No header takes it.
  const response = await fetch(path, {
    ...options,
    headers: { ...headers, Authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (response.status === 401 || response.status === 403) throw new WrongKey();
  if (!response.ok) throw new Error((await response.text()).trim() || `status ${response.status}`);
  return response.json();
}
