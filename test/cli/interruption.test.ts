import { createHash } from 'node:crypto';
import {
  ftruncateSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleProgram } from '../support/bundle';
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
const start = (...options: string[]): Running =>
  startCli(cli, ['compress', file, '-o', join(directory, 'out.safetensors'), ...options], {
    env: { SSM_THREADS: '1' },
  });

/** A model that keeps one thread busy for longer than a test waits. */
function writeSlowModel(): void {
  writeS4dModel(file, [exampleLayer(2000, 32)]);
}

/** A model of one tiny layer and so much else that writing it takes a while. */
function writeLargeModel(): void {
  const filler = 300 * 2 ** 20;
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

async function whileReducing(): Promise<Running> {
  writeSlowModel();
  const run = start('--order', '16');
  await run.said(/reducing/);
  return run;
}

async function whileWriting(): Promise<Running> {
  writeLargeModel();
  const run = start('--order', '2', '--solver', 'balanced');
  await until(() => temporaries().some((name) => statSync(join(directory, name)).size > 2 ** 20));
  return run;
}

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a run that is told to stop by %s', (signal, expected) => {
  it.each([
    ['reducing', whileReducing],
    ['writing', whileWriting],
  ])('while %s cleans up', async (_, begin) => {
    const run = await begin();
    const before = sha256();
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
    [
      'reducing',
      whileReducing,
      () => {
        writeS4dModel(file, [exampleLayer(2, 4)]);
      },
    ],
    ['writing', whileWriting, () => undefined],
  ])(
    'while %s leaves no result, and the next run removes its leavings',
    async (_, begin, after) => {
      const run = await begin();
      const before = sha256();
      run.child.kill('SIGKILL');
      expect((await run.ended).code).toBeNull();
      expect(sha256()).toBe(before);
      expect(temporaries()).not.toEqual([]);
      expect(readdirSync(directory).filter((name) => !name.endsWith('.tmp'))).toEqual([source]);

      after();
      const output = join(directory, 'out.safetensors');
      const args = ['compress', file, '-o', output, '--order', '2', '--solver', 'balanced'];
      const next = await runCli(cli, args);
      expect(next.code).toBe(0);
      expect(readdirSync(directory).sort()).toEqual([
        source,
        'out.safetensors',
        'out.safetensors.ssmreport.json',
      ]);
    },
  );
});
