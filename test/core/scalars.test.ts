import { expect, test } from 'vitest';
import { discreteSums, phiFunctions } from '../../src/core/scalars';
import golden from '../golden/01_scalar_functions.json';

type Pair = readonly number[];

interface Case {
  kind: string;
  z?: Pair;
  phi1?: Pair;
  psi?: Pair;
  chi?: Pair;
  a?: Pair;
  L?: number | null;
  S?: Pair;
  S1?: Pair;
  S2?: Pair;
}

const cases = golden.cases as Case[];
const out = new Float64Array(6);

/** Largest difference relative to max(|expected|, floor). */
function relative(at: number, expected: Pair, floor = 0): number {
  const size = Math.max(Math.hypot(expected[0], expected[1]), floor);
  const difference = Math.hypot(out[at] - expected[0], out[at + 1] - expected[1]);
  return size === 0 ? difference : difference / size;
}

test('phi1, psi and chi agree with 60-digit values', () => {
  const phis = cases.filter((c) => c.z !== undefined);
  expect(phis.length).toBeGreaterThan(10);
  for (const c of phis) {
    phiFunctions(c.z![0], c.z![1], 2, out, 0);
    for (const [at, value] of [
      [0, c.phi1],
      [2, c.psi],
      [4, c.chi],
    ] as const) {
      expect(relative(at, value!)).toBeLessThan(1e-13);
    }
  }
});

test('the discrete sums agree with 60-digit values, relative to the sum of magnitudes', () => {
  const sums = cases.filter((c) => c.a !== undefined);
  expect(sums.length).toBeGreaterThan(10);
  for (const c of sums) {
    const [x, y] = c.a as [number, number];
    const horizon = c.L ?? Infinity;
    discreteSums(x, y, horizon, 2, out, 0);
    const magnitudes = new Float64Array(6);
    if (x < 0 || horizon !== Infinity) discreteSums(x, 0, horizon, 2, magnitudes, 0);
    for (const [at, value] of [
      [0, c.S],
      [2, c.S1],
      [4, c.S2],
    ] as const) {
      expect(relative(at, value!, magnitudes[at])).toBeLessThan(1e-13);
    }
  }
});

test('the sums equal the sums, term by term', () => {
  for (const [x, y, L] of [
    [-0.3, 2.5, 7],
    [-1e-9, 1e-9, 50],
    [0, 0, 13],
    [-0.001, 6.283, 400],
    [-2, 9.7, 3],
    [-5, 0, 1],
  ] as const) {
    const direct = new Float64Array(6);
    for (let k = 0; k < L; k++) {
      const size = Math.exp(x * k);
      for (const p of [0, 1, 2]) {
        direct[2 * p] += k ** p * size * Math.cos(y * k);
        direct[2 * p + 1] += k ** p * size * Math.sin(y * k);
      }
    }
    discreteSums(x, y, L, 2, out, 0);
    for (let i = 0; i < 6; i++) {
      expect(Math.abs(out[i] - direct[i])).toBeLessThan(1e-11 * Math.max(1, L ** 3 / 3));
    }
  }
});
