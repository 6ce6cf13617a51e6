/** A browser that says and does what a test wants; at first one that shows a page of the internet. */

/** @import { Environment } from '../src/environment.js' */

/** As a PermissionStatus. */
export class FakePermission extends EventTarget {
  /** @param {PermissionState} state */
  constructor(state) {
    super();
    this.state = state;
  }

  /** @param {PermissionState} state */
  change(state) {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}

/** @implements {Environment} */
export class FakeEnvironment {
  local = false;
  secure = true;
  https = true;
  /** @type {FakePermission | undefined} */
  status = new FakePermission('granted');
  isDelegated = true;
  isBlocked = false;
  /** What the probe finds; undefined: it may not look. @type {boolean | undefined} */
  answer = false;
  /** How often it has looked. */
  probes = 0;
  /** Whether the user has just clicked. */
  clicked = false;
  /** @type {Set<() => void>} */
  listeners = new Set();

  /** @param {Partial<FakeEnvironment>} [properties] */
  constructor(properties = {}) {
    Object.assign(this, properties);
  }

  async permission() {
    return /** @type {any} */ (this.status);
  }

  delegated() {
    return this.isDelegated;
  }

  gesture() {
    return this.clicked;
  }

  /** @param {() => void} listener */
  onGesture(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  blocked() {
    return this.isBlocked;
  }

  async probe() {
    this.probes++;
    return this.answer;
  }

  release() {}

  /** The user clicks somewhere in the page. */
  click() {
    for (const listener of [...this.listeners]) listener();
  }
}
