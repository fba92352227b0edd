import { Matrix, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { refitDecoder } from '../../../src/core/calibrate/decoderRefit';
import {
  addPositions,
  emptyRegression,
  mapError,
  refitMap,
  type AffineMap,
} from '../../../src/core/calibrate/regression';
import { randomArray, randomNumbers } from './support';

const [inputs, outputs, length] = [4, 3, 60];

function example(seed: number): { map: AffineMap; x: Float64Array; moved: Float64Array } {
  const random = randomNumbers(seed);
  const x = randomArray(inputs * length, random);
  return {
    map: {
      inputs,
      outputs,
      weight: randomArray(inputs * outputs, random),
      bias: randomArray(outputs, random),
      hasBias: true,
    },
    x,
    moved: x.map((value) => 0.8 * value + 0.3 * random()),
  };
}

/** Features in columns with ones below. */
function extended(x: Float64Array): Matrix {
  const rows = Matrix.from1DArray(inputs, length, [...x]).to2DArray();
  return new Matrix([...rows, new Array<number>(length).fill(1)]);
}

function extendedMap({ weight, bias }: AffineMap): Matrix {
  return new Matrix(
    Array.from(bias, (b, o) => [...weight.subarray(o * inputs, (o + 1) * inputs), b]),
  );
}

describe('a map solved anew', () => {
  it('minimises error and ridge: the closed form of the normal equations', () => {
    const { map, x, moved } = example(3);
    const sums = emptyRegression(inputs);
    addPositions(sums, moved, x, length);
    const [X, M, W] = [extended(x), extended(moved), extendedMap(map)];
    for (const lambda of [0, 0.01, 5]) {
      const R = Matrix.diag(
        Array.from({ length: inputs + 1 }, (_, i) =>
          i < inputs ? lambda * M.getRowVector(i).dot(M.getRowVector(i)) : 0,
        ),
      );
      const A = M.mmul(M.transpose()).add(R);
      const rhs = W.mmul(X).mmul(M.transpose()).add(W.mmul(R));
      const expected = solve(A, rhs.transpose()).transpose();
      const found = refitMap(map, sums, lambda);
      if (found === undefined) throw new Error('not solved');
      expect(Matrix.sub(extendedMap(found), expected).norm()).toBeLessThan(1e-8);
      const missed = Matrix.sub(extendedMap(found).mmul(M), W.mmul(X)).norm() ** 2;
      const { error, energy } = mapError(found, map, sums);
      expect(error).toBeCloseTo(missed, 8);
      expect(energy).toBeCloseTo(W.mmul(X).norm() ** 2, 8);
    }
  });

  it('stays as it is on features that did not change', () => {
    const { map, x } = example(5);
    const sums = emptyRegression(inputs);
    addPositions(sums, x, x, length);
    const found = refitMap(map, sums, 1e-4);
    expect(
      Math.max(...(found?.weight ?? []).map((w, i) => Math.abs(w - map.weight[i]))),
    ).toBeLessThan(1e-9);
  });

  it('has no offset where the map has none', () => {
    const { map, x, moved } = example(6);
    const without = { ...map, bias: new Float64Array(outputs), hasBias: false };
    const sums = emptyRegression(inputs);
    addPositions(sums, moved, x, length);
    const found = refitMap(without, sums, 0);
    const [X, M] = [x, moved].map((s) => Matrix.from1DArray(inputs, length, [...s]));
    const W = Matrix.from1DArray(outputs, inputs, [...map.weight]);
    const expected = solve(M.mmul(M.transpose()), M.mmul(X.transpose()).mmul(W.transpose()));
    expect([...(found?.bias ?? [])]).toEqual([0, 0, 0]);
    expected
      .transpose()
      .to1DArray()
      .forEach((value, i) => {
        expect(found?.weight[i]).toBeCloseTo(value, 7);
      });
  });
});

describe('a decoder solved anew', () => {
  const count = 24;
  const random = randomNumbers(8);
  const features = randomArray(count * inputs, random);
  const { map } = example(8);
  const wanted = Float64Array.from({ length: count * outputs }, (_, i) => {
    const b = Math.floor(i / outputs);
    return Math.sin(3 * features[b * inputs]) + features[b * inputs + 1] + 0.5 * random();
  });

  /** Ridge regression of what the map misses, on standardised features, without sequence `left`. */
  function residuals(weights: AffineMap): number {
    let sum = 0;
    for (let b = 0; b < count; b++) {
      for (let o = 0; o < outputs; o++) {
        let value = weights.bias[o];
        for (let i = 0; i < inputs; i++)
          value += weights.weight[o * inputs + i] * features[b * inputs + i];
        sum += (value - wanted[b * outputs + o]) ** 2;
      }
    }
    return sum;
  }

  it('chooses its ridge by the leave-one-out error, which is that of leaving each out in turn', () => {
    const found = refitDecoder(map, features, wanted);
    expect(residuals(found.map)).toBeLessThan(0.5 * residuals(map));
    expect(found.gain).toBeLessThan(1);
    // the same by brute force, the standardisation of all sequences kept as the formula has it
    const missing = new Matrix(
      Array.from({ length: count }, (_, b) =>
        Array.from({ length: outputs }, (_, o) => {
          let value = wanted[b * outputs + o] - map.bias[o];
          for (let i = 0; i < inputs; i++)
            value -= map.weight[o * inputs + i] * features[b * inputs + i];
          return value;
        }),
      ),
    );
    const F = Matrix.from1DArray(count, inputs, [...features]);
    const centred = F.clone().subRowVector(F.mean('column'));
    const spread = centred
      .to2DArray()
      .reduce(
        (sums, row) => sums.map((s, i) => s + (row[i] * row[i]) / count),
        new Array<number>(inputs).fill(0),
      );
    const scaled = centred.divRowVector(spread.map(Math.sqrt));
    let squares = 0;
    for (let left = 0; left < count; left++) {
      const rows = Array.from({ length: count }, (_, b) => b).filter((b) => b !== left);
      const all = (M: Matrix): Matrix => M.subMatrixRow(rows);
      const ones = Matrix.ones(count, 1);
      const X = new Matrix(scaled.to2DArray().map((row, b) => [...row, ones.get(b, 0)]));
      const unit = count;
      const ridge = found.lambda === Infinity ? 1e12 : found.lambda * unit;
      const penalty = Matrix.diag([...new Array<number>(inputs).fill(ridge), 0]);
      const A = all(X).transpose().mmul(all(X)).add(penalty);
      const beta = solve(A, all(X).transpose().mmul(all(missing)));
      const rest = Matrix.sub(missing.getRowVector(left), X.getRowVector(left).mmul(beta));
      squares += rest.norm() ** 2;
    }
    expect(found.gain).toBeCloseTo(Math.sqrt(squares / missing.norm() ** 2), 6);
  });

  it('moves the offset alone to the mean output when told so', () => {
    const found = refitDecoder(map, features, wanted, false);
    expect([...found.map.weight]).toEqual([...map.weight]);
    for (let o = 0; o < outputs; o++) {
      let [mean, before] = [0, 0];
      for (let b = 0; b < count; b++) {
        mean += wanted[b * outputs + o] / count;
        let value = found.map.bias[o];
        for (let i = 0; i < inputs; i++)
          value += map.weight[o * inputs + i] * features[b * inputs + i];
        before += value / count;
      }
      expect(before).toBeCloseTo(mean, 10);
    }
  });
});
