/** A program that listens: peers come while it accepts, while it is paused, and while it does not listen. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { seeded } from '../random.js';
import { ENDINGS } from './endings.js';
import { Peer } from './peer.js';
import { choosePort, returnPort } from './ports.js';
import { NOT_FOUND } from './program.js';
import { ServerModel } from './server-model.js';
import { Talk } from './talk.js';

/** @import { Program } from './program.js' */
/** @import { Random } from './plan.js' */

const VOID = { result: undefined };
const ADDRESS = '127.0.0.1';
const ADDRESS_IN_USE = -147;

/** Most peers that come together. */
const MOST_PEERS = 6;

/** One server, from its creation to its end. */
class Serving {
  #program;
  #random;
  #server;
  #name;
  #own;

  /**
   * @param {Program} program
   * @param {Random} random
   * @param {ServerModel} server
   * @param {string} name
   * @param {boolean} own Whether nobody else gets its port.
   */
  constructor(program, random, server, name, own) {
    this.#program = program;
    this.#random = random;
    this.#server = server;
    this.#name = name;
    this.#own = own;
  }

  /** @param {number} port 0 for any. */
  async listen(port) {
    const { id } = this.#server;
    this.#server.accepting = true;
    await this.#program.expect({ result: 0 }, 'tcpServer.listen', id, ADDRESS, port);
    const { localPort } = await this.#program.get('tcpServer.getInfo', id);
    if (port && localPort !== port) this.#program.fail(`${this.#server} has port ${localPort}`);
    this.#server.port = localPort;
  }

  /** Peers come and are served to their end. */
  async serve() {
    const count = 1 + this.#random(MOST_PEERS);
    await Promise.all(
      Array.from({ length: count }, () => this.#serveOne(seeded(this.#random(2 ** 30)))),
    );
  }

  /** Peers come while it is paused, and are served afterwards. */
  async pauseAndServe() {
    const { id } = this.#server;
    await this.#program.expect(VOID, 'tcpServer.setPaused', id, true);
    this.#server.accepting = false;
    const serving = this.serve();
    await this.checkInfo(true);
    this.#server.accepting = true;
    await this.#program.expect(VOID, 'tcpServer.setPaused', id, false);
    await serving;
  }

  /** Nobody can connect, until it listens on the same port again. */
  async pauseListening() {
    const { id } = this.#server;
    await this.#program.expect(VOID, 'tcpServer.disconnect', id);
    this.#server.accepting = false;
    await this.#checkRefused();
    await this.listen(this.#server.port);
  }

  /** It listens already. */
  async listenTwice() {
    const { id, port } = this.#server;
    await this.#program.expect({ code: ADDRESS_IN_USE }, 'tcpServer.listen', id, ADDRESS, port);
  }

  async rename() {
    this.#name = `server ${this.#random(1000)}`;
    await this.#program.expect(VOID, 'tcpServer.update', this.#server.id, { name: this.#name });
    await this.checkInfo();
  }

  async checkInfo(paused = false) {
    const { id: socketId, port: localPort } = this.#server;
    const info = { localAddress: ADDRESS, localPort, name: this.#name, paused, persistent: false };
    await this.#program.expect({ result: { ...info, socketId } }, 'tcpServer.getInfo', socketId);
  }

  async close() {
    const { id } = this.#server;
    this.#server.closing = true;
    await this.#program.expect(VOID, 'tcpServer.close', id);
    this.#server.closed = true;
    this.#server.accepting = false;
    if (this.#own) await this.#checkRefused();
    await this.#program.expect(NOT_FOUND, 'tcpServer.getInfo', id);
    this.#server.finish();
  }

  /** @param {Random} random */
  async #serveOne(random) {
    const peer = await Peer.connect(this.#server.port, this.#program.fail);
    this.#program.atEnd(() => peer.destroy());
    const stream = await this.#server.streamOf(peer);
    const talk = new Talk(this.#program, stream, peer, random);
    await ENDINGS[random(ENDINGS.length)](talk, true);
  }

  async #checkRefused() {
    const socket = connect({ port: this.#server.port, host: ADDRESS });
    const code = await once(socket, 'connect').then(
      () => 'nothing',
      (error) => error.code,
    );
    socket.destroy();
    if (code !== 'ECONNREFUSED') this.#program.fail(`${this.#server} should refuse, not ${code}`);
  }
}

/** What a program may do with its server. */
const STEPS = /** @type {const} */ ([
  'serve',
  'serve',
  'pauseAndServe',
  'listenTwice',
  'rename',
  'pauseListening',
]);

/**
 * @param {Program} program
 * @param {Random} random
 */
export async function serve(program, random) {
  const name = `server ${random(1000)}`;
  const { socketId } = await program.get('tcpServer.create', { name });
  const server = new ServerModel(program, socketId);
  program.addServer(server);
  const port = random(2) ? await choosePort(random) : 0;
  const serving = new Serving(program, random, server, name, port > 0);
  await serving.listen(port);
  // A port that the system chooses may be another's when it is not listened on.
  const steps = port ? STEPS : STEPS.filter((step) => step !== 'pauseListening');
  for (let turns = 1 + random(6); turns > 0; turns--) await serving[steps[random(steps.length)]]();
  await serving.close();
  returnPort(port);
}
