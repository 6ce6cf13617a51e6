/**
 * The events of both namespaces, and the jobs that raise them. What happens to sockets that were there before the
 * page was loaded is kept until the page has listeners.
 */

import { DONE } from './dispatcher.js';
import { createEvent } from './event.js';

/** @import { Dispatcher, Job } from './dispatcher.js' */
/** @import { Event } from './event.js' */

export class Events {
  #dispatcher;
  /** Jobs that wait for listeners; undefined if none do. @type {Job[] | undefined} */
  #kept;
  #listenerAdded = () => {
    // Listeners are added together, in the turn of the first.
    if (this.#kept) setTimeout(() => this.#deliverKept(), 0);
  };

  /** @type {Event<[{ socketId: number, clientSocketId: number }]>} */
  onAccept = createEvent(this.#listenerAdded);
  /** @type {Event<[{ socketId: number, resultCode: number }]>} */
  onAcceptError = createEvent(this.#listenerAdded);
  /** @type {Event<[{ socketId: number, data: ArrayBuffer }]>} */
  onReceive = createEvent(this.#listenerAdded);
  /** @type {Event<[{ socketId: number, resultCode: number }]>} */
  onReceiveError = createEvent(this.#listenerAdded);

  /** @param {Dispatcher} dispatcher */
  constructor(dispatcher) {
    this.#dispatcher = dispatcher;
  }

  /** The job that was put in last and has not run; undefined if there is none. */
  get last() {
    return this.#kept ? this.#kept[this.#kept.length - 1] : this.#dispatcher.last;
  }

  /** @param {Job} job That raises an event. */
  push(job) {
    if (this.#kept) this.#kept.push(job);
    else this.#dispatcher.push(job);
  }

  /** @param {() => void} deliver Raises an event. */
  deliver(deliver) {
    this.push({
      run() {
        deliver();
        return DONE;
      },
    });
  }

  /** Keeps what comes, if the page has no listener yet. */
  keep() {
    const events = [this.onAccept, this.onAcceptError, this.onReceive, this.onReceiveError];
    if (!events.some((event) => event.hasListeners())) this.#kept = [];
  }

  #deliverKept() {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const job of kept) this.#dispatcher.push(job);
  }
}
