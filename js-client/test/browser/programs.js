/** The real programs that are clients of pages: curl, nc, and a client written in Go. */

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A program that has not ended by then hangs. */
const HANG_MS = 60_000;

/**
 * Builds a program of this repository.
 *
 * @param {string} packagePath Relative to the root of the repository.
 * @param {string} binary Where it goes.
 * @returns {Promise<string>} `binary`
 */
export async function build(packagePath, binary) {
  await promisify(execFile)('go', ['build', '-o', binary, packagePath], { cwd: ROOT });
  return binary;
}

/**
 * @typedef {object} Result
 * @property {number} code The program's exit status.
 * @property {Buffer} stdout
 * @property {string} stderr
 */

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {string | Buffer} [input] For its standard input.
 * @returns {Promise<Result>}
 */
export function run(program, args, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { timeout: HANG_MS });
    /** @type {Buffer[]} */
    const stdout = [];
    let stderr = '';
    child.stdout.on('data', (chunk) => stdout.push(chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.stdin.on('error', () => {}); // It may end before it has read everything.
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? -1, stdout: Buffer.concat(stdout), stderr });
    });
    child.stdin.end(input);
  });
}

/**
 * @param {...string} args
 * @returns {Promise<Result>}
 */
export function curl(...args) {
  return run('curl', ['--silent', '--show-error', '--noproxy', '*', ...args]);
}

/** Whether there is an nc that ends its direction when its input ends. */
export async function hasNetcat() {
  try {
    return /-N\b|shutdown the network/.test((await run('nc', ['-h'])).stderr);
  } catch {
    return false;
  }
}

/** @type {Promise<string> | undefined} */
let goClient;

/**
 * Runs the Go client of this folder; see client/main.go.
 *
 * @param {...string} args
 * @returns {Promise<Result>}
 */
export async function runGoClient(...args) {
  goClient ??= process.env.SOCKETGATE_CLIENT
    ? Promise.resolve(process.env.SOCKETGATE_CLIENT)
    : buildGoClient();
  return run(await goClient, args);
}

async function buildGoClient() {
  const folder = mkdtempSync(join(tmpdir(), 'socketgate-client-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return build('./js-client/test/browser/client', join(folder, 'client'));
}
