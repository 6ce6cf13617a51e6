/**
 * When a page may try to reach its gateway: never so that the browser asks its user a question out of
 * the blue.
 */

/** @import { Environment } from './environment.js' */

/**
 * @param {Environment} environment
 * @returns {Promise<boolean>} Whether an attempt, made now, can only fail or open. It can also make
 *   the browser ask, which is as good if the user has just clicked.
 */
export async function isWelcome(environment) {
  if (environment.local) return true;
  const permission = await environment.permission();
  return permission?.state !== 'prompt' || environment.gesture();
}

/**
 * Waits until an attempt is welcome.
 *
 * @param {Environment} environment
 * @param {boolean} byGesture Whether a click will do. Not after an attempt that failed: a question that
 *   was dismissed must not come again with each click.
 * @param {() => void} go Called once, and not if the wait is over.
 * @returns {() => void} Ends the wait.
 */
export function whenWelcome(environment, byGesture, go) {
  let over = false;
  /** @type {PermissionStatus | undefined} */
  let permission;
  const end = () => {
    over = true;
    permission?.removeEventListener('change', onChange);
    stopGestures();
  };
  const finish = () => {
    if (over) return;
    end();
    go();
  };
  // An attempt with a permission that was denied since asks nobody, and finds out about it.
  const onChange = () => permission?.state !== 'prompt' && finish();
  const stopGestures = byGesture ? environment.onGesture(finish) : () => {};
  void environment.permission().then((status) => {
    if (over || !status) return;
    permission = status;
    permission.addEventListener('change', onChange);
    if (permission.state === 'granted') finish();
  });
  return end;
}
