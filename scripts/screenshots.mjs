/** Takes pictures of every view in every theme, with what `npm run package` made, into test-results/screenshots. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './run.mjs';

// as deep in the repository as the sources, which find their files from where they are
const outfile = path.join(root, 'dist/test/screenshots/takeAll.mjs');
await build({
  entryPoints: [path.join(root, 'test/host/screenshots/takeAll.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['playwright-core', '*/host.mjs'],
  logLevel: 'warning',
});
await import(pathToFileURL(outfile).href);
