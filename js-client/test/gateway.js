/** Builds and runs gateways for tests. */

import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The user `nobody`, who may not listen on port 80. */
const NOBODY = 65534;

/**
 * @typedef {object} Gateway
 * @property {string} url
 * @property {string} console The address of its console, with the key, if it has one.
 * @property {(signal?: NodeJS.Signals) => Promise<void>} stop
 */

/**
 * Starts a gateway on a free port.
 *
 * @param {string[]} [flags] More flags for it.
 * @returns {Promise<Gateway>}
 */
export function startGateway(flags = []) {
  const { SOCKETGATE_BINARY } = process.env;
  return start('.', SOCKETGATE_BINARY, (folder) => [
    ...['--dev', '--port', '0', '--console-port', '0', '--config', join(folder, 'config')],
    ...flags,
  ]);
}

/**
 * Starts a gateway that permits every address, or what its flags say, as a user without privileges.
 *
 * @param {string[]} [flags]
 * @returns {Promise<Gateway>}
 */
export function startOpenGateway(flags = []) {
  return start('./gateway/internal/opengate', undefined, () => flags);
}

/**
 * A gateway for the tests of one file. Its URL is there when a test runs.
 *
 * @param {() => Promise<Gateway>} [start]
 * @returns {{ url: string }}
 */
export function useGateway(start = startGateway) {
  const place = { url: '' };
  /** @type {Gateway} */
  let gateway;
  before(async () => {
    gateway = await start();
    place.url = gateway.url;
  });
  after(() => gateway?.stop());
  return place;
}

/**
 * @param {string} source The package.
 * @param {string | undefined} built The program, if it was built already.
 * @param {(folder: string) => string[]} args For a gateway that may write to the folder.
 * @returns {Promise<Gateway>}
 */
async function start(source, built, args) {
  const folder = await mkdtemp(join(tmpdir(), 'socketgate-test-'));
  await chmod(folder, 0o755); // So that nobody can run what is in it.
  const program = built ?? join(folder, 'gateway');
  if (!built) await promisify(execFile)('go', ['build', '-o', program, source], { cwd: ROOT });
  const child = spawn(program, args(folder), {
    stdio: ['pipe', 'pipe', process.env.SOCKETGATE_LOG ? 'inherit' : 'ignore'],
    ...(process.getuid?.() === 0 && !built && source !== '.' ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  /** What it says, by the first word of the line. @type {Record<string, string>} */
  const said = {};
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [word, address] = line.split(/\s+/);
      said[word] = address;
      if (word === 'client') resolve(undefined); // The console's line comes with it, if there is one.
    });
  });
  return {
    url: said.gateway,
    get console() {
      return said.console ?? '';
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
