import { type ComplexMatrix, copyMatrix, sameSize } from './matrix';

/**
 * X with A X = B (A: n × n, B: n × k) by Gaussian elimination with partial pivoting. `undefined` where a pivot is
 * exactly zero or not finite, that is where A is singular to working precision.
 */
export function solve(A: ComplexMatrix, B: ComplexMatrix): ComplexMatrix | undefined {
  sameSize(A.rows, A.cols, 'a square matrix');
  sameSize(A.rows, B.rows, 'rows of a linear system');
  const M = copyMatrix(A);
  const X = copyMatrix(B);
  for (let j = 0; j < M.rows; j++) {
    const pivot = largestBelow(M, j);
    swapRows(M, j, pivot);
    swapRows(X, j, pivot);
    const p = j * M.cols + j;
    const size = M.re[p] ** 2 + M.im[p] ** 2;
    if (!(size > 0) || !Number.isFinite(size)) return undefined;
    for (let i = j + 1; i < M.rows; i++) {
      const [re, im] = quotient(M.re[i * M.cols + j], M.im[i * M.cols + j], M.re[p], M.im[p]);
      subtractRow(M, i, j, re, im, j + 1);
      subtractRow(X, i, j, re, im, 0);
    }
  }
  substituteBack(M, X);
  return X;
}

function substituteBack(M: ComplexMatrix, X: ComplexMatrix): void {
  for (let j = M.rows - 1; j >= 0; j--) {
    const p = j * M.cols + j;
    for (let c = 0, x = j * X.cols; c < X.cols; c++, x++) {
      [X.re[x], X.im[x]] = quotient(X.re[x], X.im[x], M.re[p], M.im[p]);
    }
    for (let i = 0; i < j; i++) {
      subtractRow(X, i, j, M.re[i * M.cols + j], M.im[i * M.cols + j], 0);
    }
  }
}

function largestBelow(M: ComplexMatrix, j: number): number {
  let best = j;
  let size = -1;
  for (let i = j; i < M.rows; i++) {
    const s = Math.abs(M.re[i * M.cols + j]) + Math.abs(M.im[i * M.cols + j]);
    if (s > size) [best, size] = [i, s];
  }
  return best;
}

function swapRows(M: ComplexMatrix, i: number, j: number): void {
  if (i === j) return;
  for (const part of [M.re, M.im]) {
    const row = part.slice(i * M.cols, (i + 1) * M.cols);
    part.copyWithin(i * M.cols, j * M.cols, (j + 1) * M.cols);
    part.set(row, j * M.cols);
  }
}

/** Row i minus (re + i im) times row j, columns `from`…. */
function subtractRow(
  M: ComplexMatrix,
  i: number,
  j: number,
  re: number,
  im: number,
  from: number,
): void {
  for (let c = from, x = i * M.cols + from, y = j * M.cols + from; c < M.cols; c++, x++, y++) {
    M.re[x] -= re * M.re[y] - im * M.im[y];
    M.im[x] -= re * M.im[y] + im * M.re[y];
  }
}

function quotient(aRe: number, aIm: number, bRe: number, bIm: number): [number, number] {
  const size = bRe * bRe + bIm * bIm;
  return [(aRe * bRe + aIm * bIm) / size, (aIm * bRe - aRe * bIm) / size];
}
