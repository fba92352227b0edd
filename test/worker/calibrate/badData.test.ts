import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { SsmError } from '../../../src/core/errors';
import { encodeNpy } from '../../../src/formats/npy';
import type { DType } from '../../../src/formats/tensor';
import { compressCheckpoint } from '../../../src/worker/compress';
import { createLocalEngine } from '../../../src/worker/engine';
import { evaluateFile } from '../../../src/worker/evaluate/evaluateFile';
import { taskRunner } from '../../../src/worker/tasks';
import { writeExampleNetwork } from '../../support/exampleNetwork';
import { tempDir } from '../../support/tempDir';
import { zipOf } from '../../support/torchZip';

/** What a person gets for sample data that cannot be used: the file, what is wrong, what the model expects, no output. */

const root = tempDir();
const tools = { startEngine: () => Promise.resolve(createLocalEngine(taskRunner)) };
const given = { prenorm: 'false', pooling: 'mean' };
let directory = '';
let cases = 0;

beforeEach(() => {
  directory = join(root, `case${cases++}`);
  mkdirSync(directory);
  writeExampleNetwork(join(directory, 'net.safetensors'), 4); // takes 2 features, tells 3 classes apart
});

interface Stored {
  readonly dtype?: DType;
  readonly shape: readonly number[];
  readonly values?: readonly number[];
}

async function writeData(arrays: Readonly<Record<string, Stored>>): Promise<string> {
  const entries = Object.entries(arrays).map(([name, { dtype = 'float32', shape, values }]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const all = Float64Array.from({ length: size }, (_, i) => values?.[i] ?? Math.sin(i) / 2);
    return [`${name}.npy`, encodeNpy({ dtype, shape, values: all })] as const;
  });
  const path = join(directory, 'data.npz');
  writeFileSync(path, await zipOf(Object.fromEntries(entries)));
  return path;
}

const inputs = (count: number, more: Partial<Stored> = {}): { x: Stored } => ({
  x: { shape: [count, 16, 2], ...more },
});

function compress(data: string): Promise<unknown> {
  return compressCheckpoint(
    {
      file: join(directory, 'net.safetensors'),
      output: join(directory, 'small.safetensors'),
      target: { order: 2 },
      ...{ solver: 'newton', answers: { given }, calibration: { data }, overwrite: false },
    },
    tools,
  );
}

const evaluate = (data: string): Promise<unknown> =>
  evaluateFile({ file: join(directory, 'net.safetensors'), data, given }, tools);

/** What is said of it: everything of the error that is shown. */
async function complaint(run: Promise<unknown>): Promise<string> {
  const error: unknown = await run.then(
    () => new Error('It was taken.'),
    (reason: unknown) => reason,
  );
  return SsmError.is(error) ? error.describe() : String(error);
}

const float64 = 'float64' as const;

describe.each([
  ['another width', { x: { shape: [8, 16, 3] } }, /shape is \(8, 16, 3\).*takes 2 features/],
  ['no axis of positions', { x: { shape: [8] } }, /Sample data is sequences × length × width/],
  [
    'lengths beyond the sequences',
    { ...inputs(8), lengths: { dtype: 'int64' as const, shape: [8], values: Array(8).fill(17) } },
    /Length 17 of sequence 0 is not in 1 … 16/,
  ],
  ['elements that are no numbers', inputs(8, { dtype: 'bool' as const }), /elements are bool/],
  [
    'labels of classes that there are not',
    { ...inputs(8), y: { dtype: 'int64' as const, shape: [8], values: [0, 1, 2, 3, 0, 0, 0, 0] } },
    /Label 3 of sequence 3.*classes, which are 0 to 2/,
  ],
  [
    'labels of another number',
    { ...inputs(8), y: { dtype: 'int64' as const, shape: [7] } },
    /7 entries for 8 sequences/,
  ],
  [
    'numbers that are none',
    inputs(8, { values: Array<number>(256).fill(0.5).fill(NaN, 5, 6) }),
    /data\.npz: Sequence 0, position 2, feature 1 is NaN/,
  ],
  [
    'numbers that the model answers with none',
    inputs(8, { dtype: float64, values: Array<number>(256).fill(1e308) }),
    /not finite|is NaN|are NaN|gives NaN|Infinity/i,
  ],
] as const)('sample data with %s', (_, arrays, message) => {
  it.each([
    ['a compression', compress],
    ['an evaluation', evaluate],
  ] as const)('is refused by %s', async (_name, run) => {
    const data = await writeData(arrays);
    const before = readdirSync(directory);
    expect(await complaint(run(data))).toMatch(message);
    expect(readdirSync(directory)).toEqual(before);
  });
});

it.each([1, 3])('%i sequences cannot be split, but judged', async (count) => {
  const data = await writeData(inputs(count));
  expect(await complaint(compress(data))).toMatch(/cannot be split into a part to calibrate with/);
  expect(await evaluate(data)).toMatchObject({ evaluation: { sequences: count } });
});

it.each([
  ['a compression', compress],
  ['an evaluation', evaluate],
] as const)(
  'a model with numbers that are none is refused by %s, the tensor named',
  async (_, run) => {
    const file = join(directory, 'net.safetensors');
    const bytes = readFileSync(file);
    new DataView(bytes.buffer, bytes.byteOffset).setFloat32(bytes.length - 4, NaN, true); // of the decoder's bias
    writeFileSync(file, bytes);
    const data = await writeData(inputs(8));
    const before = readdirSync(directory);
    expect(await complaint(run(data))).toMatch(/decoder\.bias/);
    expect(readdirSync(directory)).toEqual(before);
  },
);
