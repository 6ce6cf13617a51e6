/** Waiting for something that others change. */

export class Watch {
  /** @type {{ holds: () => boolean, resolve: () => void }[]} */
  #waiting = [];

  /**
   * @param {() => boolean} holds
   * @returns {Promise<void>} Fulfilled when it does.
   */
  until(holds) {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  }

  /** Something may have changed. */
  changed() {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ holds, resolve }) => {
      const done = holds();
      if (done) resolve();
      return !done;
    });
  }
}
