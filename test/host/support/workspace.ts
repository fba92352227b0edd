import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../..');
export const screenshots = path.join(root, 'test-results/screenshots');
mkdirSync(screenshots, { recursive: true });

const sample = path.join(root, 'media/samples/s4d-smnist.safetensors');

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Header = Record<string, Entry>;

/** Fills a workspace with the checkpoints that the tests work on. */
export function fillWorkspace(folder: string): void {
  const file = (name: string): string => path.join(folder, name);
  for (const name of ['s4d-smnist', 'a', 'b', 'c', 'd']) {
    copyFileSync(sample, file(`${name}.safetensors`));
  }
  copyFileSync(sample, file('weights.bin'));
  writeFileSync(file('plain.safetensors'), plainCheckpoint());
  writeFileSync(file('broken.safetensors'), readFileSync(sample).subarray(0, 5000));
  writeFileSync(file('big.safetensors'), manyTimes(readFileSync(sample), 24));
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
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const parsed = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Header;
  const entries = Object.entries(parsed).filter(([name]) => name !== '__metadata__');
  const data = bytes.subarray(8 + headerLength);
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

function safetensors(header: Header, data: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}
