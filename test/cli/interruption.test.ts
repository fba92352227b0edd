import { createHash } from 'node:crypto';
import {
  ftruncateSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uniform } from '../../src/core/random';
import { isReport } from '../../src/protocol/report';
import { bundleProgram } from '../support/bundle';
import { writeExampleData, writeExampleNetwork } from '../support/exampleNetwork';
import { runCli, startCli, until, type Running } from '../support/runCli';
import { exampleLayer, s4dTensors, safetensorsBytes, writeS4dModel } from '../support/s4dModel';
import { tempDir } from '../support/tempDir';

/** Runs that end before they are done: interrupted, or killed without a chance to clean up. */

const root = tempDir();
let cli = '';
let directory = '';
let file = '';
let cases = 0;

beforeAll(async () => {
  ({ cli } = await bundleProgram());
});
beforeEach(() => {
  directory = join(root, `case${cases++}`);
  mkdirSync(directory);
  file = join(directory, 'net.safetensors');
});

const source = 'net.safetensors';
const temporaries = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.tmp'));
const sha256 = (): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const start = (options: readonly string[], env: Record<string, string> = {}): Running =>
  startCli(cli, ['compress', file, '-o', join(directory, 'out.safetensors'), ...options], {
    env: { SSM_THREADS: '1', ...env },
  });

/** A model that keeps one thread busy for longer than a test waits. */
function writeSlowModel(): void {
  writeS4dModel(file, [exampleLayer(2000, 32)]);
}

/** A model of one tiny layer and so much else that it is written in many pieces. */
function writeLargeModel(): void {
  const filler = 64 * 2 ** 20;
  const tensors = s4dTensors([exampleLayer(1, 3)]);
  const end = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
  const bytes = safetensorsBytes(tensors, (header) => ({
    ...header,
    filler: { dtype: 'F32', shape: [filler / 4], data_offsets: [end, end + filler] },
  }));
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, bytes);
  ftruncateSync(descriptor, bytes.length + filler); // a hole: it takes no room on the disk
  closeSync(descriptor);
}

/** Loaded into a run, makes every write wait, so that there is time to interrupt it. */
function slowDisk(): Record<string, string> {
  const hook = join(root, 'slowDisk.cjs');
  writeFileSync(
    hook,
    `require('node:fs/promises').open(__filename).then(async (handle) => {
       const prototype = Object.getPrototypeOf(handle);
       await handle.close();
       const write = prototype.writeFile;
       prototype.writeFile = async function (...args) {
         await new Promise((resolve) => setTimeout(resolve, 500));
         return write.apply(this, args);
       };
     });`,
  );
  return { NODE_OPTIONS: `--require ${hook}` };
}

interface Moment {
  readonly prepare: () => void;
  /** Starts the run and waits until it is at it. */
  readonly begin: () => Promise<Running>;
}

const reducing: Moment = {
  prepare: writeSlowModel,
  async begin() {
    const run = start(['--order', '16']);
    await run.said(/reducing/);
    return run;
  },
};

const writing: Moment = {
  prepare: writeLargeModel,
  async begin() {
    const run = start(['--order', '2', '--solver', 'balanced'], slowDisk());
    const sizes = (): number[] => temporaries().map((name) => statSync(join(directory, name)).size);
    await until(() => sizes().some((size) => size > 2 ** 20));
    return run;
  },
};

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a run that is told to stop by %s', (signal, expected) => {
  it.each([
    ['reducing', reducing],
    ['writing', writing],
  ])('while %s cleans up', async (_, { prepare, begin }) => {
    prepare();
    const before = sha256();
    const run = await begin();
    run.child.kill(signal);
    const { code, stdout, stderr } = await run.ended;
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(/ssm: interrupted; nothing was written\.\n$/);
    expect(readdirSync(directory)).toEqual([source]);
    expect(sha256()).toBe(before);
  });
});

describe('a run that is killed', () => {
  it.each([
    ['reducing', reducing],
    ['writing', writing],
  ])('while %s leaves no result, and the next run removes its leavings', async (_, moment) => {
    moment.prepare();
    const before = sha256();
    const run = await moment.begin();
    run.child.kill('SIGKILL');
    expect((await run.ended).code).toBeNull();
    expect(sha256()).toBe(before);
    expect(temporaries()).not.toEqual([]);
    expect(readdirSync(directory).filter((name) => !name.endsWith('.tmp'))).toEqual([source]);

    writeS4dModel(file, [exampleLayer(2, 4)]);
    const output = join(directory, 'out.safetensors');
    const args = ['compress', file, '-o', output, '--order', '2', '--solver', 'balanced'];
    const next = await runCli(cli, args);
    expect(next.code).toBe(0);
    expect(readdirSync(directory).sort()).toEqual([
      source,
      'out.safetensors',
      'out.safetensors.ssmreport.json',
    ]);
  });
});

describe('a calibrated run that ends at a moment of chance', () => {
  const options = ['--data', 'data.npz', '--set', 'prenorm=false', '--set', 'pooling=mean'];
  const begin = (): Running =>
    startCli(cli, ['compress', source, '-o', 'out.safetensors', '--order', '4', ...options], {
      cwd: directory,
      env: { SSM_THREADS: '1' },
    });
  const results = ['out.safetensors', 'out.safetensors.ssmreport.json'];

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'by %s has its whole result or none',
    async (signal) => {
      writeExampleNetwork(file, 8);
      await writeExampleData(join(directory, 'data.npz'), 24, 64);
      const before = sha256();
      const given = [source, 'data.npz'];
      const started = performance.now();
      expect((await begin().ended).code).toBe(0);
      const whole = performance.now() - started;
      for (const name of results) rmSync(join(directory, name));

      const chance = uniform(signal.length);
      for (let i = 0; i < 2; i++) {
        const run = begin();
        const killed = setTimeout(() => run.child.kill(signal), whole * chance());
        const { code } = await run.ended;
        clearTimeout(killed);
        expect(sha256()).toBe(before);
        const left = readdirSync(directory).filter((name) => !given.includes(name));
        const named = left.filter((name) => !name.endsWith('.tmp'));
        // a kill may fall between the last of the work and the end of the process
        expect([[], results.slice(0, 1), results]).toContainEqual(named.sort());
        if (code === 0) expect(named).toEqual(results);
        if (signal === 'SIGINT') {
          expect(left).toEqual(named);
          expect(named.length).not.toBe(1);
        }
        if (named.length === 2) {
          const report: unknown = JSON.parse(readFileSync(join(directory, results[1]), 'utf8'));
          expect(isReport(report)).toBe(true);
        }
        for (const name of left) rmSync(join(directory, name));
      }
    },
    120_000,
  );
});
