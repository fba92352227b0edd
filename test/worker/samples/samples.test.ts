import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Network } from '../../../src/core/network/network';
import { encodeNpy } from '../../../src/formats/npy';
import type { DType } from '../../../src/formats/tensor';
import { openSamples } from '../../../src/worker/samples/open';
import type { SampleSettings } from '../../../src/worker/samples/options';
import type { Samples } from '../../../src/worker/samples/samples';
import { splitSamples } from '../../../src/worker/samples/split';
import { npy } from '../../support/networks';
import { sharedAvailable, sharedPath } from '../../support/shared';
import { tempDir } from '../../support/tempDir';
import { zipOf } from '../../support/torchZip';

const directory = tempDir();

/** A network of which only the input and the output matter here. */
function networkFor(
  input: Network['input'],
  outputs: number,
  { pooled = true, horizon }: { pooled?: boolean; horizon?: number } = {},
): Network {
  return {
    input,
    ops: [
      ...(pooled ? [{ kind: 'pool', by: 'mean' } as const] : []),
      {
        kind: 'linear',
        inputs: 1,
        outputs,
        weight: {
          tensor: 'decoder.weight',
          shape: [outputs, 1],
          values: new Float64Array(outputs),
        },
        role: 'decoder',
      },
    ],
    layers:
      horizon === undefined
        ? []
        : [
            {
              name: 'layer',
              inputs: 1,
              outputs: 1,
              systems: { kind: 'tied', groups: [] },
              horizon,
            },
          ],
  };
}

const values = (width: number): Network['input'] => ({ kind: 'values', width });
const tokens = (vocabulary: number): Network['input'] => ({ kind: 'tokens', vocabulary });

interface Given {
  readonly dtype?: DType;
  readonly shape: readonly number[];
  readonly values?: ArrayLike<number>;
}

function array({ dtype = 'float32', shape, values: given }: Given): Uint8Array {
  const parts = dtype.startsWith('complex') ? 2 : 1;
  const length = shape.reduce((product, axis) => product * axis, parts);
  const numbers = Float64Array.from({ length }, (_, i) => given?.[i] ?? i);
  return encodeNpy({ dtype, shape, values: numbers });
}

let files = 0;
async function npzFile(arrays: Readonly<Record<string, Given>>): Promise<string> {
  const path = join(directory, `data${files++}.npz`);
  const entries = Object.entries(arrays).map(([name, one]) => [`${name}.npy`, array(one)] as const);
  writeFileSync(path, await zipOf(Object.fromEntries(entries)));
  return path;
}

function file(name: string, contents: string | Uint8Array): string {
  const path = join(directory, `${files++}${name}`);
  writeFileSync(path, contents);
  return path;
}

async function using<T>(
  path: string,
  settings: SampleSettings,
  network: Network,
  use: (samples: Samples) => Promise<T> | T,
): Promise<T> {
  const samples = await openSamples(path, settings, network);
  try {
    return await use(samples);
  } finally {
    await samples.close();
  }
}

const xOf = async (samples: Samples, index: number): Promise<number[]> =>
  Array.from((await samples.sequence(index)).x);

describe('arrays as sequences', () => {
  it('sequences × length × width, feature after feature, with labels', async () => {
    const path = await npzFile({
      x: { shape: [2, 3, 2] },
      y: { dtype: 'int64', shape: [2], values: [1, 0] },
    });
    await using(path, {}, networkFor(values(2), 2), async (samples) => {
      expect(samples.count).toBe(2);
      expect(samples.targets).toEqual({ kind: 'labels', labels: Int32Array.of(1, 0) });
      expect(await samples.sequence(1)).toEqual({
        x: Float64Array.of(6, 8, 10, 7, 9, 11),
        width: 2,
        length: 3,
      });
    });
  });

  it('images in flat rows, channels first, normalised', async () => {
    const path = await npzFile({
      train_x: { dtype: 'uint8', shape: [1, 6] },
      test_x: { shape: [1, 1] },
    });
    const settings = {
      inputs: 'train_x',
      layout: 'width-length',
      scale: '2',
      mean: '1,2,0',
      std: '1,1,4',
    };
    await using(path, settings, networkFor(values(3), 2), async (samples) => {
      expect(await samples.sequence(0)).toEqual({
        x: Float64Array.of(-1, -0.5, -1, -0.5, 0.5, 0.625),
        width: 3,
        length: 2,
      });
    });
  });

  it('images of four axes, either way round, and of one channel', async () => {
    const first = await npzFile({ x: { shape: [1, 3, 2, 2] } });
    await using(first, { layout: 'width-length' }, networkFor(values(3), 2), async (samples) => {
      expect(await xOf(samples, 0)).toEqual([...Array(12).keys()]);
    });
    const last = await npzFile({ x: { shape: [1, 2, 2, 3] } });
    await using(last, {}, networkFor(values(3), 2), async (samples) => {
      expect(await xOf(samples, 0)).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
    });
    const grey = await npzFile({ x: { dtype: 'uint8', shape: [2, 2, 2] } });
    await using(grey, { layout: 'length-width' }, networkFor(values(1), 2), async (samples) => {
      expect(await xOf(samples, 1)).toEqual([4, 5, 6, 7]);
    });
  });

  it('a .npy of sequences × length; settings beside it, and those given now before them', async () => {
    const path = file('bare.npy', array({ shape: [4, 3] }));
    writeFileSync(`${path}.json`, JSON.stringify({ scale: 10, mean: [5], count: 3 }));
    await using(path, { mean: '1' }, networkFor(values(1), 2), async (samples) => {
      expect(samples.count).toBe(3);
      expect(samples.targets).toEqual({ kind: 'none' });
      expect((await xOf(samples, 2)).map((x) => x.toFixed(6))).toEqual([
        '-0.400000',
        '-0.300000',
        '-0.200000',
      ]);
    });
  });

  it('tokens of their own lengths: by an array, by padding, cut', async () => {
    const path = await npzFile({
      tokens: { dtype: 'uint8', shape: [2, 4], values: [5, 6, 0, 0, 7, 0, 8, 9] },
      lengths: { dtype: 'int32', shape: [2], values: [3, 4] },
    });
    await using(path, {}, networkFor(tokens(10), 2), async (samples) => {
      expect(await xOf(samples, 0)).toEqual([5, 6, 0]);
      expect(samples.lengthOf(0)).toBe(3);
    });
    const padded = await npzFile({
      x: { dtype: 'int64', shape: [2, 4], values: [5, 6, 0, 0, 7, 0, 8, 9] },
    });
    await using(
      padded,
      { padding: '0', 'max-length': '3' },
      networkFor(tokens(10), 2),
      async (samples) => {
        expect(await xOf(samples, 0)).toEqual([5, 6]);
        expect(await xOf(samples, 1)).toEqual([7, 0, 8]);
      },
    );
  });

  it('targets at every position', async () => {
    const path = await npzFile({ U: { shape: [2, 3, 1] }, Y: { shape: [2, 3, 2] } });
    await using(path, {}, networkFor(values(1), 2, { pooled: false }), async (samples) => {
      if (samples.targets.kind !== 'values') throw new Error('no targets');
      expect(samples.targets.length).toBe(3);
      expect(await samples.targets.of(1)).toEqual(Float64Array.of(6, 8, 10, 7, 9, 11));
    });
  });
});

describe('texts', () => {
  const line = (text: string, label: number): string => JSON.stringify({ text, label });

  it('characters looked up, unknown ones marked, cut, ended; code points count once', async () => {
    const vocabulary = file('vocab.json', JSON.stringify(['<pad>', '<unk>', '<eos>', 'a', '😀']));
    const name = vocabulary.slice(directory.length + 1);
    const path = file(
      'reviews.jsonl.gz',
      gzipSync([line('a😀b', 1), '', line('aaaaaa', 0)].join('\n')),
    );
    const settings = { vocabulary: name, unknown: '1', end: '2', 'max-length': '4' };
    await using(path, settings, networkFor(tokens(5), 2), async (samples) => {
      expect(await xOf(samples, 0)).toEqual([3, 4, 1, 2]);
      expect(await xOf(samples, 1)).toEqual([3, 3, 3, 3, 2]);
      expect(samples.targets).toEqual({ kind: 'labels', labels: Int32Array.of(1, 0) });
    });
  });

  it.skipIf(!sharedAvailable)(
    'gives the tokens that the trained model was tested with',
    async () => {
      const data = sharedPath('data', 'imdb', 'imdb_test2000.jsonl.gz');
      const settings = {
        vocabulary: 'vocab_char_minfreq15.json',
        unknown: '1',
        end: '2',
        'max-length': '2047',
        count: '64',
      };
      const trained = (name: string): string => sharedPath('trained', 's4d_imdb', name);
      const [stored, lengths, labels] = ['tokens64.npy', 'lengths64.npy', 'labels64.npy'].map(
        (name) => npy(trained(name)),
      );
      await using(data, settings, networkFor(tokens(134), 2), async (samples) => {
        expect(samples.targets).toEqual({ kind: 'labels', labels: Int32Array.from(labels.values) });
        for (let i = 0; i < 64; i++) {
          const { x } = await samples.sequence(i);
          expect(x.length).toBe(lengths.values[i]);
          expect(x).toEqual(stored.values.slice(2048 * i, 2048 * i + x.length));
        }
      });
    },
  );
});

describe('what does not fit is refused with what the model expects', () => {
  type Case = [string, () => Promise<string> | string, SampleSettings, Network, RegExp];
  const cases: Case[] = [
    [
      'another width',
      () => npzFile({ x: { shape: [2, 3, 4] } }),
      {},
      networkFor(values(3), 2),
      /array "x".*shape is \(2, 3, 4\).*takes 3 features a position/,
    ],
    [
      'features on the second axis',
      () => npzFile({ x: { shape: [2, 3, 5] } }),
      {},
      networkFor(values(3), 2),
      /say layout=width-length/,
    ],
    [
      'flat rows without a layout',
      () => npzFile({ x: { shape: [2, 6] } }),
      {},
      networkFor(values(3), 2),
      /say the layout/,
    ],
    [
      'features for a model of tokens',
      () => npzFile({ x: { shape: [2, 6, 3] } }),
      {},
      networkFor(tokens(7), 2),
      /takes tokens \(0 to 6\)/,
    ],
    [
      'texts for a model of features',
      () => file('a.jsonl', '{"text": "a"}'),
      {},
      networkFor(values(3), 2),
      /takes 3 features a position, not a text/,
    ],
    [
      'complex numbers',
      () => npzFile({ x: { dtype: 'complex64', shape: [1, 3], values: [] } }),
      {},
      networkFor(values(1), 2),
      /complex64/,
    ],
    [
      'a label out of range',
      () => npzFile({ x: { shape: [2, 3] }, y: { dtype: 'int64', shape: [2], values: [0, 3] } }),
      {},
      networkFor(values(1), 3),
      /Label 3 of sequence 1.*classes, which are 0 to 2/,
    ],
    [
      'labels of another number',
      () => npzFile({ x: { shape: [2, 3] }, y: { dtype: 'int64', shape: [3] } }),
      {},
      networkFor(values(1), 3),
      /3 entries for 2 sequences/,
    ],
    [
      'targets of another width',
      () => npzFile({ x: { shape: [2, 3] }, y: { shape: [2, 5] } }),
      {},
      networkFor(values(1), 3),
      /shape is \(2, 5\)/,
    ],
    [
      'a length out of range',
      () =>
        npzFile({ x: { shape: [2, 3] }, lengths: { dtype: 'int64', shape: [2], values: [3, 4] } }),
      {},
      networkFor(values(1), 3),
      /Length 4 of sequence 1 is not in 1 … 3/,
    ],
    [
      'two arrays that may be the inputs',
      () => npzFile({ x: { shape: [2, 3] }, X: { shape: [2, 3] } }),
      {},
      networkFor(values(1), 3),
      /not clear.*inputs=/,
    ],
    [
      'sequences beyond the kernels',
      () => npzFile({ x: { shape: [2, 30] } }),
      {},
      networkFor(values(1), 3, { horizon: 20 }),
      /kernels end after 20.*max-length=20/,
    ],
    [
      'an unknown setting',
      () => npzFile({ x: { shape: [2, 3] } }),
      { sacle: '2' },
      networkFor(values(1), 3),
      /no setting "sacle"/,
    ],
    [
      'a scale of zero',
      () => npzFile({ x: { shape: [2, 3] } }),
      { scale: '0' },
      networkFor(values(1), 3),
      /setting scale/,
    ],
    [
      'means for other features',
      () => npzFile({ x: { shape: [2, 3] } }),
      { mean: '1,2' },
      networkFor(values(1), 3),
      /mean.*has 2 numbers/,
    ],
    [
      'another kind of file',
      () => file('a.png', 'PNG'),
      {},
      networkFor(values(1), 3),
      /Sample data is a \.npz/,
    ],
    [
      'no sequences',
      () => npzFile({ x: { shape: [0, 3] } }),
      {},
      networkFor(values(1), 3),
      /no sequences/,
    ],
    [
      'a text without a vocabulary',
      () => file('b.jsonl', '{"text": "a"}'),
      {},
      networkFor(tokens(5), 2),
      /vocabulary=FILE/,
    ],
    [
      'a line that is no JSON',
      () => file('c.jsonl', '{"text": "a"}\nnonsense'),
      { vocabulary: 'v.json', unknown: '0' },
      networkFor(tokens(5), 2),
      /line 2.*no JSON object/,
    ],
    [
      'some texts with labels',
      () => file('d.jsonl', '{"text": "a", "label": 1}\n{"text": "a"}'),
      { vocabulary: 'v.json', unknown: '0' },
      networkFor(tokens(5), 2),
      /Only 1 of 2 texts/,
    ],
    [
      'an empty text',
      () => file('e.jsonl', '{"text": ""}'),
      { vocabulary: 'v.json' },
      networkFor(tokens(5), 2),
      /line 1.*empty/,
    ],
  ];
  writeFileSync(join(directory, 'v.json'), '{"a": 1}');

  it.each(cases)('%s', async (_, make, settings, network, message) => {
    const path = await make();
    const opened = openSamples(path, settings, network);
    await expect(
      opened.catch((error: unknown) => {
        throw new Error((error as { describe(): string }).describe());
      }),
    ).rejects.toThrow(message);
  });

  it.each([
    ['a number that is none', values(1), [1, NaN, 3], /Sequence 0, position 1, feature 0 is NaN/],
    [
      'a token that the model lacks',
      tokens(3),
      [1, 2, 3],
      /Sequence 0, position 2: 3 .*tokens 0 to 2/,
    ],
    ['a token that is no whole number', tokens(3), [1, 0.5, 2], /position 1: 0.5/],
  ] as const)('%s, when the sequence is read', async (_, input, row, message) => {
    const path = await npzFile({ x: { shape: [1, 3], values: row } });
    await using(path, {}, networkFor(input, 2), async (samples) => {
      await expect(samples.sequence(0)).rejects.toThrow(message);
    });
  });

  it('a padded sequence without any token', async () => {
    const path = await npzFile({ x: { dtype: 'int32', shape: [1, 3], values: [0, 0, 0] } });
    await using(path, { padding: '0' }, networkFor(tokens(3), 2), async (samples) => {
      await expect(samples.sequence(0)).rejects.toThrow(/Sequence 0 is empty/);
    });
  });
});

describe('the split', () => {
  it('is the same for the same seed, disjoint and complete', () => {
    const one = splitSamples(50, { seed: 3 });
    expect(one).toEqual(splitSamples(50, { seed: 3 }));
    expect(one).not.toEqual(splitSamples(50, { seed: 4 }));
    expect(one.calibration).toHaveLength(25);
    const all = [...one.calibration, ...one.heldOut].sort((a, b) => a - b);
    expect(all).toEqual([...Array(50).keys()]);
  });

  it('takes no more than 128 to calibrate with, or as many as told', () => {
    expect(splitSamples(2000).calibration).toHaveLength(128);
    expect(splitSamples(2000, { calibration: 500 }).heldOut).toHaveLength(1500);
  });

  it.each([
    [3, {}],
    [10, { calibration: 9 }],
    [10, { calibration: 1 }],
  ])('refuses parts of fewer than two: %d, %j', (count, options) => {
    expect(() => splitSamples(count, options)).toThrow(/calibrate/);
  });
});
