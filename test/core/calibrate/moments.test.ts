import { describe, expect, it } from 'vitest';
import { addMoments, emptyMoments, matchedStatistics } from '../../../src/core/calibrate/moments';
import type { BatchNormOp, Parameter } from '../../../src/core/network/network';
import { batchNorm } from '../../../src/core/network/ops/norm';
import { randomArray, randomNumbers } from './support';

const [width, length] = [3, 50];

function parameter(values: readonly number[]): Parameter {
  return { tensor: 'norm', shape: [values.length], values: Float64Array.from(values) };
}

const op: BatchNormOp = {
  kind: 'batch-norm',
  width,
  epsilon: 1e-5,
  mean: parameter([0.2, -1, 3]),
  variance: parameter([1.5, 0.2, 4]),
  scale: parameter([1, -2, 0.5]),
  shift: parameter([0, 1, 2]),
};

function momentsOf(row: Float64Array): [number, number] {
  const mean = row.reduce((sum, v) => sum + v, 0) / row.length;
  return [mean, row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length];
}

describe('statistics of a batch norm', () => {
  const random = randomNumbers(4);
  const original = randomArray(width * length, random);
  const compressed = original.map((v, i) => 1.7 * v + 0.4 * random() + Math.floor(i / length));
  const moments = emptyMoments(width);
  addMoments(moments, original, compressed, length);

  it('give the outputs the mean and the spread that they had', () => {
    const { mean, variance } = matchedStatistics(op, moments);
    const moved = { ...op, mean: parameter([...mean]), variance: parameter([...variance]) };
    const [before, after] = [batchNorm(op, original, length), batchNorm(moved, compressed, length)];
    for (let h = 0; h < width; h++) {
      const [a, b] = [before, after].map((x) =>
        momentsOf(x.subarray(h * length, (h + 1) * length)),
      );
      expect(b[0]).toBeCloseTo(a[0], 9);
      expect(b[1]).toBeCloseTo(a[1], 9);
    }
  });

  it('stay as recorded where nothing changed, whatever the sample', () => {
    const same = emptyMoments(width);
    addMoments(same, original, original, length);
    const { mean, variance } = matchedStatistics(op, same);
    for (let h = 0; h < width; h++) {
      expect(mean[h]).toBeCloseTo(op.mean.values[h], 12);
      expect(variance[h]).toBeCloseTo(op.variance.values[h], 12);
    }
  });
});
