/** A program that connects: to a peer that is there, to none, and to one that it leaves at once. */

import { ENDINGS } from './endings.js';
import { PeerServer } from './peer-server.js';
import { NOT_FOUND } from './program.js';
import { StreamModel } from './stream-model.js';
import { Talk } from './talk.js';

/** @import { Program } from './program.js' */
/** @import { Random } from './plan.js' */

const VOID = { result: undefined };
const ADDRESS = '127.0.0.1';
const ABORTED = -3;
const IS_CONNECTED = -23;
const REFUSED = -102;

/** Nobody listens there. */
const CLOSED_PORT = 1;

/** One stream, from its creation to its end. */
class Connecting {
  #program;
  #random;
  #stream;
  #server;
  /** Connections that the server may have seen beside those that the program knows. */
  #mayBe = 0;

  /**
   * @param {Program} program
   * @param {Random} random
   * @param {StreamModel} stream
   * @param {PeerServer} server
   */
  constructor(program, random, stream, server) {
    this.#program = program;
    this.#random = random;
    this.#stream = stream;
    this.#server = server;
  }

  async refused() {
    const { id } = this.#stream;
    await this.#program.expect({ code: REFUSED }, 'tcp.connect', id, ADDRESS, CLOSED_PORT);
  }

  /**
   * Connects and talks until one of both ends it.
   *
   * @param {boolean} closes Whether the stream is closed then.
   */
  async talk(closes) {
    const { id } = this.#stream;
    const { port } = this.#server;
    await this.#program.expect({ result: 0 }, 'tcp.connect', id, ADDRESS, port);
    const peer = await this.#server.take();
    this.#stream.connect(peer);
    if (this.#random(4) === 0) {
      await this.#program.expect({ code: IS_CONNECTED }, 'tcp.connect', id, ADDRESS, port);
    }
    const talk = new Talk(this.#program, this.#stream, peer, this.#random);
    await ENDINGS[this.#random(ENDINGS.length)](talk, closes);
  }

  /** Connects, and disconnects without waiting for that. */
  async disconnectAtOnce() {
    const { id } = this.#stream;
    // A stream that has connected by then tells of its end.
    this.#stream.mayEnd = this.#stream.ends + 1;
    this.#stream.left = true;
    const connecting = this.#program.call('tcp.connect', id, ADDRESS, this.#server.port);
    await this.#program.expect(VOID, 'tcp.disconnect', id);
    const { code, result } = await connecting;
    if (result !== 0 && code !== ABORTED)
      this.#program.fail(`${this.#stream}: connect gives ${code}`);
    await this.#program.get('tcp.setPaused', id, (this.#stream.paused = true));
    await this.#program.expect({ result: this.#stream.info }, 'tcp.getInfo', id);
    if (result === 0) await (await this.#server.take()).finish(0);
    else this.#mayBe++;
  }

  /** Connects, and closes without waiting for that. */
  async closeAtOnce() {
    const { id } = this.#stream;
    const connecting = this.#program.expect(
      NOT_FOUND,
      'tcp.connect',
      id,
      ADDRESS,
      this.#server.port,
    );
    this.#mayBe++;
    await this.close();
    await connecting;
  }

  async close() {
    const { id } = this.#stream;
    this.#stream.leave();
    this.#stream.closing = true;
    await this.#program.expect(VOID, 'tcp.close', id);
    this.#stream.closed = true;
    await this.#program.expect(NOT_FOUND, 'tcp.getInfo', id);
  }

  /** The stream is closed, and has connected as often as it should. */
  finish() {
    const { waiting } = this.#server;
    if (waiting.length > this.#mayBe)
      this.#program.fail(`${this.#stream} has also connected ${waiting}`);
  }
}

/**
 * @param {Program} program
 * @param {Random} random
 */
export async function connect(program, random) {
  const properties = { name: `stream ${random(1000)}`, bufferSize: 1 + random(70_000) };
  const { socketId } = await program.get('tcp.create', properties);
  const stream = new StreamModel(program, socketId, { properties });
  program.addStream(stream);
  const server = new PeerServer(program);
  await server.start();
  const connecting = new Connecting(program, random, stream, server);
  if (random(4) === 0) await connecting.refused();
  for (let turns = random(3); turns > 0; turns--) await connecting.talk(false);
  const last = random(6);
  if (last === 0) await connecting.closeAtOnce();
  else if (last === 1) await connecting.disconnectAtOnce();
  else await connecting.talk(last > 2);
  if (!stream.closed) await connecting.close();
  connecting.finish();
  await server.stop();
}
