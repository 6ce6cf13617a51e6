/**
 * Runs the tests of this folder: builds the gateway and the Go client once, then starts Node's test
 * runner. Arguments name the files to run, without `.test.js`; none means all.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './programs.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

const binaries = await mkdtemp(join(tmpdir(), 'socketgate-browser-'));
try {
  const env = { ...process.env };
  env.SOCKETGATE_BINARY ??= await build('.', join(binaries, 'socketgate'));
  env.SOCKETGATE_CLIENT ??= await build(
    './js-client/test/browser/client',
    join(binaries, 'client'),
  );
  const wanted = process.argv.slice(2);
  const files = (await readdir(FOLDER))
    .filter((name) => name.endsWith('.test.js'))
    .filter((name) => wanted.length === 0 || wanted.includes(name.replace('.test.js', '')))
    .map((name) => join(FOLDER, name));
  // One file at a time: each keeps a browser, a gateway and this machine busy.
  const args = ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files];
  const child = spawn(process.execPath, args, { env, stdio: 'inherit' });
  process.exitCode = await new Promise((resolve) =>
    child.once('exit', (code) => resolve(code ?? 1)),
  );
} finally {
  await rm(binaries, { recursive: true, force: true });
}
