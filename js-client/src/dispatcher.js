/**
 * The one queue of all callbacks and events of a client. They run in the order in which things
 * happened, and all microtasks run between two of them: code after `await connect(...)` runs
 * before the first onReceive.
 */

import { createTasks } from './tasks.js';

/** A job had nothing to do; the next one may run in the same step. */
export const SKIPPED = 0;
/** A job has run and is finished. */
export const DONE = 1;
/** A job has run and keeps its place at the head of the queue. */
export const AGAIN = 2;

/** A slice of the queue runs at most this long before other tasks get their turn. */
const SLICE_MS = 8;

/** What jobs have sent leaves at least this often. */
const FLUSH_MS = 1;

/**
 * @typedef {object} Job
 * @property {() => typeof SKIPPED | typeof DONE | typeof AGAIN} run Must not throw.
 */

export class Dispatcher {
  /** @type {Job[]} */
  #queue = [];
  #head = 0;
  /** Whether all microtasks have run since the last job. */
  #clean = true;
  #markClean = () => {
    this.#clean = true;
  };
  /** Runs before the next job, after the microtasks of the last. @type {(() => void) | undefined} */
  #afterwards;
  #inSlice = false;
  #kicked = false;
  /** Whether this slice is the one that was asked for, and not behind a message. */
  #asked = false;
  #flushRequested = false;
  #sliceEnds = 0;
  #flushAt = 0;
  #tasks = createTasks({
    begin: (kicked) => this.#begin(kicked),
    step: () => this.#step(),
    end: () => this.#end(),
  });

  /** Sends what was gathered, if there is anything. The session sets it. @type {() => boolean} */
  flush = () => false;

  /** The job that was put in last and has not run; undefined if the queue is empty. */
  get last() {
    return this.#head < this.#queue.length ? this.#queue[this.#queue.length - 1] : undefined;
  }

  /** @param {Job} job */
  push(job) {
    this.#queue.push(job);
    if (!this.#inSlice) this.#kick();
  }

  /**
   * Runs `deliver` in its turn.
   *
   * @param {() => void} deliver Must not throw.
   */
  deliver(deliver) {
    this.push({
      run() {
        deliver();
        return DONE;
      },
    });
  }

  /**
   * From within a job: runs `cleanUp` when all microtasks that follow the job have run.
   *
   * @param {() => void} cleanUp
   */
  afterwards(cleanUp) {
    this.#afterwards = cleanUp;
  }

  /**
   * Calls `listener` for each `message` event of `target`, and the jobs it puts in as early as
   * can be.
   *
   * @param {EventTarget} target
   * @param {(event: MessageEvent) => void} listener
   */
  attach(target, listener) {
    this.#tasks.attach(target, listener);
  }

  /** Asks for `flush` when the slice has ended, or at the end of the current task if none runs. */
  requestFlush() {
    if (this.#inSlice || this.#flushRequested) return;
    this.#flushRequested = true;
    queueMicrotask(() => {
      this.#flushRequested = false;
      this.flush();
    });
  }

  #kick() {
    if (this.#kicked) return;
    this.#kicked = true;
    this.#tasks.kick(this.#queue.length - this.#head + 1);
  }

  /** @param {boolean} kicked */
  #begin(kicked) {
    const now = performance.now();
    // What was left to the slice that is to come has waited since an earlier one.
    if (!this.#kicked) this.#flushAt = now + FLUSH_MS;
    if (kicked) this.#kicked = false;
    this.#asked = kicked;
    this.#inSlice = true;
    this.#sliceEnds = now + SLICE_MS;
  }

  /** @returns {boolean} Whether this slice can go on. */
  #step() {
    // Where microtasks do not run between two listeners, the rest of the slice does nothing.
    if (!this.#clean) return true;
    this.#cleanUp();
    if (this.#head === this.#queue.length) return false;
    const now = performance.now();
    if (now >= this.#sliceEnds) return false;
    if (now >= this.#flushAt) {
      this.#flushAt = now + FLUSH_MS;
      this.flush();
    }
    return this.#runOne();
  }

  /** Runs the first job that has something to do. */
  #runOne() {
    const queue = this.#queue;
    while (this.#head < queue.length) {
      const job = queue[this.#head];
      const progress = job.run();
      if (progress !== AGAIN) this.#drop();
      if (progress === SKIPPED) continue;
      this.#clean = false;
      queueMicrotask(this.#markClean);
      return true;
    }
    return false;
  }

  /** Takes the first job off the queue. */
  #drop() {
    const queue = this.#queue;
    this.#head++;
    if (this.#head === queue.length) {
      queue.length = this.#head = 0;
    } else if (this.#head === 1024) {
      queue.splice(0, 1024);
      this.#head = 0;
    }
  }

  #cleanUp() {
    const cleanUp = this.#afterwards;
    if (!cleanUp) return;
    this.#afterwards = undefined;
    cleanUp();
  }

  #end() {
    if (this.#clean) this.#cleanUp();
    this.#inSlice = false;
    // A message that comes alone is answered at once. The slice that is asked for then runs behind the
    // messages that have come with it, and sends what they have led to together.
    const sent = (this.#asked || !this.#kicked) && this.flush() && this.#tasks.attached;
    if (sent || this.#head < this.#queue.length || this.#afterwards) this.#kick();
  }
}
