/** The far end of the figures: `gateway/bench` as a child process, see its peer.go. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * @typedef {object} Request
 * @property {string} Role
 * @property {string} [Addr]
 * @property {number} [Size]
 * @property {number} [Seconds]
 */

/**
 * @param {string} binary
 * @returns {Promise<Peer>}
 */
export async function startPeer(binary) {
  const child = spawn(binary, ['peer'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const peer = new Peer(child, lines);
  peer.url = await peer.read();
  return peer;
}

class Peer {
  /** Where its WebSockets are. */
  url = '';
  #child;
  #lines;

  /**
   * @param {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null>} child
   * @param {AsyncIterator<string>} lines
   */
  constructor(child, lines) {
    this.#child = child;
    this.#lines = lines;
  }

  /** @returns {Promise<any>} What its next line says. */
  async read() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the peer has ended');
    return JSON.parse(value);
  }

  /**
   * @param {Request} request
   * @returns {Promise<number[]>}
   */
  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { Values, Error: message } = await this.read();
    if (message) throw new Error(`peer, ${request.Role}: ${message}`);
    return Values ?? [];
  }

  async stop() {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
