/** The console's key: from the address that the gateway prints, and then from this browser's storage. */

const NAME = "socketgate console key";

/**
 * Takes what the address says out of it, so that it is neither seen nor kept in the history.
 *
 * @returns {{ key: string | null, request: string | null }}
 */
export function takeFragment() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  return { key: fragment.get("key"), request: fragment.get("request") };
}

/** @returns {string | null} */
export function keptKey() {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null; // This browser keeps nothing.
  }
}

/** @param {string} key One that the gateway has taken: others must not put a working one out. */
export function keepKey(key) {
  try {
    localStorage.setItem(NAME, key);
  } catch {
    // It works until this page is closed.
  }
}
