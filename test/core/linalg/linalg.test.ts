import { describe, expect, it } from 'vitest';
import { hermitianCholesky } from '../../../src/core/linalg/hermitianCholesky';
import { eigen } from '../../../src/core/linalg/eigen';
import { hermitianEigen } from '../../../src/core/linalg/hermitianEigen';
import { solve } from '../../../src/core/linalg/lu';
import {
  type ComplexMatrix,
  adjoint,
  complexMatrix,
  identity,
  scaleColumns,
} from '../../../src/core/linalg/matrix';
import { adjointTimes, combine, multiply, timesAdjoint } from '../../../src/core/linalg/multiply';
import { qr, triangularFactor } from '../../../src/core/linalg/qr';
import { schur } from '../../../src/core/linalg/schur';
import { svd } from '../../../src/core/linalg/svd';
import {
  type Pair,
  distance,
  generator,
  matrixOf,
  randomMatrix,
  readJson,
  spectralDistance,
  vector,
} from '../support/golden';

interface Case {
  name: string;
  rows: number;
  cols: number;
  entries: Pair[];
  singular: number[];
  eigenvalues?: Pair[];
  hermitian_part_eigenvalues?: number[];
  rhs?: Pair[];
  solution?: Pair[];
}
const { cases } = readJson('fixtures/core/linalg.json') as { cases: Case[] };
const square = cases.filter((c) => c.rows === c.cols);
const matrixFrom = (c: Case): ComplexMatrix => matrixOf(c.rows, c.cols, c.entries);
const real = (x: ArrayLike<number>) => ({
  re: Float64Array.from(x),
  im: new Float64Array(x.length),
});

describe.each(cases)('$name', (c) => {
  const A = matrixFrom(c);
  it('has orthonormal Q and A = Q R', () => {
    const { Q, R } = qr(A);
    expect(distance(adjointTimes(Q, Q), identity(Q.cols))).toBeLessThan(1e-14);
    expect(distance(multiply(Q, R), A)).toBeLessThan(1e-14);
    expect(distance(triangularFactor(A), R)).toBe(0);
  });
  it('has the singular values of LAPACK and A = U S V^H', () => {
    const { U, values, V } = svd(A);
    expect(distance(real(values), real(c.singular))).toBeLessThan(1e-14);
    expect(distance(timesAdjoint(scaleColumns(U, real(values)), V), A)).toBeLessThan(2e-14);
    expect(distance(adjointTimes(U, U), identity(values.length))).toBeLessThan(1e-14);
    expect(distance(adjointTimes(V, V), identity(values.length))).toBeLessThan(1e-13);
  });
});

describe.each(square)('$name, square', (c) => {
  const A = matrixFrom(c);
  it('has a Schur form with unitary Z', () => {
    const { T, Z } = schur(A);
    expect(distance(adjointTimes(Z, Z), identity(c.rows))).toBeLessThan(2e-14);
    expect(distance(timesAdjoint(multiply(Z, T), Z), A)).toBeLessThan(2e-14);
    for (let i = 0; i < c.rows; i++) {
      for (let j = 0; j < i; j++) expect(T.re[i * c.rows + j]).toBe(0);
    }
  });
  it('has the eigenvalues of LAPACK and A X = X D', () => {
    const { values, X } = eigen(A);
    expect(spectralDistance(values, vector(c.eigenvalues!))).toBeLessThan(1e-13);
    expect(distance(multiply(A, X), scaleColumns(X, values))).toBeLessThan(2e-14);
  });
  it('has a Hermitian part with the eigenvalues of LAPACK', () => {
    const H = combine(1, A, 1, adjoint(A));
    const { values, U } = hermitianEigen(H);
    expect(distance(real(values), real(c.hermitian_part_eigenvalues!))).toBeLessThan(1e-14);
    expect(distance(multiply(H, U), scaleColumns(U, real(values)))).toBeLessThan(2e-14);
    expect(distance(adjointTimes(U, U), identity(c.rows))).toBeLessThan(1e-14);
  });
  it('solves linear systems', () => {
    const X = solve(A, matrixOf(c.rows, 2, c.rhs!))!;
    expect(distance(X, vector(c.solution!))).toBeLessThan(c.name === 'graded' ? 1e-8 : 1e-12);
  });
  it('factors A A^H', () => {
    const M = timesAdjoint(A, A);
    const F = hermitianCholesky(M)!;
    expect(distance(timesAdjoint(F, F), M)).toBeLessThan(1e-14);
    for (let i = 0; i < c.rows; i++) expect(F.re[i * c.rows + i]).toBeGreaterThan(0);
  });
});

it('finds small singular values of a matrix graded from both sides to high relative accuracy', () => {
  // Cauchy-like core, rows scaled by 10^-i and columns by 10^-j: sigma_k of the scaled matrix against the value of the
  // inverse, computed from the exactly scaled inverse of the core (both well-conditioned steps)
  const n = 6;
  const core = randomMatrix(n, n, generator(5));
  for (let i = 0; i < n; i++) core.re[i * n + i] += 4;
  const inverse = solve(core, identity(n))!;
  const graded = complexMatrix(n, n);
  const inverseGraded = complexMatrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const k = i * n + j;
      graded.re[k] = core.re[k] * 2 ** (-8 * (i + j));
      graded.im[k] = core.im[k] * 2 ** (-8 * (i + j));
      inverseGraded.re[k] = inverse.re[k] * 2 ** (8 * (i + j));
      inverseGraded.im[k] = inverse.im[k] * 2 ** (8 * (i + j));
    }
  }
  const { values } = svd(graded);
  const reciprocal = svd(inverseGraded).values;
  for (let k = 0; k < n; k++) {
    expect(Math.abs(values[k] * reciprocal[n - 1 - k] - 1)).toBeLessThan(1e-12);
  }
});

describe('singular input', () => {
  it('is refused by Cholesky and by the linear solver', () => {
    expect(hermitianCholesky(complexMatrix(2, 2))).toBeUndefined();
    expect(solve(complexMatrix(2, 2), identity(2))).toBeUndefined();
    const indefinite = identity(2);
    indefinite.re[3] = -1;
    expect(hermitianCholesky(indefinite)).toBeUndefined();
  });
  it('has zero singular values and eigenvalues', () => {
    const ones = randomMatrix(4, 1, generator(2));
    const { values } = svd(timesAdjoint(ones, ones));
    expect(values[0]).toBeGreaterThan(0.1);
    for (const s of values.subarray(1)) expect(s).toBeLessThan(1e-15 * values[0]);
    expect(Array.from(svd(complexMatrix(3, 2)).values)).toEqual([0, 0]);
    expect(Array.from(eigen(complexMatrix(3, 3)).values.re)).toEqual([0, 0, 0]);
  });
  it('gives finite, nearly parallel eigenvectors for a Jordan block', () => {
    const J = identity(3);
    J.re[1] = J.re[5] = 1;
    const { values, X } = eigen(J);
    for (const x of values.re) expect(x).toBeCloseTo(1, 12);
    for (const x of X.re) expect(Number.isFinite(x)).toBe(true);
  });
  it('names the sizes that disagree', () => {
    expect(() => multiply(identity(2), identity(3))).toThrow(/2 and 3/);
    expect(() => solve(complexMatrix(2, 3), identity(2))).toThrow(/square/);
  });
});
