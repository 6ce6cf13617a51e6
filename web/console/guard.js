/**
 * Keeps buttons dead while a user cannot have read what they do: for a moment after the page comes into
 * view or into focus, and after what it shows has changed. A page that asks could otherwise put this one
 * under a click that was meant for something else.
 */

const DEAD_MS = 1000;

export class Guard {
  #root;
  #timer;
  #dead = true;

  /** @param {HTMLElement} root Its buttons are guarded. */
  constructor(root) {
    this.#root = root;
    for (const type of ["focus", "blur"]) window.addEventListener(type, () => this.rearm());
    document.addEventListener("visibilitychange", () => this.rearm());
    this.rearm();
  }

  /** To be called when what is shown has changed. */
  rearm() {
    clearTimeout(this.#timer);
    this.#dead = true;
    this.apply();
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    this.#timer = setTimeout(() => {
      this.#dead = false;
      this.apply();
    }, DEAD_MS);
  }

  /** To be called when there are new buttons that do what others did at the same place. */
  apply() {
    for (const button of this.#root.querySelectorAll("button")) button.disabled = this.#dead;
  }
}
