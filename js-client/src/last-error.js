/**
 * `chrome.runtime.lastError`: there while a failing callback and the microtasks behind it run, and
 * not at all otherwise.
 */

/** @import { Dispatcher } from './dispatcher.js' */

export class LastError {
  #runtime;
  #dispatcher;

  /**
   * @param {object} runtime `chrome.runtime`; it may be the browser's own.
   * @param {Dispatcher} dispatcher
   */
  constructor(runtime, dispatcher) {
    this.#runtime = runtime;
    this.#dispatcher = dispatcher;
  }

  /**
   * Sets the error for the callback that is about to run. One that nobody reads is logged.
   *
   * @param {string} message
   */
  set(message) {
    const runtime = this.#runtime;
    const own = Object.getOwnPropertyDescriptor(runtime, 'lastError');
    const error = { message };
    let read = false;
    // The runtime of an extension has a lastError of its own, perhaps one that cannot be replaced.
    const replaced = Reflect.defineProperty(runtime, 'lastError', {
      get() {
        read = true;
        return error;
      },
      configurable: true,
      enumerable: true,
    });
    this.#dispatcher.afterwards(() => {
      if (replaced) Reflect.deleteProperty(runtime, 'lastError');
      if (replaced && own) Reflect.defineProperty(runtime, 'lastError', own);
      if (!read) console.error(`Unchecked runtime.lastError: ${message}`);
    });
  }
}
