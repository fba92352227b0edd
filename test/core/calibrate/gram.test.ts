import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { gram, innerProducts } from '../../../src/core/calibrate/gram';
import { randomArray, randomNumbers } from './support';

describe('inner products of columns', () => {
  it('are those of the matrix product, for odd and even numbers of columns', () => {
    const rows = 700;
    for (const [n, m] of [
      [1, 1],
      [4, 3],
      [5, 6],
    ]) {
      const [x, y] = [n, m].map((k) => randomArray(k * rows, randomNumbers(10 * n + m + k)));
      const X = Matrix.from1DArray(n, rows, [...x]);
      const Y = Matrix.from1DArray(m, rows, [...y]);
      const out = new Float64Array(n * m);
      innerProducts(x, n, y, m, rows, out);
      X.mmul(Y.transpose())
        .to1DArray()
        .forEach((value, i) => {
          expect(out[i]).toBeCloseTo(value, 10);
        });
      for (const from of [0, Math.min(2, n - 1)]) {
        const lower = new Float64Array(n * n);
        gram(x, rows, from, n, lower, n);
        const full = X.mmul(X.transpose());
        for (let i = from; i < n; i++) {
          for (let j = 0; j <= i; j++) expect(lower[i * n + j]).toBeCloseTo(full.get(i, j), 10);
        }
      }
    }
  });
});
