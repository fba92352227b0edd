import { SsmError } from '../errors';
import type { ComplexVector } from './complex';

/** A dense complex matrix, row-major, real and imaginary parts in separate arrays: entry (i, j) at i * cols + j. */
export interface ComplexMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** The rows × cols zero matrix. */
export function complexMatrix(rows: number, cols: number): ComplexMatrix {
  return { rows, cols, re: new Float64Array(rows * cols), im: new Float64Array(rows * cols) };
}

/** The n × n identity. */
export function identity(n: number): ComplexMatrix {
  const I = complexMatrix(n, n);
  for (let i = 0; i < n; i++) I.re[i * n + i] = 1;
  return I;
}

/** A matrix of its own with the same entries. */
export function copyMatrix(A: ComplexMatrix): ComplexMatrix {
  return { rows: A.rows, cols: A.cols, re: A.re.slice(), im: A.im.slice() };
}

/** A vector as a 1 × n matrix that shares its memory. */
export function asRow(x: ComplexVector): ComplexMatrix {
  return { rows: 1, cols: x.re.length, re: x.re, im: x.im };
}

/** A vector as an n × 1 matrix that shares its memory. */
export function asColumn(x: ComplexVector): ComplexMatrix {
  return { rows: x.re.length, cols: 1, re: x.re, im: x.im };
}

/** Plain transpose A^T. */
export function transpose(A: ComplexMatrix): ComplexMatrix {
  return reordered(A, 1);
}

/** Conjugate transpose A^H. */
export function adjoint(A: ComplexMatrix): ComplexMatrix {
  return reordered(A, -1);
}

/** Elementwise conjugate. */
export function conjugate(A: ComplexMatrix): ComplexMatrix {
  return { rows: A.rows, cols: A.cols, re: A.re.slice(), im: A.im.map((x) => -x) };
}

/** Columns `from` (inclusive) to `to` (exclusive) as a matrix of its own. */
export function columns(A: ComplexMatrix, from: number, to: number): ComplexMatrix {
  const S = complexMatrix(A.rows, to - from);
  for (let i = 0; i < A.rows; i++) {
    S.re.set(A.re.subarray(i * A.cols + from, i * A.cols + to), i * S.cols);
    S.im.set(A.im.subarray(i * A.cols + from, i * A.cols + to), i * S.cols);
  }
  return S;
}

/** [A; B], the rows of B below those of A. */
export function stackRows(A: ComplexMatrix, B: ComplexMatrix): ComplexMatrix {
  sameSize(A.cols, B.cols, 'columns of stacked matrices');
  const S = complexMatrix(A.rows + B.rows, A.cols);
  S.re.set(A.re);
  S.im.set(A.im);
  S.re.set(B.re, A.re.length);
  S.im.set(B.im, A.im.length);
  return S;
}

/** [A, B], the columns of B to the right of those of A. */
export function stackColumns(A: ComplexMatrix, B: ComplexMatrix): ComplexMatrix {
  return transpose(stackRows(transpose(A), transpose(B)));
}

/** A diag(d): column j multiplied by d_j. */
export function scaleColumns(A: ComplexMatrix, d: ComplexVector): ComplexMatrix {
  sameSize(A.cols, d.re.length, 'columns and their factors');
  return mapped(A, (_, j) => [d.re[j], d.im[j]]);
}

/** diag(d) A: row i multiplied by d_i. */
export function scaleRows(A: ComplexMatrix, d: ComplexVector): ComplexMatrix {
  sameSize(A.rows, d.re.length, 'rows and their factors');
  return mapped(A, (i) => [d.re[i], d.im[i]]);
}

/** Frobenius norm, guarded against overflow of the squares. */
export function frobeniusNorm(A: { readonly re: Float64Array; readonly im: Float64Array }): number {
  let scale = 0;
  for (let k = 0; k < A.re.length; k++) {
    scale = Math.max(scale, Math.abs(A.re[k]), Math.abs(A.im[k]));
  }
  if (scale === 0 || !Number.isFinite(scale)) return scale;
  let sum = 0;
  for (let k = 0; k < A.re.length; k++) {
    sum += (A.re[k] / scale) ** 2 + (A.im[k] / scale) ** 2;
  }
  return scale * Math.sqrt(sum);
}

/** Throws `bad-request` when two sizes that must agree do not. */
export function sameSize(a: number, b: number, what: string): void {
  if (a !== b) throw new SsmError('bad-request', `The sizes disagree (${what}): ${a} and ${b}.`);
}

function reordered(A: ComplexMatrix, sign: 1 | -1): ComplexMatrix {
  const T = complexMatrix(A.cols, A.rows);
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < A.cols; j++) {
      T.re[j * T.cols + i] = A.re[i * A.cols + j];
      T.im[j * T.cols + i] = sign * A.im[i * A.cols + j];
    }
  }
  return T;
}

function mapped(
  A: ComplexMatrix,
  factor: (i: number, j: number) => readonly [number, number],
): ComplexMatrix {
  const S = complexMatrix(A.rows, A.cols);
  for (let i = 0, k = 0; i < A.rows; i++) {
    for (let j = 0; j < A.cols; j++, k++) {
      const [re, im] = factor(i, j);
      S.re[k] = A.re[k] * re - A.im[k] * im;
      S.im[k] = A.re[k] * im + A.im[k] * re;
    }
  }
  return S;
}
