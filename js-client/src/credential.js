/**
 * The secret by which a gateway knows this page's origin again. The browser keeps it for the origin,
 * so that all its pages have it.
 */

/** Storage may be absent (in workers), forbidden, or full: then the secret lives as long as the page. */
export class Credential {
  #key;
  #storage;
  /** What storage did not take. @type {string | undefined} */
  #kept;

  /**
   * @param {string} url The gateway's.
   * @param {Storage | undefined} [storage]
   */
  constructor(url, storage = pageStorage()) {
    this.#key = `socketgate credential ${new URL(url).host}`;
    this.#storage = storage;
  }

  /** Read each time: another page of the origin may have been given a new one. */
  get value() {
    return this.#storage?.getItem(this.#key) ?? this.#kept;
  }

  /** @param {string | undefined} value */
  set value(value) {
    this.#kept = value;
    try {
      if (value === undefined) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, value);
    } catch {
      this.#storage = undefined; // Whose value is now out of date.
    }
  }
}

/** @returns {Storage | undefined} */
function pageStorage() {
  try {
    return globalThis.document && globalThis.localStorage;
  } catch {
    return undefined;
  }
}
