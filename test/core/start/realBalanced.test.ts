import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { createTarget } from '../../../src/core/objective/varpro';
import type { ModalSystem } from '../../../src/core/systems/modal';
import { balanceReal, realBalancedPoles } from '../../../src/core/start/realBalanced';
import { system } from '../support';

const example = system(
  [
    [-0.05, 0.3],
    [-0.2, 2.1],
    [-0.02, 0.9],
  ],
  [
    [1, 0.2],
    [0.5, -0.7],
    [-0.3, 0.1],
  ],
);

/** Singular values from the definition: the Gramians summed step by step, sqrt of the eigenvalues of P Q. */
function bruteForce(s: ModalSystem, length: number): number[] {
  const n = 2 * s.poles.re.length;
  const p = Matrix.zeros(n, n);
  const q = Matrix.zeros(n, n);
  for (let t = 0; t < length; t++) {
    const x: number[] = [];
    const o: number[] = [];
    for (let i = 0; i < n / 2; i++) {
      const size = Math.exp(s.poles.re[i] * t);
      const [c, d] = [size * Math.cos(s.poles.im[i] * t), size * Math.sin(s.poles.im[i] * t)];
      const [u, v] = [s.weights.re[i], s.weights.im[i]];
      x.push(c, d);
      o.push(u * c - v * d, -(u * d + v * c));
    }
    p.add(Matrix.columnVector(x).mmul(Matrix.rowVector(x)));
    q.add(Matrix.columnVector(o).mmul(Matrix.rowVector(o)));
  }
  return new EigenvalueDecomposition(p.mmul(q)).realEigenvalues
    .map((value) => Math.sqrt(Math.max(value, 0)))
    .sort((a, b) => b - a);
}

test.each([3, 7, 8, 100, 1000])('Hankel singular values over %i steps', (length) => {
  const expected = bruteForce(example, length);
  const values = balanceReal(createTarget(example, length)).values.map(Math.abs);
  expected.forEach((value, k) => {
    expect(Math.abs(values[k] - value)).toBeLessThan(2e-8 * expected[0]);
  });
});

describe('modes whose columns are dependent', () => {
  const degenerate: [string, [number, number][]][] = [
    [
      'the first is real, as in S4D-Lin',
      [
        [-0.05, 0],
        [-0.05, 0.7],
        [-0.05, 1.9],
        [-0.1, 2.6],
      ],
    ],
    [
      'one in the middle is real',
      [
        [-0.05, 0.4],
        [-0.2, 0],
        [-0.05, 1.9],
        [-0.1, 2.6],
      ],
    ],
    [
      'all are real',
      [
        [-0.05, 0],
        [-0.2, 0],
        [-0.4, 0],
        [-0.9, 0],
      ],
    ],
    [
      'two are the same',
      [
        [-0.05, 0.4],
        [-0.05, 0.4],
        [-0.05, 1.9],
        [-0.1, 2.6],
      ],
    ],
  ];
  test.each(degenerate)('%s', (_, poles) => {
    const weights: [number, number][] = [
      [1, 0.2],
      [0.5, -0.7],
      [-0.3, 0.1],
      [0.8, 0.4],
    ];
    const full = system(poles, weights);
    for (const length of [5, 8, 100, 2048]) {
      const expected = bruteForce(full, length);
      const values = balanceReal(createTarget(full, length)).values.map(Math.abs);
      expected.forEach((value, k) => {
        expect(Math.abs(values[k] - value)).toBeLessThan(5e-8 * expected[0]);
      });
    }
  });
});

test('over an infinite horizon they are those of a horizon long enough', () => {
  const expected = bruteForce(example, 3000);
  const values = balanceReal(createTarget(example, Infinity)).values.map(Math.abs);
  expected.forEach((value, k) => {
    expect(Math.abs(values[k] - value)).toBeLessThan(1e-9 * expected[0]);
  });
});

test('keeping as many slots as there are gives the poles themselves', () => {
  const { poles, reflected } = realBalancedPoles(balanceReal(createTarget(example, Infinity)), 3);
  expect(reflected).toBe(0);
  const found = [...poles.re].map((x, i) => [x, poles.im[i]]).sort((a, b) => a[1] - b[1]);
  const expected = [
    [-0.05, 0.3],
    [-0.02, 0.9],
    [-0.2, 2.1],
  ];
  found.forEach(([x, y], i) => {
    expect(x).toBeCloseTo(expected[i][0], 8);
    expect(y).toBeCloseTo(expected[i][1], 8);
  });
});
