import fc from 'fast-check';
import { expect, test } from 'vitest';
import { symmetricEigen } from '../../../src/core/linalg/symmetricEigen';

/** The matrix itself from its decomposition: an independent check of values, vectors and order. */
function residuals(a: Float64Array, n: number): { rebuilt: number; orthogonal: number } {
  const { values, vectors } = symmetricEigen(a, n);
  let rebuilt = 0;
  let orthogonal = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let entry = 0;
      let inner = 0;
      for (let k = 0; k < n; k++) {
        entry += vectors[k * n + i] * values[k] * vectors[k * n + j];
        inner += vectors[i * n + k] * vectors[j * n + k];
      }
      rebuilt = Math.max(rebuilt, Math.abs(entry - a[i * n + j]));
      orthogonal = Math.max(orthogonal, Math.abs(inner - (i === j ? 1 : 0)));
    }
  }
  for (let k = 1; k < n; k++) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1]);
  return { rebuilt, orthogonal };
}

test('V^T diag(values) V is the matrix and V is orthogonal', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 24 }),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 300, maxLength: 300 }),
      (n, entries) => {
        const a = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) {
            a[i * n + j] = a[j * n + i] = entries[(i * (i + 1)) / 2 + j];
          }
        }
        const { rebuilt, orthogonal } = residuals(a, n);
        expect(rebuilt).toBeLessThan(1e-13 * n);
        expect(orthogonal).toBeLessThan(1e-13 * n);
      },
    ),
    { numRuns: 200, seed: 7 },
  );
});

test('the second-difference matrix has the eigenvalues 2 - 2 cos(pi k / (n + 1))', () => {
  const n = 40;
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    a[i * n + i] = 2;
    if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
  }
  const { values } = symmetricEigen(a, n);
  for (let k = 1; k <= n; k++) {
    expect(values[k - 1]).toBeCloseTo(2 - 2 * Math.cos((Math.PI * k) / (n + 1)), 12);
  }
});

test('degenerate matrices: zero, identity, one entry, rank one', () => {
  expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
  expect([...symmetricEigen(Float64Array.of(5), 1).values]).toEqual([5]);
  const ones = new Float64Array(16).fill(1);
  const { values } = symmetricEigen(ones, 4);
  expect(values[3]).toBeCloseTo(4, 13);
  for (const small of values.subarray(0, 3)) expect(Math.abs(small)).toBeLessThan(1e-14);
});
