/** Bundles everything into dist/. `node esbuild.mjs [--production]`; production is minified and has no source maps. */
import { build } from 'esbuild';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileLoops } from './scripts/compileLoops.mjs';
import { thirdPartyNotices } from './scripts/thirdParty.mjs';

const production = process.argv.includes('--production');

const common = {
  bundle: true,
  metafile: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'eof',
  logLevel: 'warning',
};
const node = { ...common, platform: 'node', target: 'node20', format: 'cjs' };
/** The toolkit's prebuilt file registers its elements when it is loaded, though its package says it does nothing. */
const toolkit = {
  name: 'toolkit',
  setup: ({ onResolve }) =>
    onResolve({ filter: /toolkit\.min\.js$/ }, ({ path }) => ({
      path: createRequire(import.meta.url).resolve(path),
      sideEffects: true,
    })),
};
/**
 * What a namespace import of an external module becomes copies the module's hundreds of properties, once for each of our
 * files: half of the time that the extension takes to start. A plain `require` is what VS Code gives out anyway.
 */
const vscodeAsItIs = {
  name: 'vscode-as-it-is',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]src[\\/]extension[\\/].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /^import \* as vscode from 'vscode';$/m,
        "const vscode = require('vscode');",
      ),
      loader: 'ts',
    })),
};
const browser = {
  ...common,
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  plugins: [toolkit],
};

rmSync('dist', { recursive: true, force: true });
const results = await Promise.all([
  build({
    ...node,
    entryPoints: { extension: 'src/extension/extension.ts' },
    outdir: 'dist',
    external: ['vscode'],
    plugins: [vscodeAsItIs],
  }),
  build({
    ...node,
    entryPoints: {
      worker: 'src/worker/main.ts',
      thread: 'src/worker/thread.ts',
      device: 'src/worker/engines/device/main.ts',
      cli: 'src/cli/main.ts',
    },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
  }),
  build({
    ...browser,
    entryPoints: {
      checkpoint: 'webview/checkpoint/main.ts',
      report: 'webview/report/main.ts',
      comparison: 'webview/comparison/main.ts',
      curve: 'webview/curve/main.ts',
      evaluation: 'webview/evaluation/main.ts',
    },
    outdir: 'dist/webview',
  }),
  // runs inside the extension host, beside the node_modules of this folder; never packaged
  build({
    ...node,
    entryPoints: { suite: 'test/host/suite/index.ts' },
    outdir: 'dist/test',
    external: ['vscode', 'mocha'],
  }),
]);
writeFileSync('dist/third-party.txt', thirdPartyNotices(results.map(({ metafile }) => metafile)));
writeFileSync('dist/loops.wasm', await compileLoops());
chmodSync('dist/cli.cjs', 0o755);
