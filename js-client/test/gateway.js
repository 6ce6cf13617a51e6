/** Builds and runs the real gateway for tests, and connects clients to it from Node. */

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The WebSocket of `ws`, with an origin that the gateway lets in. */
export class NodeWebSocket extends WebSocket {
  /**
   * @param {string} url
   * @param {string} [protocol]
   */
  constructor(url, protocol) {
    super(url, protocol, { origin: 'http://localhost' });
  }
}

/**
 * Starts a gateway on a free port.
 *
 * @param {string[]} [flags] More flags for it.
 * @returns {Promise<{ url: string, stop: (signal?: NodeJS.Signals) => Promise<void> }>}
 */
export async function startGateway(flags = []) {
  const folder = await mkdtemp(join(tmpdir(), 'socketgate-test-'));
  const binary = process.env.SOCKETGATE_BINARY ?? join(folder, 'socketgate');
  if (!process.env.SOCKETGATE_BINARY) {
    await promisify(execFile)('go', ['build', '-o', binary, '.'], { cwd: ROOT });
  }
  const child = spawn(binary, ['--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', process.env.SOCKETGATE_LOG ? 'inherit' : 'ignore'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^gateway\s+(ws:\S+)/.exec(line);
      if (match) resolve(match[1]);
    });
  });
  return {
    url,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
