import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { forward } from '../../src/core/network/forward';
import type { NpyArray } from '../../src/formats/npy';
import { encodeNpy } from '../../src/formats/npy';
import { networkOf, npy, npz, sequence } from '../support/networks';
import { runPython } from '../support/python';
import { sharedAvailable, sharedPath } from '../support/shared';
import { tempDir } from '../support/tempDir';

/** Trained models, third parties' among them, against an independent implementation in torch, both in float64. */

interface Sample {
  readonly checkpoint: string;
  readonly prenorm: boolean;
  readonly data: string;
  readonly array: string | null;
  readonly lengths: string | null;
  readonly count: number;
  readonly scale: number;
}

const directory = tempDir();

/** Images of the CIFAR sample as sequences of 1024 pixels, three features each, in [0, 1]. */
async function cifarSequences(): Promise<string> {
  const { values } = await npz(sharedPath('data', 'cifar10', 'cifar10_sample.npz'), 'test_x');
  const count = 2;
  const x = new Float64Array(count * 1024 * 3);
  for (let i = 0; i < count; i++) {
    for (let t = 0; t < 1024; t++) {
      for (let c = 0; c < 3; c++) {
        x[(i * 1024 + t) * 3 + c] = values[i * 3072 + c * 1024 + t] / 255;
      }
    }
  }
  const path = join(directory, 'cifar.npy');
  writeFileSync(path, encodeNpy({ dtype: 'float64', shape: [count, 1024, 3], values: x }));
  return path;
}

const digits = sharedPath('trained', 's4d_smnist', 'smnist_test1500.npz');
const reviews = (name: string): string => sharedPath('trained', 's4d_imdb', name);

const samples: [string, () => Promise<Sample> | Sample][] = [
  [
    's4d_smnist.pt',
    () => ({
      checkpoint: sharedPath('trained', 's4d_smnist', 's4d_smnist.pt'),
      prenorm: false,
      data: digits,
      array: 'X',
      lengths: null,
      count: 4,
      scale: 1 / 255,
    }),
  ],
  [
    'gevorgyg-ckpt.pth',
    () => ({
      checkpoint: sharedPath('checkpoints', 'real', 'gevorgyg-ckpt.pth'),
      prenorm: false,
      data: digits,
      array: 'X',
      lengths: null,
      count: 4,
      scale: 1 / 255,
    }),
  ],
  [
    's4d_imdb.pt',
    () => ({
      checkpoint: reviews('s4d_imdb.pt'),
      prenorm: true,
      data: reviews('tokens64.npy'),
      array: null,
      lengths: reviews('lengths64.npy'),
      count: 3,
      scale: 1,
    }),
  ],
  [
    'chordchen-ckpt.pth',
    async () => ({
      checkpoint: sharedPath('checkpoints', 'real', 'chordchen-ckpt.pth'),
      prenorm: false,
      data: await cifarSequences(),
      array: null,
      lengths: null,
      count: 2,
      scale: 1,
    }),
  ],
];

async function arrayOf({ data, array }: Sample): Promise<NpyArray> {
  return array === null ? npy(data) : npz(data, array);
}

describe.skipIf(!sharedAvailable)('the forward pass agrees with torch', () => {
  it.each(samples)('%s', async (_, describeSample) => {
    const sample = await describeSample();
    const expected = runPython(
      's4_example.py',
      JSON.stringify({ ...sample, dtype: 'float64' }),
    ) as number[][];
    const network = await networkOf(sample.checkpoint, {
      prenorm: String(sample.prenorm),
      pooling: 'mean',
    });
    const data = await arrayOf(sample);
    const lengths = sample.lengths === null ? undefined : npy(sample.lengths).values;
    expected.forEach((logits, i) => {
      const one = sequence(data, i, lengths?.[i]);
      const { x } = forward(network, { ...one, x: one.x.map((value) => value * sample.scale) });
      logits.forEach((logit, k) => {
        expect(Math.abs(x[k] - logit)).toBeLessThan(1e-9);
      });
    });
  });
});
