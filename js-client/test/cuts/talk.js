/** What a program does with one connected stream, while its peer sends and receives. */

import { setImmediate as nextTask } from 'node:timers/promises';
import { seeded } from '../random.js';
import { magnitude } from './plan.js';

/** @import { Peer } from './peer.js' */
/** @import { Outcome, Program } from './program.js' */
/** @import { Random } from './plan.js' */
/** @import { StreamModel } from './stream-model.js' */

/** Most bytes each way, and how likely it is that so many are reached. */
const TOTALS = [1, 300, 300, 20_000, 200_000, 200_000, 1_000_000, 4_000_000];

/** Most bytes in one send. */
const LONGEST_SEND = 1 << 20;

/** A send that found the stream not connected; one that the peer's reset has overtaken. */
const NOT_CONNECTED = -15;
const FAILED = -2;

export class Talk {
  /** Sends without an answer. @type {Set<Promise<void>>} */
  #sending = new Set();
  /** How many sends were made, and answered, of those that had a connection. */
  #made = 0;
  #answered = 0;
  /** Whether a send has failed because the peer was reset. */
  #broken = false;
  /** @type {Promise<void>} */
  #peerSends = Promise.resolve();

  /**
   * @param {Program} program
   * @param {StreamModel} stream That is connected.
   * @param {Peer} peer
   * @param {Random} random
   */
  constructor(program, stream, peer, random) {
    this.program = program;
    this.stream = stream;
    this.peer = peer;
    this.random = random;
  }

  /**
   * Talks for a while. At the end the stream is not paused.
   *
   * @param {boolean} [complete] Whether everything is sent and received then.
   */
  async run(complete = true) {
    const { peer, stream } = this;
    const down = this.#total();
    const up = this.#total();
    const own = () => seeded(this.random(2 ** 30));
    const peerSends = peer.send(down, own());
    this.#peerSends = Promise.all([this.#peerSends, peerSends]).then(() => {});
    const busy = [this.#sendMuch(stream.sent + up, own()), this.#fidget(own()), this.#halt(own())];
    await Promise.all(busy);
    if (!complete) return;
    await this.#peerSends;
    await stream.reaches(peer.written);
    await this.sent();
  }

  /** Waits until all that the peer had to send is under way. */
  async peerSent() {
    await this.#peerSends;
  }

  /** Waits until all sends are answered. */
  async sent() {
    await Promise.all(this.#sending);
  }

  /**
   * @param {number} length
   * @returns {Promise<void>} Fulfilled when it has been answered, rightly.
   */
  send(length) {
    const { program, stream } = this;
    const { sent } = stream;
    const order = stream.writable ? this.#made++ : undefined;
    if (stream.writable) stream.sent += length;
    const bytes = this.peer.up.bytes(sent, sent + length);
    const sending = program
      .call('tcp.send', stream.id, bytes)
      .then((outcome) => this.#check(outcome, length, order));
    bytes.fill(0); // The copy was taken at the call.
    this.#sending.add(sending);
    void sending.then(() => this.#sending.delete(sending));
    return sending;
  }

  /** @param {boolean} paused */
  async setPaused(paused) {
    this.stream.paused = paused;
    await this.program.expect({ result: undefined }, 'tcp.setPaused', this.stream.id, paused);
  }

  /** @param {Record<string, unknown>} properties */
  async update(properties) {
    this.stream.update(properties);
    await this.program.expect({ result: undefined }, 'tcp.update', this.stream.id, properties);
  }

  /** Compares what getInfo tells. */
  async checkInfo() {
    const { id, info } = this.stream;
    await this.program.expect({ result: info }, 'tcp.getInfo', id);
  }

  /**
   * @param {Outcome} outcome Of a send.
   * @param {number} length
   * @param {number | undefined} order If the stream was connected.
   */
  #check({ result, code }, length, order) {
    const { program, stream } = this;
    const fault = (/** @type {string} */ what) => program.fail(`a send of ${stream} ${what}`);
    if (order === undefined) {
      if (code !== NOT_CONNECTED) fault(`gives ${code}, without a connection`);
      return;
    }
    if (order !== this.#answered++) fault('is answered out of order');
    if (code === undefined) {
      if (this.#broken) fault('succeeds behind one that has failed');
      if (result.bytesSent !== length || result.resultCode !== 0) fault('tells of other bytes');
      return;
    }
    if (!stream.reset) fault(`fails with ${code}`);
    if (code !== NOT_CONNECTED && (code !== FAILED || this.#broken)) fault(`fails with ${code}`);
    this.#broken = true;
  }

  /** @returns {number} How many bytes go one way. */
  #total() {
    return magnitude(this.random, 2) * this.random(TOTALS[this.random(TOTALS.length)]);
  }

  /**
   * @param {number} end
   * @param {Random} random
   */
  async #sendMuch(end, random) {
    while (this.stream.sent < end) {
      const sending = this.send(Math.min(end - this.stream.sent, magnitude(random, LONGEST_SEND)));
      const choice = random(4);
      if (choice === 0) await sending;
      else if (choice === 1) await nextTask();
    }
  }

  /** Makes all kinds of calls. @param {Random} random */
  async #fidget(random) {
    const { program, stream } = this;
    for (let turns = random(10); turns > 0; turns--) {
      switch (random(7)) {
        case 0:
          await this.checkInfo();
          break;
        case 1:
          await this.update({ bufferSize: 1 + random(100_000) });
          break;
        case 2:
          await this.update({ name: `name ${random(1000)}` });
          break;
        case 3:
          await program.expect({ result: 0 }, 'tcp.setNoDelay', stream.id, random(2) === 0);
          break;
        case 4:
          await program.expect({ result: 0 }, 'tcp.setKeepAlive', stream.id, true, random(100));
          break;
        case 5:
          await this.#togglePaused(random);
          break;
        default:
          if (!stream.paused)
            await stream.reaches(stream.received + random(this.peer.written - stream.received + 1));
      }
    }
    if (stream.paused) await this.setPaused(false);
  }

  /** @param {Random} random */
  async #togglePaused(random) {
    const toggled = this.setPaused(!this.stream.paused);
    if (random(2)) await toggled;
    if (random(2)) await this.setPaused(!this.stream.paused);
    await toggled;
  }

  /** The peer reads nothing for a moment, now and then. @param {Random} random */
  async #halt(random) {
    for (let turns = random(3); turns > 0; turns--) {
      this.peer.pause();
      for (let tasks = random(30); tasks > 0; tasks--) await nextTask();
      this.peer.resume();
      for (let tasks = random(30); tasks > 0; tasks--) await nextTask();
    }
  }
}
