/** Makes the classic bundle, `socketgate.js`, from the modules in `src`. */

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';

/** Where the bundle is committed and served from. */
export const BUNDLE = fileURLToPath(new URL('../socketgate.js', import.meta.url));

const BANNER =
  '/* socketgate: chrome.sockets for any page. MIT licence. Made from js-client/src. */';

/** @returns {Promise<Uint8Array>} What the bundle should be. */
export async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/classic.js', import.meta.url))],
    bundle: true,
    // It shortens private names, which terser does not; terser then saves 3 % of what is left.
    minify: true,
    write: false,
    format: 'iife',
    // The first versions with private fields and Object.hasOwn: lowering them costs size and speed.
    target: ['chrome93', 'firefox92', 'safari15.4'],
  });
  const { code } = await minify(outputFiles[0].text, {
    compress: { passes: 3 },
    format: { preamble: BANNER, comments: false },
  });
  return Buffer.from(`${code}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(BUNDLE, await bundle());
}
