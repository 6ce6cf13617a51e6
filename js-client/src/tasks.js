/**
 * Where steps of the dispatcher run: native events in browsers, immediates in Node.
 *
 * A browser drains the microtask queue after each listener of a native event (HTML, "clean up
 * after running script"). So one event with many distinct listeners is as good as many tasks, at a
 * small part of their cost. Node drains it between two immediates.
 */

/** Most steps in one slice, so that rendering, timers and other tasks get their turn. */
const STEPS = 64;

/** Fewest immediates of a slice: jobs that come in before it starts should run in it. */
const FEWEST = 16;

/**
 * The three calls of a slice: `begin`, then `step` while it returns true, then `end`.
 *
 * @typedef {object} Slice
 * @property {(kicked: boolean) => void} begin `kicked`: this slice is the one that `kick` asked for.
 * @property {() => boolean} step
 * @property {() => void} end
 */

/**
 * @typedef {object} Tasks
 * @property {boolean} attached Whether `attach` runs slices.
 * @property {(steps: number) => void} kick Runs a slice soon, with about this many steps.
 * @property {(target: EventTarget, listener: (event: MessageEvent) => void) => void} attach Calls
 *   `listener` for each `message` event of `target`, and where possible runs a slice right behind
 *   it in the same event.
 */

/**
 * @param {Slice} slice
 * @returns {Tasks}
 */
export function createTasks(slice) {
  return isNode() ? immediates(slice) : nativeEvents(slice);
}

/** @returns {boolean} Whether this is Node, whose event loop has immediates. */
export function isNode() {
  const { process } = /** @type {{ process?: unknown }} */ (globalThis);
  return (
    typeof setImmediate === 'function' &&
    Object.prototype.toString.call(process) === '[object process]'
  );
}

/**
 * @param {Slice} slice
 * @returns {Tasks}
 */
function immediates({ begin, step, end }) {
  return {
    attached: false,
    kick(steps) {
      setImmediate(begin, true);
      for (let i = Math.max(FEWEST, Math.min(steps, STEPS)); i > 0; i--) setImmediate(step);
      setImmediate(end);
    },
    attach(target, listener) {
      target.addEventListener('message', /** @type {EventListener} */ (listener));
    },
  };
}

/**
 * @param {Slice} slice
 * @returns {Tasks}
 */
function nativeEvents({ begin, step, end }) {
  /** @type {MessagePort | undefined} */
  let port;

  /**
   * @param {EventTarget} target
   * @param {((event: MessageEvent) => void)} [listener]
   */
  function listen(target, listener) {
    target.addEventListener('message', () => begin(!listener));
    if (listener) target.addEventListener('message', /** @type {EventListener} */ (listener));
    for (let i = 0; i < STEPS; i++) {
      target.addEventListener('message', (event) => {
        if (step()) return;
        event.stopImmediatePropagation();
        end();
      });
    }
    target.addEventListener('message', () => end());
  }

  return {
    attached: true,
    kick() {
      if (!port) {
        const channel = new MessageChannel();
        port = channel.port2;
        listen(channel.port1);
        channel.port1.start();
      }
      port.postMessage(0);
    },
    attach: listen,
  };
}
