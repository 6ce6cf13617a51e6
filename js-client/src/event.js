/**
 * Events with the shape of Chrome's: the methods are own properties and can be detached.
 */

/**
 * @template {unknown[]} A
 * @typedef {(...args: A) => void} Listener
 */

/**
 * @template {unknown[]} A
 * @typedef {object} Event
 * @property {(listener: Listener<A>) => void} addListener A listener that is there counts once.
 * @property {(listener: Listener<A>) => void} removeListener
 * @property {(listener: Listener<A>) => boolean} hasListener
 * @property {() => boolean} hasListeners
 * @property {(...args: A) => void} dispatch Calls each listener, in the order of registration.
 */

/**
 * @template {unknown[]} A
 * @param {() => void} [added] Called when a listener has been added.
 * @returns {Event<A>}
 */
export function createEvent(added) {
  /** Never changed in place, so a dispatch works on a snapshot. @type {readonly Listener<A>[]} */
  let listeners = [];
  return {
    addListener(listener) {
      if (typeof listener !== 'function' || listeners.includes(listener)) return;
      listeners = [...listeners, listener];
      added?.();
    },
    removeListener(listener) {
      listeners = listeners.filter((other) => other !== listener);
    },
    hasListener(listener) {
      if (typeof listener !== 'function') throw new TypeError('Listener must be a function');
      return listeners.includes(listener);
    },
    hasListeners() {
      return listeners.length > 0;
    },
    dispatch(...args) {
      for (const listener of listeners) {
        try {
          listener(...args);
        } catch (error) {
          reportException('Error in event handler', error);
        }
      }
    },
  };
}

/**
 * Logs what a callback or a listener threw, as Chrome does: on the console, not as an error event.
 *
 * @param {string} where
 * @param {unknown} error
 */
export function reportException(where, error) {
  let text;
  try {
    text = (error instanceof Error && error.stack) || String(error);
  } catch {
    text = 'a value that cannot be shown';
  }
  console.error(`${where}: ${text}`);
}
