/** Fails if the committed bundle is not what the sources make. */

import { readFile } from 'node:fs/promises';
import { BUNDLE, bundle } from './bundle.js';

const committed = await readFile(BUNDLE);
if (committed.compare(await bundle()) !== 0) {
  console.error('socketgate.js is stale: run "npm run build" and commit it');
  process.exitCode = 1;
}
