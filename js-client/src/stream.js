/**
 * What the client knows of one `tcp` socket. The gateway's view decides; this copy tells what
 * Chrome would have told at the same moment, without asking.
 */

import { AGAIN, DONE, SKIPPED } from './dispatcher.js';
import { ReceiveBuffer } from './receive-buffer.js';
import { SendQueue } from './send-queue.js';

export class Stream {
  id;
  send;
  receive;
  allowHalfOpen = false;
  connected = false;
  /** The flag as the gateway has it. */
  paused = false;
  /** The flag as the program has set it last. */
  asked = false;
  /** Whether the last setPaused was called back without waiting for the gateway. */
  calledBack = false;
  /** Calls of connect and secure without an answer. */
  slowCalls = 0;
  /** Whether events are held back: from the call of setPaused(true) until that of false is answered. */
  held = false;
  /** Counts calls of setPaused: only the last decides about `held`. */
  pauseTurn = 0;
  /** Counts ends of connections: a reply to what was asked before one says nothing about `paused`. */
  epoch = 0;
  /** Calls of disconnect and close without an answer; meanwhile all that arrives is dropped. */
  leaving = 0;
  /** Whether the program has called close. */
  closed = false;
  /** The session that it belonged to is over: nothing is said about it any more. */
  orphaned = false;
  /** Writing to the peer has failed. */
  stopped = false;
  /** The program has been told that the peer ended, in this connection or the last. */
  told = false;
  /** The program has been told, and the gateway will be when everything is sent. */
  ending = false;
  /** The end that the program has not been told of. @type {EndJob | undefined} */
  end;
  /** What waits until the last connection has sent everything. @type {(() => void)[]} */
  waiting = [];

  /**
   * @param {number} id
   * @param {number} window Bytes of credit per direction.
   */
  constructor(id, window) {
    this.id = id;
    this.send = new SendQueue(window);
    this.receive = new ReceiveBuffer(window);
  }

  /** The flag as the program knows it. */
  get shown() {
    return this.calledBack ? this.asked : this.paused;
  }

  /** Whether `send` can be called. */
  get writable() {
    return this.connected && !this.leaving && !this.stopped;
  }

  /** Whether the bytes of a connection that the program has left are still on their way. */
  get flushing() {
    return this.send.busy && (!this.connected || this.leaving > 0);
  }

  /**
   * @param {{ bufferSize?: number, allowHalfOpen?: boolean, persistent?: boolean } | undefined} properties
   */
  setProperties({ bufferSize, allowHalfOpen, persistent } = {}) {
    if (bufferSize !== undefined) this.receive.bufferSize = bufferSize;
    if (allowHalfOpen !== undefined) this.allowHalfOpen = allowHalfOpen;
    // The gateway keeps what the program has not been given, for the page when it is loaded again.
    if (persistent !== undefined) this.receive.eager = persistent;
  }

  /**
   * What the program may know: it is told of a peer's end before the gateway is told to end.
   *
   * @param {any} info
   */
  asTold(info) {
    if (!info.connected || !this.told || this.connected) return info;
    const { localAddress, localPort, peerAddress, peerPort, ...rest } = info;
    return { ...rest, connected: false, paused: this.paused };
  }

  /** A connection starts. */
  open() {
    this.connected = true;
    this.stopped = this.told = false;
    this.send.open();
    this.receive.open();
  }

  /**
   * The stream was there before the page was loaded.
   *
   * @param {{ connected: boolean, paused: boolean, up: number, limit: number, down: number }} info
   */
  restore({ connected, paused, up, limit, down }) {
    this.connected = connected;
    this.paused = this.asked = this.held = paused;
    this.send.restore(up, limit);
    this.receive.restore(down);
  }

  /** A connection is over; as in Chrome the stream is paused until the program says otherwise. */
  disconnected() {
    this.connected = false;
    this.paused = this.asked = this.held = true;
    this.epoch++;
  }

  /** The program has called disconnect or close. */
  leave() {
    this.leaving++;
    this.ending = false;
    this.end = undefined;
    this.receive.drop();
  }
}

/** Gives the program what has arrived of a stream up to one point. */
export class ReadJob {
  /**
   * @param {Stream} stream
   * @param {(stream: Stream, data: ArrayBuffer) => void} deliver
   */
  constructor(stream, deliver) {
    this.stream = stream;
    this.deliver = deliver;
    this.end = stream.receive.received;
  }

  run() {
    const { stream } = this;
    // What is held back gets a new job when it is released.
    if (stream.held || stream.receive.delivered >= this.end) return SKIPPED;
    this.deliver(stream, stream.receive.take());
    return AGAIN;
  }
}

/** Tells the program that a stream has ended. */
export class EndJob {
  /**
   * @param {Stream} stream
   * @param {number} resultCode
   * @param {(stream: Stream, resultCode: number) => void} deliver
   */
  constructor(stream, resultCode, deliver) {
    this.stream = stream;
    this.resultCode = resultCode;
    this.deliver = deliver;
  }

  run() {
    const { stream } = this;
    const { held, end, receive } = stream;
    if (held || end !== this || receive.delivered < receive.received) return SKIPPED;
    stream.end = undefined;
    this.deliver(stream, this.resultCode);
    return DONE;
  }
}
