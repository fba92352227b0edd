import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { compileLoops } from '../../scripts/compileLoops.mjs';
import { tempDir } from './tempDir';

const root = resolve(import.meta.dirname, '../..');

/** The program as bundles of their own, built from the sources under test; removed when the suite ends. */
export interface Bundles {
  readonly directory: string;
  readonly cli: string;
  readonly worker: string;
  readonly thread: string;
  readonly device: string;
}

/** Bundles the command line, the worker and its threads as the release does, into a fresh directory. */
export async function bundleProgram(): Promise<Bundles> {
  const directory = tempDir();
  await build({
    absWorkingDir: root,
    entryPoints: {
      cli: 'src/cli/main.ts',
      worker: 'src/worker/main.ts',
      thread: 'src/worker/thread.ts',
      device: 'src/worker/engines/device/main.ts',
    },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    outdir: directory,
    logLevel: 'silent',
  });
  await writeFile(join(directory, 'loops.wasm'), await compileLoops());
  const at = (name: string): string => join(directory, `${name}.cjs`);
  return {
    directory,
    cli: at('cli'),
    worker: at('worker'),
    thread: at('thread'),
    device: at('device'),
  };
}
