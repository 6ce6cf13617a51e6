/**
 * What a browser tells a page about its way to programs on the same computer. In one object, so that a
 * test can be any browser.
 */

/**
 * @typedef {object} Environment
 * @property {boolean} local Whether nobody guards the way: the page is of this computer itself, or
 *   there is no browser.
 * @property {boolean} secure Whether the page is a secure context.
 * @property {boolean} https Whether the page came over https, so that content may be mixed.
 * @property {() => Promise<PermissionStatus | undefined>} permission The browser's permission to reach
 *   this computer; undefined if it knows none.
 * @property {() => boolean} delegated Whether the pages around this one leave it that permission.
 * @property {() => boolean} gesture Whether the user has just clicked or typed.
 * @property {(listener: () => void) => () => void} onGesture Calls it when the user does; returns
 *   what stops it.
 * @property {() => boolean} blocked Whether the page's Content-Security-Policy has forbidden the
 *   WebSocket. Browsers tell before the WebSocket fails.
 * @property {() => Promise<boolean | undefined>} probe Whether a gateway answers; undefined if the
 *   policy forbids to ask.
 * @property {() => void} release Stops listening to the page.
 */

/** The permission to reach this computer. */
const NAME = /** @type {any} */ ('loopback-network');

/** A gateway that has not answered by then is none. */
const PROBE_MS = 3000;

/** The origin of a page of this computer. */
const LOOPBACK = /\/\/((.+\.)?localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;

/**
 * @param {string} url Of the gateway's WebSocket.
 * @param {any} [globals]
 * @returns {Environment}
 */
export function browserEnvironment(url, globals = globalThis) {
  const { navigator, document, location, origin } = globals;
  const probed = new URL('/v1/hello', url.replace('ws', 'http')).href;
  /** Those of the two URLs that the page's policy has forbidden. @type {Set<string>} */
  const blocked = new Set();
  /** @param {SecurityPolicyViolationEvent} event */
  const onViolation = ({ blockedURI, disposition }) => {
    if (disposition !== 'enforce' || !blockedURI) return;
    // Some browsers tell the origin only.
    for (const place of [url, probed]) if (place.startsWith(blockedURI)) blocked.add(place);
  };
  const eventTarget = location ? globals : new EventTarget();
  eventTarget.addEventListener('securitypolicyviolation', onViolation);

  return {
    // Files, extensions and the like are not asked about, nor are pages of this computer.
    local: !/^(https?|blob):$/.test(location?.protocol) || LOOPBACK.test(origin),
    secure: globals.isSecureContext !== false,
    https: /^https:/.test(origin),

    async permission() {
      try {
        return await navigator.permissions.query({ name: NAME });
      } catch {
        return undefined; // This browser does not know it.
      }
    },

    delegated() {
      const policy = document?.featurePolicy;
      return !policy?.features().includes(NAME) || policy.allowsFeature(NAME);
    },

    gesture: () => navigator?.userActivation?.isActive === true,

    onGesture(listener) {
      const types = ['click', 'keydown'];
      const options = { capture: true }; // Whatever the page does with the event.
      // Escape and the like are no activation; browsers that do not tell take any.
      const onEvent = () => navigator.userActivation?.isActive === false || listener();
      for (const type of types) eventTarget.addEventListener(type, onEvent, options);
      return () => {
        for (const type of types) eventTarget.removeEventListener(type, onEvent, options);
      };
    },

    blocked: () => blocked.has(url),

    async probe() {
      if (!location) return undefined; // A program in Node has better ways to find out.
      try {
        const signal = globals.AbortSignal?.timeout?.(PROBE_MS);
        const response = await globals.fetch(probed, { signal });
        return (await response.json()).gateway === 'socketgate';
      } catch {
        await new Promise((resolve) => setTimeout(resolve)); // The violation is told a task later.
        return blocked.has(probed) ? undefined : false;
      }
    },

    release: () => eventTarget.removeEventListener('securitypolicyviolation', onViolation),
  };
}
