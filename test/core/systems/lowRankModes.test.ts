import { expect, test } from 'vitest';
import type { ComplexVector } from '../../../src/core/linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../../../src/core/linalg/matrix';
import { multiply } from '../../../src/core/linalg/multiply';
import { type LowRankStates, lowRankModes } from '../../../src/core/systems/lowRankModes';

/** Poles and weights of A = diag(d) - P Q^T against the moments c A^k b, which need no eigenvalues. */

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}

function rows(
  count: number,
  n: number,
  seed: number,
  zeros: readonly number[] = [],
): ComplexMatrix {
  const next = numbers(seed);
  const M = complexMatrix(count, n);
  for (let k = 0; k < count * n; k++) {
    const [re, im] = [next(), next()];
    if (zeros.includes(k % n)) continue;
    M.re[k] = re;
    M.im[k] = im;
  }
  return M;
}

function vector(n: number, seed: number): ComplexVector {
  const { re, im } = rows(1, n, seed);
  return { re, im };
}

function poles(n: number): ComplexVector {
  const next = numbers(3);
  return {
    re: Float64Array.from({ length: n }, () => -1 + 0.5 * next()),
    im: Float64Array.from({ length: n }, (_, k) => 2 * k + next()),
  };
}

/** Rows of length n continued by their conjugates. */
function closed(M: ComplexMatrix): ComplexMatrix {
  const both = complexMatrix(M.rows, 2 * M.cols);
  for (let r = 0; r < M.rows; r++) {
    for (let k = 0; k < M.cols; k++) {
      const [from, to] = [r * M.cols + k, 2 * r * M.cols + k];
      both.re[to] = both.re[to + M.cols] = M.re[from];
      both.im[to] = M.im[from];
      both.im[to + M.cols] = -M.im[from];
    }
  }
  return both;
}

/** Re c A^k b for k < count. */
function moments(states: LowRankStates, C: ComplexMatrix, count: number): number[][] {
  const whole = (M: ComplexMatrix): ComplexMatrix => (states.halves ? closed(M) : M);
  const row = (v: ComplexVector): ComplexMatrix => whole({ rows: 1, cols: v.re.length, ...v });
  const [d, P, Q, b, c] = [
    row(states.diagonal),
    whole(states.P),
    whole(states.Q),
    row(states.b),
    whole(C),
  ];
  const A = complexMatrix(d.cols, d.cols);
  for (let i = 0; i < d.cols; i++) {
    A.re[i * d.cols + i] = d.re[i];
    A.im[i * d.cols + i] = d.im[i];
    for (let j = 0; j < d.cols; j++) {
      for (let r = 0; r < P.rows; r++) {
        const [p, q] = [r * d.cols + i, r * d.cols + j];
        A.re[i * d.cols + j] -= P.re[p] * Q.re[q] - P.im[p] * Q.im[q];
        A.im[i * d.cols + j] -= P.re[p] * Q.im[q] + P.im[p] * Q.re[q];
      }
    }
  }
  let x: ComplexMatrix = { rows: d.cols, cols: 1, re: b.re, im: b.im };
  return Array.from({ length: count }, () => {
    const y = [...multiply(c, x).re];
    x = multiply(A, x);
    return y;
  });
}

const n = 7;
const plain = { diagonal: poles(n), b: vector(n, 11) };
const cases: [string, LowRankStates][] = [
  ['rank 1', { ...plain, halves: true, P: rows(1, n, 5), Q: rows(1, n, 7) }],
  ['rank 2', { ...plain, halves: true, P: rows(2, n, 5), Q: rows(2, n, 7) }],
  ['rank 1 of a complex system', { ...plain, halves: false, P: rows(1, n, 5), Q: rows(1, n, 7) }],
  ['rank 2 of a complex system', { ...plain, halves: false, P: rows(2, n, 5), Q: rows(2, n, 7) }],
  ['P without some states', { ...plain, halves: true, P: rows(1, n, 5, [2, 4]), Q: rows(1, n, 7) }],
  ['Q without some states', { ...plain, halves: true, P: rows(2, n, 5), Q: rows(2, n, 7, [0, 3]) }],
  [
    'no low-rank part',
    { ...plain, halves: true, P: rows(1, n, 5, [0, 1, 2, 3, 4, 5, 6]), Q: rows(1, n, 7) },
  ],
  [
    'equal and real entries of the diagonal',
    {
      ...plain,
      diagonal: {
        re: Float64Array.of(-1, -1, -1, -2, -2, -1, -1),
        im: Float64Array.of(3, 3, -3, 0, 0, 1, 2),
      },
      halves: true,
      P: rows(1, n, 5),
      Q: rows(1, n, 7),
    },
  ],
  [
    'strong coupling, with real poles',
    {
      ...plain,
      halves: true,
      P: { ...rows(1, n, 5), re: new Float64Array(n).fill(3), im: new Float64Array(n) },
      Q: { ...rows(1, n, 5), re: new Float64Array(n).fill(3), im: new Float64Array(n) },
    },
  ],
];

test.each(cases)('%s', (title, states) => {
  // equal entries are moved apart by 1e-11
  const tolerance = title.startsWith('equal') ? 1e-9 : 4e-11;
  const C = rows(3, n, 13);
  const { poles: s, weights } = lowRankModes(states, C);
  const expected = moments(states, C, 12);
  // sum_n w_n s_n^k
  const [re, im] = [weights.re.slice(), weights.im.slice()];
  const scale = Math.max(...s.re.map((x, i) => Math.hypot(x, s.im[i])));
  expected.forEach((moment, k) => {
    moment.forEach((value, row) => {
      const own = re.subarray(row * weights.cols, (row + 1) * weights.cols);
      const sum = own.reduce((total, w) => total + w, 0);
      expect(Math.abs(sum - value)).toBeLessThan(tolerance * scale ** k);
    });
    for (let i = 0; i < re.length; i++) {
      const at = i % weights.cols;
      [re[i], im[i]] = [re[i] * s.re[at] - im[i] * s.im[at], re[i] * s.im[at] + im[i] * s.re[at]];
    }
  });
});

test('real poles take a slot each', () => {
  const [, states] = cases.at(-1)!;
  const { poles: s } = lowRankModes(states, rows(1, n, 13));
  const real = s.im.filter((y) => y === 0).length;
  expect(real).toBeGreaterThan(0);
  expect(real + 2 * (s.re.length - real)).toBe(2 * n);
});
