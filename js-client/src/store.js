/**
 * Where a page keeps what it needs to come back to its session after it has been loaded again. A tab that was
 * duplicated has a copy of it: who holds the lock of the session, the page that is still there, has it.
 */

/** @typedef {{ session: string, secret: string }} Ticket */

/** How long the page before may take to give its lock back. */
const LOCK_MS = 500;

export class SessionStore {
  #key;
  /** @type {Storage | undefined} */
  #storage;
  /** @type {LockManager | undefined} */
  #locks;
  /** The session whose lock this page holds. @type {string | undefined} */
  #held;
  /** Gives the lock back. @type {() => void} */
  #release = () => {};
  /** Whether what is stored is another page's. */
  #foreign = false;

  /**
   * @param {string} url Of the gateway.
   * @param {'tab' | 'origin' | 'none'} scope
   */
  constructor(url, scope) {
    this.#key = `socketgate ${url}`;
    const locks = globalThis.navigator?.locks;
    if (scope === 'none' || typeof locks?.request !== 'function') return;
    try {
      this.#storage = scope === 'tab' ? globalThis.sessionStorage : globalThis.localStorage;
      this.#locks = locks;
    } catch {
      // The page may not store anything; then it does not come back.
    }
  }

  /**
   * What the page that was here before has left, if this one may have it.
   *
   * @returns {Promise<Ticket | undefined> | undefined} Undefined where that is certain: nothing.
   */
  claim() {
    if (!this.#storage) return undefined;
    /** @type {Ticket | undefined} */
    let ticket;
    try {
      ticket = JSON.parse(this.#storage.getItem(this.#key) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
    if (!ticket) return undefined;
    const { session } = ticket;
    return this.#lock(session, AbortSignal.timeout(LOCK_MS)).then((mine) => {
      this.#foreign = !mine;
      return mine ? ticket : undefined;
    });
  }

  /** @param {Ticket} ticket */
  save(ticket) {
    if (!this.#storage || ticket.session === this.#held) return;
    // Another tab of the origin goes on with what is there; in a tab of its own this page's takes its place.
    if (this.#foreign && this.#storage === localStorageOf()) return;
    try {
      this.#storage.setItem(this.#key, JSON.stringify(ticket));
      void this.#lock(ticket.session);
    } catch {
      // The storage is full or was taken away; then the page does not come back.
    }
  }

  /** The session has ended. */
  clear() {
    this.#release();
    if (!this.#storage || !this.#held) return;
    try {
      this.#storage.removeItem(this.#key);
    } catch {
      // As above.
    }
  }

  /**
   * @param {string} session
   * @param {AbortSignal} [signal]
   * @returns {Promise<boolean>} Whether this page has the lock, until it is released or the page ends.
   */
  #lock(session, signal) {
    this.#release();
    return new Promise((resolve) => {
      const held = new Promise((release) => (this.#release = () => release(undefined)));
      const options = signal ? { signal } : {};
      this.#locks
        ?.request(`socketgate ${session}`, options, () => {
          this.#held = session;
          resolve(true);
          return held;
        })
        .catch(() => resolve(false));
    });
  }
}

/** @returns {Storage | undefined} */
function localStorageOf() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
