/** A TCP server for the streams that a program connects. */

import { once } from 'node:events';
import { createServer } from 'node:net';
import { Peer } from './peer.js';

/** @import { AddressInfo } from 'node:net' */
/** @import { Program } from './program.js' */

export class PeerServer {
  port = 0;
  /** Connections that nobody has taken. @type {Peer[]} */
  #peers = [];
  #stopping = false;
  #server;

  /** @param {Program} program */
  constructor(program) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const peer = new Peer(socket, program.fail);
      program.atEnd(() => peer.destroy());
      if (this.#stopping) void peer.finish(0);
      else this.#peers.push(peer);
    });
    program.atEnd(() => this.#server.close());
  }

  /** Connections that nobody has taken. */
  get waiting() {
    return [...this.#peers];
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = /** @type {AddressInfo} */ (this.#server.address()).port;
  }

  /** @returns {Promise<Peer>} The next connection. */
  async take() {
    while (this.#peers.length === 0) await once(this.#server, 'connection');
    return /** @type {Peer} */ (this.#peers.shift());
  }

  /** Those that nobody has taken must be at their end. */
  async stop() {
    this.#stopping = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const peer of this.#peers) await peer.finish(0);
    await closed;
  }
}
