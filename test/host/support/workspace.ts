import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { recordedInputs, sampleData } from './sampleData';

export const root = path.resolve(import.meta.dirname, '../../..');
export const screenshots = path.join(root, 'test-results/screenshots');
mkdirSync(screenshots, { recursive: true });

const fixtures = path.join(root, 'test/fixtures/formats');
const sample = path.join(root, 'media/samples/s4d-smnist.safetensors');
const untold = sampleRecording({});
const told = sampleRecording({ prenorm: 'false', pooling: 'mean' });

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Header = Record<string, Entry>;

/** Fills a workspace with the checkpoints that the tests work on. */
export function fillWorkspace(folder: string): void {
  const file = (name: string): string => path.join(folder, name);
  writeFileSync(file('s4d-smnist.safetensors'), untold);
  for (const name of ['a', 'b', 'c', 'd']) writeFileSync(file(`${name}.safetensors`), told);
  writeFileSync(file('weights.bin'), told);
  copyFileSync(path.join(fixtures, 'lru_compressm_layer_synthetic.eqx'), file('layer.eqx'));
  mkdirSync(file('folder'));
  const small = path.join(fixtures, 's4d_minimal_H8_N16.safetensors');
  copyFileSync(small, file('folder/model.safetensors'));
  writeFileSync(file('folder/config.json'), JSON.stringify({ d_state: 16, l_max: 64 }));
  mkdirSync(file('no checkpoint'));
  writeFileSync(file('sequences.npz'), sampleData(24));
  writeFileSync(file('recorded.npz'), recordedInputs(8));
  writeFileSync(file('plain.safetensors'), plainCheckpoint());
  writeFileSync(file('untold.safetensors'), untoldCheckpoint());
  writeFileSync(file('broken.safetensors'), untold.subarray(0, 5000));
  writeFileSync(file('big.safetensors'), manyTimes(untold, 24));
}

/** The sample with nothing recorded but this. What a file does not tell is asked for. */
function sampleRecording(metadata: Readonly<Record<string, string>>): Buffer {
  const { entries, data } = tensorsOf(readFileSync(sample));
  return safetensors({ __metadata__: metadata, ...Object.fromEntries(entries) }, data);
}

/** One layer of S4D, version 3: its tensors do not tell how it was discretised. 4 channels, 16 pairs of poles. */
function untoldCheckpoint(): Buffer {
  const shapes: readonly (readonly [string, readonly number[]])[] = [
    ['A', [4, 16, 2]],
    ['A_imag', [4, 16]],
    ['B', [4, 16, 2]],
    ['C', [1, 4, 16, 2]],
    ['inv_A_real', [4, 16]],
    ['log_dt', [4]],
  ];
  const header: Record<string, Entry> = {};
  const values: number[] = [];
  for (const [name, shape] of shapes) {
    const start = 4 * values.length;
    const size = shape.reduce((a, b) => a * b, 1);
    for (let i = 0; i < size; i++) values.push(name === 'log_dt' ? -3 : Math.cos(i + name.length));
    header[`layer.kernel.kernel.${name}`] = {
      ...{ dtype: 'F32', shape },
      data_offsets: [start, 4 * values.length],
    };
  }
  return safetensors(header, Buffer.from(Float32Array.from(values).buffer));
}

function plainCheckpoint(): Buffer {
  return safetensors(
    {
      'fc.weight': { dtype: 'F32', shape: [4, 3], data_offsets: [0, 48] },
      'fc.bias': { dtype: 'F32', shape: [4], data_offsets: [48, 64] },
    },
    Buffer.alloc(64),
  );
}

/** The tensors of a checkpoint so many times over under different prefixes: a run long enough to be interrupted. */
function manyTimes(bytes: Buffer, times: number): Buffer {
  const { entries, data } = tensorsOf(bytes);
  const header: Header = {};
  for (let i = 0; i < times; i++) {
    for (const [name, entry] of entries) {
      const [start, end] = entry.data_offsets;
      const shift = i * data.length;
      header[`part${i}.${name}`] = { ...entry, data_offsets: [start + shift, end + shift] };
    }
  }
  return safetensors(header, Buffer.concat(Array.from({ length: times }, () => data)));
}

function tensorsOf(bytes: Buffer): {
  readonly entries: readonly (readonly [string, Entry])[];
  readonly data: Buffer;
} {
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const parsed = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Header;
  const entries = Object.entries(parsed).filter(([name]) => name !== '__metadata__');
  return { entries, data: bytes.subarray(8 + headerLength) };
}

function safetensors(
  header: Readonly<Record<string, Entry | Readonly<Record<string, string>>>>,
  data: Buffer,
): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}
