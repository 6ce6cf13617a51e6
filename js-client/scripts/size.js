/** Fails if the bundle, as a server sends it, is larger than we promise. */

import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { BUNDLE } from './bundle.js';

const LIMIT = 14336;

const { length } = gzipSync(await readFile(BUNDLE), { level: 9 });
console.log(`socketgate.js: ${length} bytes gzipped, limit ${LIMIT}`);
if (length > LIMIT) process.exitCode = 1;
