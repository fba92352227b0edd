import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Network } from '../../../src/core/network/network';
import { encodeNpy } from '../../../src/formats/npy';
import type { EvaluateParams } from '../../../src/protocol/evaluation';
import { compressCheckpoint } from '../../../src/worker/compress';
import { createLocalEngine } from '../../../src/worker/engine';
import { evaluateFile } from '../../../src/worker/evaluate/evaluateFile';
import { evaluateNetworks } from '../../../src/worker/evaluate/evaluateNetworks';
import type { Samples } from '../../../src/worker/samples/samples';
import { taskRunner } from '../../../src/worker/tasks';
import { npy, npz } from '../../support/networks';
import { sharedAvailable, sharedPath } from '../../support/shared';
import { tempDir } from '../../support/tempDir';

const directory = tempDir();
const startEngine = () => Promise.resolve(createLocalEngine(taskRunner));
const folder = (name: string): string => sharedPath('trained', 's4d_smnist', name);
const count = 24;
const params: EvaluateParams = {
  file: folder('s4d_smnist.pt'),
  data: folder('smnist_test1500.npz'),
  dataSettings: { scale: '255', count: String(count) },
  given: { prenorm: 'false', pooling: 'mean' },
};

describe.skipIf(!sharedAvailable)('the evaluation of a trained model', () => {
  it('agrees with its stored outputs', async () => {
    const logits = npy(folder('logits64.npy')).values;
    const labels = (await npz(folder('smnist_test1500.npz'), 'Y')).values;
    let [hits, losses] = [0, 0];
    for (let i = 0; i < count; i++) {
      const row = Array.from(logits.subarray(10 * i, 10 * i + 10));
      if (row.indexOf(Math.max(...row)) === labels[i]) hits++;
      losses -= Math.log(Math.exp(row[labels[i]]) / row.reduce((sum, x) => sum + Math.exp(x), 0));
    }
    const seen: number[] = [];
    const { evaluation, architecture } = await evaluateFile(params, {
      startEngine,
      onProgress: ({ sequencesDone }) => seen.push(sequencesDone),
    });
    const [accuracy, loss, ...others] = evaluation.measures;
    expect(others).toEqual([]);
    expect(accuracy).toMatchObject({
      id: 'accuracy',
      samples: count,
      model: { value: hits / count },
    });
    expect(loss.model.value).toBeCloseTo(losses / count, 4);
    expect(evaluation).not.toHaveProperty('agreement');
    const total = (counts: readonly number[] = []): number => counts.reduce((sum, n) => sum + n, 0);
    expect(total(evaluation.balance?.model)).toBe(count);
    expect(total(evaluation.balance?.labels)).toBe(count);
    expect(architecture).toMatch(/example\.py/);
    expect(seen.at(-1)).toBe(count);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });

  it('of a compressed one says how far it is from the original', async () => {
    const output = join(directory, 'small.pt');
    await compressCheckpoint(
      { file: params.file, output, target: { order: 16 }, solver: 'balanced', overwrite: false },
      { startEngine },
    );
    const small = { ...params, file: output, against: params.file };
    const { evaluation } = await evaluateFile(small, { startEngine });
    const alone = await evaluateFile(params, { startEngine });
    const [accuracy, loss] = evaluation.measures;
    const [originally] = alone.evaluation.measures;
    expect(accuracy.original).toEqual(originally.model);
    expect(accuracy.difference?.value).toBeCloseTo(
      (accuracy.model.value ?? NaN) - (accuracy.original?.value ?? NaN),
      12,
    );
    expect(loss.difference?.value).toBeGreaterThan(0);
    expect(evaluation.agreement?.value).toBeLessThan(1);
    expect(evaluation.agreement?.value).toBeGreaterThan(0.4);
    expect(evaluation.layers?.map(({ name }) => name)).toEqual(['s4_layers.0', 's4_layers.1']);
    // errors accumulate from layer to layer
    const [first, second] = (evaluation.layers ?? []).map(({ error }) => error.value ?? NaN);
    expect(first).toBeGreaterThan(0.001);
    expect(second).toBeGreaterThan(first);
    expect(evaluation.outputError?.value).toBeGreaterThan(first);
  });

  it('from itself finds no distance at all', async () => {
    const { evaluation } = await evaluateFile({ ...params, against: params.file }, { startEngine });
    expect(evaluation.outputError).toEqual({ value: 0, low: 0, high: 0 });
    expect(evaluation.agreement?.value).toBe(1);
    expect(evaluation.measures[1].difference).toEqual({ value: 0, low: 0, high: 0 });
  });

  it('measures numbers at every position against their spread', async () => {
    const lru = (name: string): string => sharedPath('trained', 'lru_wh', name);
    const predicted = npy(lru('pred_first64.npy')).values;
    const wanted = (await npz(lru('wh_test200.npz'), 'Y')).values;
    // of the first 64 sequences of 512 steps, all but the first 100 steps of each
    const judged = [...Array(64 * 512).keys()].filter((i) => i % 512 >= 100);
    const average = judged.reduce((sum, i) => sum + wanted[i], 0) / judged.length;
    const errors = judged.reduce((sum, i) => sum + (predicted[i] - wanted[i]) ** 2, 0);
    const spread = judged.reduce((sum, i) => sum + (wanted[i] - average) ** 2, 0);
    const { evaluation } = await evaluateFile(
      {
        file: lru('lru_wh.pt'),
        data: lru('wh_test200.npz'),
        dataSettings: { count: '64', 'warm-up': '100' },
      },
      { startEngine },
    );
    expect(evaluation.measures).toHaveLength(1);
    expect(evaluation.measures[0].id).toBe('nrmse');
    expect(evaluation.measures[0].model.value).toBeCloseTo(Math.sqrt(errors / spread), 5);
    expect(evaluation).not.toHaveProperty('balance');
  });

  it('stops when it is cancelled', async () => {
    const cancelling = new AbortController();
    const running = evaluateFile(
      { ...params, dataSettings: { scale: '255', count: '200' } },
      {
        startEngine,
        signal: cancelling.signal,
        onProgress: () => {
          cancelling.abort();
        },
      },
    );
    await expect(running).rejects.toMatchObject({ reason: 'cancelled' });
  });

  it.each([
    ['an open question', { given: {} }, /tells pooling \(mean, last, max, sum, none\)/],
    ['a value that means nothing', { given: { pooling: 'median' } }, /pooling cannot be "median"/],
    [
      'another network as the original',
      { against: sharedPath('checkpoints', 'real', 'gevorgyg-ckpt.pth') },
      /no reduction of the original/,
    ],
    [
      'a network that is not known',
      { file: sharedPath('checkpoints', 'generated', 'dss_exp_H8_N16.pt') },
      /not known\. Known are/,
    ],
  ] as const)('refuses %s', async (_, change, message) => {
    await expect(evaluateFile({ ...params, ...change }, { startEngine })).rejects.toThrow(message);
  });
});

describe('outputs that are none', () => {
  const weight = { tensor: 'decoder.weight', shape: [2, 1], values: Float64Array.of(1, NaN) };
  const network = (values: Float64Array): Network => ({
    input: { kind: 'values', width: 1 },
    ops: [
      { kind: 'pool', by: 'mean' },
      { kind: 'linear', inputs: 1, outputs: 2, weight: { ...weight, values }, role: 'decoder' },
    ],
    layers: [],
  });
  const samples: Samples = {
    count: 5,
    description: 'made up',
    targets: { kind: 'none' },
    lengthOf: () => 2,
    sequence: () => Promise.resolve({ x: Float64Array.of(1, 2), width: 1, length: 2 }),
    close: () => Promise.resolve(),
  };
  const [sound, broken] = [network(Float64Array.of(1, 2)), network(Float64Array.of(1, NaN))];

  it.each([
    [
      'the original',
      { network: sound, original: broken },
      /original model gives NaN for sequence 0/,
    ],
    ['the model', { network: broken, original: sound }, /^The model gives NaN for sequence 0/],
  ])('are an error that names %s', async (_, networks, message) => {
    const engine = await startEngine();
    const running = evaluateNetworks({ ...networks, samples }, { engine });
    await expect(running).rejects.toThrow(message);
  });

  it('and so are numbers in the data that are none', async () => {
    const data = join(directory, 'nan.npy');
    writeFileSync(
      data,
      encodeNpy({ dtype: 'float32', shape: [5, 3], values: new Float64Array(15).fill(NaN) }),
    );
    if (!sharedAvailable) return;
    const running = evaluateFile({ ...params, data, dataSettings: {} }, { startEngine });
    await expect(running).rejects.toThrow(/Sequence 0, position 0, feature 0 is NaN/);
  });
});
