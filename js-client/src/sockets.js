/**
 * The methods and events of both namespaces, for both faces: what goes to the gateway, and what
 * the client does itself.
 */

import { Congestion } from './congestion.js';
import { Events } from './events.js';
import { ABORTED, CONNECTION_CLOSED, FAILED, INVALID_ARGUMENT, NOT_CONNECTED } from './errors.js';
import { QUOTA_EXCEEDED, SOCKET_NOT_FOUND, isNetFailure, netFailure } from './errors.js';
import { KnownSockets } from './known.js';
import { EndJob, ReadJob } from './stream.js';
import { Session } from './session.js';

/** @import { ConnectorOptions } from './connector.js' */
/** @import { Dispatcher } from './dispatcher.js' */
/** @import { Failure, Outcome } from './errors.js' */
/** @import { SessionSink } from './session.js' */
/** @import { Stream } from './stream.js' */

/** Chrome's limit for the bytes of all unfinished sends of an app. */
const WRITE_QUOTA = 209715200;

/** Failures of `secure` that leave the stream as it is. */
const SECURE_KEEPS = [ABORTED, INVALID_ARGUMENT];

/** @typedef {(outcome: Outcome) => void} Done Called once, in its turn. */

/** @implements {SessionSink} */
export class Sockets {
  #dispatcher;
  #session;
  #known = new KnownSockets();
  /** Bytes in unfinished sends. */
  #unfinished = 0;
  #congestion = new Congestion((stream) => {
    if (stream.send.pump(stream.id, this.#session.outbox)) this.#congestion.wait(stream);
    this.#settle(stream);
  });

  /**
   * @param {string} url
   * @param {Dispatcher} dispatcher
   * @param {ConnectorOptions} options
   */
  constructor(url, dispatcher, options) {
    this.#dispatcher = dispatcher;
    this.events = new Events(dispatcher);
    this.#session = new Session(url, dispatcher, this, options);
  }

  get session() {
    return this.#session;
  }

  /**
   * Calls a method with checked arguments.
   *
   * @param {string} method With its namespace.
   * @param {any[]} args One per parameter; undefined where it was left out.
   * @param {Done} done
   */
  invoke(method, args, done) {
    if (method === 'tcp.send') return this.#send(args[0], args[1], done);
    const special = this.#methods[method];
    this.#session.run(() => {
      if (special) special(args, done);
      else this.#call(method, args, done);
    });
  }

  /**
   * A call whose answer needs nothing but to be passed on.
   *
   * @param {string} method
   * @param {unknown[]} params
   * @param {Done} done
   * @param {(result: any) => void} [onSuccess] Runs when the reply arrives, before `done` in its turn.
   */
  #call(method, params, done, onSuccess) {
    this.#session.call(method, params, (outcome) => {
      if (onSuccess && !outcome.error) onSuccess(outcome.result);
      this.#dispatcher.deliver(() => done(outcome));
    });
  }

  /** The methods with a part in the client. @type {Record<string, (args: any[], done: Done) => void>} */
  #methods = {
    'tcp.create': ([properties], done) => {
      this.#call('tcp.create', [properties], done, ({ socketId }) => {
        this.#addStream(socketId).setProperties(properties);
      });
    },
    'tcpServer.create': (args, done) => {
      this.#call('tcpServer.create', args, done, ({ socketId }) => {
        this.#known.addServer(socketId);
      });
    },
    'tcp.update': ([id, properties], done) => {
      const stream = this.#known.streams.get(id);
      this.#call('tcp.update', [id, properties], (outcome) => {
        // Here, in its turn: what has arrived before it is read with the old size.
        if (stream && !outcome.error) stream.setProperties(properties);
        done(outcome);
      });
    },
    'tcp.setPaused': ([id, paused], done) => this.#setPaused(id, paused, done),
    'tcp.connect': (args, done) => this.#connect(args, done),
    'tcp.secure': (args, done) => this.#secure(args, done),
    'tcp.disconnect': ([id], done) => this.#leave('tcp.disconnect', id, done),
    'tcp.close': ([id], done) => this.#leave('tcp.close', id, done),
    'tcp.getInfo': (args, done) => this.#getInfo('tcp.getInfo', args, done),
    'tcp.getSockets': (args, done) => this.#getInfo('tcp.getSockets', args, done),
    'tcpServer.listen': (args, done) => {
      this.#call('tcpServer.listen', args, done, () => this.#known.listening.add(args[0]));
    },
    'tcpServer.disconnect': (args, done) => this.#unlisten('tcpServer.disconnect', args, done),
    'tcpServer.close': (args, done) => this.#unlisten('tcpServer.close', args, done),
  };

  /** @type {(method: string, args: any[], done: Done) => void} */
  #getInfo(method, args, done) {
    /** @param {any} info */
    const asTold = (info) => this.#known.streams.get(info.socketId)?.asTold(info) ?? info;
    this.#call(method, args, ({ result, error }) => {
      if (error) done({ error });
      else done({ result: Array.isArray(result) ? result.map(asTold) : asTold(result) });
    });
  }

  /** @type {(method: string, args: any[], done: Done) => void} */
  #unlisten(method, args, done) {
    this.#call(method, args, done, () => this.#known.listening.delete(args[0]));
  }

  /** @param {number} id */
  #addStream(id) {
    return this.#known.addStream(id, this.#session.limits.window);
  }

  // Sending.

  /**
   * @param {number} id
   * @param {Uint8Array} bytes The caller's; the copy is taken before this returns.
   * @param {Done} done
   */
  #send(id, bytes, done) {
    const { length } = bytes;
    if (this.#unfinished + length > WRITE_QUOTA) {
      return this.#dispatcher.deliver(() => done({ error: QUOTA_EXCEEDED }));
    }
    this.#unfinished += length;
    /** @param {Outcome} outcome */
    const finish = (outcome) => {
      this.#unfinished -= length;
      this.#dispatcher.deliver(() => done(outcome));
    };
    const session = this.#session;
    if (!session.runs) bytes = bytes.slice(); // The action below runs later.
    session.run(() => {
      if (session.failure) return finish({ error: session.failure });
      const stream = this.#known.live(id);
      if (!stream) return finish({ error: SOCKET_NOT_FOUND });
      if (!stream.writable) return finish({ error: netFailure(NOT_CONNECTED) });
      const congested = stream.send.push(bytes, id, session.outbox, (error) => {
        finish(error ? { error } : { result: { bytesSent: length, resultCode: 0 } });
      });
      if (congested) this.#congestion.wait(stream);
    });
  }

  /**
   * Does what was waiting for the bytes of a stream to be sent or acknowledged.
   *
   * @param {Stream} stream
   */
  #settle(stream) {
    if (stream.ending && !stream.send.unsent) {
      stream.ending = false;
      if (!stream.orphaned) this.#session.outbox.end(stream.id, 0);
    }
    if (!stream.ending && stream.waiting.length > 0) {
      const actions = stream.waiting;
      stream.waiting = [];
      for (const action of actions) action(); // One that still has to wait puts itself back.
    }
    if (stream.closed && !stream.leaving && !stream.send.busy)
      this.#known.streams.delete(stream.id);
  }

  /** @type {SessionSink['limit']} */
  limit(id, offset) {
    const stream = this.#known.streams.get(id);
    if (!stream) return;
    if (stream.send.raise(offset, id, this.#session.outbox)) this.#congestion.wait(stream);
    this.#settle(stream);
  }

  /** @type {SessionSink['stop']} */
  stop(id, resultCode) {
    const stream = this.#known.streams.get(id);
    if (!stream) return;
    stream.stopped = true;
    // "A paused stream is then unconnected; one that is read ends with END as usual."
    if (stream.paused) stream.connected = false;
    stream.send.stop(netFailure(resultCode), netFailure(NOT_CONNECTED));
    this.#settle(stream);
  }

  /** @param {number} number */
  acknowledged(number) {
    this.#session.acknowledged(number);
  }

  // Receiving.

  /** @type {SessionSink['data']} */
  data(id, message, start, end) {
    const stream = this.#known.streams.get(id);
    if (!stream) return;
    if (stream.leaving || stream.closed) return stream.receive.skip(end - start);
    stream.receive.add(message, start, end);
    if (stream.held) return;
    const { last } = this.events;
    if (last instanceof ReadJob && last.stream === stream) last.end = stream.receive.received;
    else this.events.push(new ReadJob(stream, this.#deliverData));
  }

  /** @type {SessionSink['end']} */
  end(id, resultCode) {
    const stream = this.#known.streams.get(id);
    if (!stream || stream.leaving || stream.closed) return;
    stream.end = new EndJob(stream, resultCode, this.#deliverEnd);
    this.events.push(stream.end);
  }

  /** @type {(stream: Stream, data: ArrayBuffer) => void} */
  #deliverData = (stream, data) => {
    this.events.onReceive.dispatch({ data, socketId: stream.id });
    const limit = stream.receive.credit();
    if (limit && stream.connected && !stream.orphaned) {
      this.#session.outbox.limit(stream.id, limit);
    }
  };

  /** @type {(stream: Stream, resultCode: number) => void} */
  #deliverEnd = (stream, resultCode) => {
    stream.told = true;
    if (!stream.allowHalfOpen) {
      // Before the listeners run: what they ask must find the stream unconnected.
      stream.disconnected();
      stream.ending = true;
      this.#settle(stream);
    }
    this.events.onReceiveError.dispatch({ resultCode, socketId: stream.id });
  };

  // States.

  /**
   * @param {number} id
   * @param {boolean} paused
   * @param {Done} done
   */
  #setPaused(id, paused, done) {
    const stream = this.#known.live(id);
    if (stream?.ending) {
      // The gateway would take it for the connection that it still has.
      stream.waiting.push(() => this.#setPaused(id, paused, done));
      return;
    }
    if (!stream) return this.#call('tcp.setPaused', [id, paused], done);
    stream.asked = paused;
    if (paused) stream.held = true;
    const turn = ++stream.pauseTurn;
    const { epoch } = stream;
    /** @param {Outcome} outcome */
    const answer = (outcome) => {
      this.#dispatcher.deliver(() => {
        done(outcome);
        const valid = !outcome.error && stream.epoch === epoch && stream.pauseTurn === turn;
        if (valid && !paused) this.#release(stream);
      });
    };
    const now = this.#certain(stream);
    stream.calledBack = now;
    /** @param {Outcome} outcome */
    const onReply = (outcome) => {
      if (!outcome.error && stream.epoch === epoch) stream.paused = paused;
      if (!now) answer(outcome);
    };
    this.#session.call('tcp.setPaused', [id, paused], onReply, now);
    if (now) answer({ result: null });
  }

  /**
   * Whether the gateway's answer to setPaused and close of a stream is known, and can be given now. Only
   * what is under way with the network can make the gateway end a socket.
   *
   * @param {Stream} stream
   */
  #certain(stream) {
    return this.#session.prompt && stream.slowCalls === 0;
  }

  /** @param {Stream} stream May give the program events again. */
  #release(stream) {
    const { held, end, receive } = stream;
    if (!held) return;
    stream.held = false;
    receive.startRead();
    if (receive.received > receive.delivered) {
      this.events.push(new ReadJob(stream, this.#deliverData));
    }
    if (end) this.events.push(end);
  }

  /**
   * @param {any[]} args
   * @param {Done} done
   */
  #connect(args, done) {
    const stream = this.#known.live(args[0]);
    if (stream?.flushing) {
      // The credit of the new connection must not be taken for that of the old one.
      stream.waiting.push(() => this.#connect(args, done));
      return;
    }
    if (stream) stream.slowCalls++;
    this.#session.call('tcp.connect', args, (outcome) => {
      if (stream) stream.slowCalls--;
      if (!outcome.error && !stream?.closed) stream?.open();
      // A close that was called meanwhile wins, also over a connection that was made before it.
      this.#dispatcher.deliver(() => done(stream?.closed ? { error: SOCKET_NOT_FOUND } : outcome));
    });
  }

  /**
   * @param {any[]} args
   * @param {Done} done
   */
  #secure(args, done) {
    const stream = this.#known.live(args[0]);
    if (stream) stream.slowCalls++;
    this.#session.call('tcp.secure', args, (outcome) => {
      if (stream) stream.slowCalls--;
      const { error } = outcome;
      // A handshake that fails closes the stream; misuse and a disconnect meanwhile do not.
      const closes = error && isNetFailure(error) && !SECURE_KEEPS.includes(error.code);
      if (!stream || stream.closed || !closes) {
        return this.#dispatcher.deliver(() => done(outcome));
      }
      stream.leave();
      this.#known.close(stream);
      stream.send.stop(netFailure(FAILED), netFailure(NOT_CONNECTED));
      this.#answerLeft(stream, () => done(outcome), true);
    });
  }

  /**
   * `disconnect` and `close`.
   *
   * @param {'tcp.disconnect' | 'tcp.close'} method
   * @param {number} id
   * @param {Done} done
   */
  #leave(method, id, done) {
    const stream = this.#known.live(id);
    if (!stream) {
      if (!this.#known.wasClosed(id) || !this.#session.prompt)
        return this.#call(method, [id], done);
      // "never used again in a session"
      return this.#dispatcher.deliver(() => done({ error: SOCKET_NOT_FOUND }));
    }
    const { send } = stream;
    const closes = method === 'tcp.close';
    // Behind a disconnect a program may ask what only the gateway's answer tells.
    const now = closes && this.#certain(stream);
    if (now) this.#tellLeft(stream, () => done({ result: null }), !stream.asked);
    stream.leave();
    if (closes) this.#known.close(stream);
    const finalOffset = send.unsent ? send.accepted : undefined;
    /** @param {Outcome} outcome */
    const onReply = (outcome) => {
      if (now) this.#left(stream, false);
      else this.#answerLeft(stream, () => done(outcome), !outcome.error);
    };
    this.#session.call(method, [id, finalOffset], onReply, now);
    this.#settle(stream);
  }

  /**
   * The answer to a call that ends a connection, behind `leave`.
   *
   * @param {Stream} stream
   * @param {() => void} done Calls back.
   * @param {boolean} ended Whether it did.
   */
  #answerLeft(stream, done, ended) {
    const reading = stream.connected && !stream.paused && ended;
    this.#tellLeft(stream, done, reading);
    this.#left(stream, reading);
  }

  /**
   * @param {Stream} stream That is left.
   * @param {() => void} done Calls back.
   * @param {boolean} reading Whether it was not paused.
   */
  #tellLeft(stream, done, reading) {
    const raises = reading && stream.connected && !stream.told;
    this.#dispatcher.deliver(done);
    if (!raises) return;
    this.#dispatcher.deliver(() => {
      this.events.onReceiveError.dispatch({ resultCode: CONNECTION_CLOSED, socketId: stream.id });
    });
  }

  /**
   * The gateway has ended a connection, behind `leave`.
   *
   * @param {Stream} stream
   * @param {boolean} reading Whether it was not paused.
   */
  #left(stream, reading) {
    stream.leaving--;
    if (reading) stream.disconnected();
    stream.connected = false;
    this.#settle(stream);
  }

  // What the gateway says without being asked.

  /**
   * @param {string} method
   * @param {any} params
   */
  notify(method, params) {
    if (method === 'tcpServer.onAccept') {
      const { socketId, clientSocketId } = params;
      const stream = this.#addStream(clientSocketId);
      stream.open();
      stream.paused = stream.asked = stream.held = true;
      this.events.deliver(() => this.events.onAccept.dispatch({ clientSocketId, socketId }));
    } else if (method === 'tcpServer.onAcceptError') {
      const { socketId, resultCode } = params;
      this.events.deliver(() => this.events.onAcceptError.dispatch({ resultCode, socketId }));
    } else {
      console.error(`socketgate: unknown notification from the gateway: ${method}`);
    }
  }

  /**
   * Sockets that were there before the page was loaded. What happens to them waits until there are listeners.
   *
   * @param {{ tcpServer: number[], tcp: any[] }} restored
   */
  restore({ tcpServer, tcp }) {
    this.events.keep();
    for (const id of tcpServer) this.#known.listening.add(id);
    for (const info of tcp) {
      const stream = this.#addStream(info.socketId);
      stream.setProperties({ ...info, persistent: true });
      stream.restore(info);
    }
  }

  /** @returns {{ tcpServer: number, tcp: number }} Ids that must not be given out again. */
  lastIds() {
    return this.#known.lastIds;
  }

  /**
   * The session is over. Sockets tell of it as if each had failed by itself, once.
   *
   * @param {Failure} failure
   * @param {boolean} tell
   */
  lost(failure, tell) {
    for (const stream of this.#known.streams.values()) {
      stream.orphaned = true;
      stream.send.stop(failure, failure);
      stream.ending = false;
      if (tell && stream.connected && !stream.shown && !stream.told && !stream.leaving) {
        this.end(stream.id, CONNECTION_CLOSED);
      }
      this.#settle(stream);
    }
    for (const socketId of this.#known.listening) {
      if (!tell) break;
      this.events.deliver(() =>
        this.events.onAcceptError.dispatch({ resultCode: FAILED, socketId }),
      );
    }
    this.#known.clear();
    this.#congestion.clear();
  }
}
