#!/usr/bin/env node
// Runs benchmarks: node bench/run.mjs NAME [arguments]. Bundles bench/NAME.ts and runs it; it prints Markdown.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { compileLoops } from '../scripts/compileLoops.mjs';

const [name, ...args] = process.argv.slice(2);
if (name === undefined) {
  console.error('usage: node bench/run.mjs NAME [arguments]');
  process.exit(2);
}
const directory = mkdtempSync(path.join(tmpdir(), 'ssm-bench-'));
try {
  const outfile = path.join(directory, `${name}.cjs`);
  await build({
    entryPoints: {
      [name]: path.join(import.meta.dirname, `${name}.ts`),
      thread: path.join(import.meta.dirname, '..', 'src', 'worker', 'thread.ts'),
      device: path.join(import.meta.dirname, '..', 'src', 'worker', 'engines', 'device', 'main.ts'),
    },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outdir: directory,
    outExtension: { '.js': '.cjs' },
    logLevel: 'warning',
  });
  writeFileSync(path.join(directory, 'loops.wasm'), await compileLoops());
  const root = path.dirname(import.meta.dirname);
  const run = spawnSync(process.execPath, ['--expose-gc', outfile, ...args], {
    stdio: 'inherit',
    cwd: root,
  });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
