import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { selfTest } from '../../../src/worker/engines/selfTest';
import type { SearchEngine, SearchKind } from '../../../src/worker/engines/searchEngine';
import { createTfjsEngine } from '../../../src/worker/engines/tfjs/engine';
import { useWasm } from '../../support/tensorflow';

const right = createTfjsEngine(tf, { kind: 'cpu', name: 'test' });

beforeAll(useWasm);

/** A module of operations in which one of them is wrong. */
function wrong(change: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>>): SearchEngine {
  return createTfjsEngine({ ...tf, ...change }, right.device);
}

test.each<[string, SearchEngine, SearchKind?]>([
  ['exp is off in the fourth digit', wrong({ exp: (x) => tf.mul(tf.exp(x), 1.0003) })],
  ['round cuts off', wrong({ round: (x) => tf.floor(x) })],
  ['squares are off in the fourth digit', wrong({ square: (x) => tf.square(tf.mul(x, 1.0002)) })],
  ['everything is not a number', wrong({ sqrt: (x) => tf.mul(tf.sqrt(x), NaN) })],
  [
    'the gradient has the other sign',
    {
      ...right,
      derivatives: async (batch) => {
        const { value, gradient } = await right.derivatives(batch);
        return { value, gradient: gradient.map((entry) => -entry) };
      },
    },
  ],
  [
    'the search does not move',
    {
      ...right,
      search: async (batch) => {
        const { value } = await right.derivatives(batch);
        return { poleRe: batch.poleRe, poleIm: batch.poleIm, value };
      },
    },
  ],
  [
    'the weighted error is off in the third digit',
    {
      ...right,
      weightedDerivatives: async (targets, poles) => {
        const told = await right.weightedDerivatives(targets, poles);
        return { ...told, value: told.value.map((x) => 1.002 * x) };
      },
    },
    'weighted',
  ],
  [
    'what a pole would gain is too little',
    {
      ...right,
      weightedDerivatives: async (targets, poles) => {
        const told = await right.weightedDerivatives(targets, poles);
        return { ...told, gain: told.gain.map((x, c) => (c === 0 ? 0.7 * x : x)) };
      },
    },
    'weighted',
  ],
  [
    'the loss of a pole would cost another one’s',
    {
      ...right,
      weightedDerivatives: async (targets, poles) => {
        const told = await right.weightedDerivatives(targets, poles);
        return { ...told, costs: told.costs.toReversed() };
      },
    },
    'weighted',
  ],
  [
    'searches of calibrated layers find poles that are not numbers',
    {
      ...right,
      searchWeighted: async (targets) => {
        const found = await right.searchWeighted(targets);
        return { ...found, poleIm: found.poleIm.map(() => NaN) };
      },
    },
    'weighted',
  ],
  [
    'the poles found are not numbers',
    {
      ...right,
      search: async (batch, steps) => {
        const { value, poleRe, poleIm } = await right.search(batch, steps);
        return { value, poleIm, poleRe: poleRe.map(() => NaN) };
      },
    },
  ],
])('an engine is rejected where %s', async (_, engine, kind = 'plain') => {
  expect((await selfTest(engine, [kind])).passed).toBe(false);
});

test('an engine that throws is not taken for right', async () => {
  const lost = { ...right, derivatives: () => Promise.reject(new Error('lost')) };
  await expect(selfTest(lost)).rejects.toThrow('lost');
});
