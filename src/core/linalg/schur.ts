import { SsmError } from '../errors';
import { hessenberg } from './hessenberg';
import type { ComplexMatrix } from './matrix';

const largestIterationCount = 60;

/**
 * Complex Schur form A = Z T Z^H, T upper triangular and Z unitary, by implicitly single-shifted QR steps on the
 * Hessenberg form (Golub and Van Loan, 7.5, complex shifts of Wilkinson). Throws `internal` where an eigenvalue has not
 * separated after 60 steps, which does not happen for finite matrices in practice.
 */
export function schur(A: ComplexMatrix): { readonly T: ComplexMatrix; readonly Z: ComplexMatrix } {
  const { H: T, Q: Z } = hessenberg(A);
  let end = T.rows - 1;
  for (let step = 0; end > 0; step++) {
    const start = activeStart(T, end);
    if (start === end) {
      end--;
      step = -1;
    } else if (step >= largestIterationCount) {
      throw new SsmError('internal', 'The eigenvalue iteration did not converge.');
    } else {
      qrStep(T, Z, start, end, step % 11 === 10);
    }
  }
  return { T, Z };
}

/** First row of the unreduced block that ends at `end`; zeroes the negligible subdiagonal entry above it. */
function activeStart(T: ComplexMatrix, end: number): number {
  const n = T.rows;
  for (let k = end; k > 0; k--) {
    const below = k * n + k - 1;
    const neighbours = size(T, k * n + k) + size(T, (k - 1) * n + k - 1);
    if (size(T, below) <= Number.EPSILON * neighbours || size(T, below) < 1e-300) {
      T.re[below] = T.im[below] = 0;
      return k;
    }
  }
  return 0;
}

function qrStep(
  T: ComplexMatrix,
  Z: ComplexMatrix,
  start: number,
  end: number,
  exceptional: boolean,
): void {
  const n = T.rows;
  const [shiftRe, shiftIm] = exceptional ? exceptionalShift(T, end) : wilkinsonShift(T, end);
  let xRe = T.re[start * n + start] - shiftRe;
  let xIm = T.im[start * n + start] - shiftIm;
  let y = (start + 1) * n + start;
  for (let k = start; k < end; k++) {
    const [c, sRe, sIm] = givens(xRe, xIm, T.re[y], T.im[y]);
    rotateRows(T, k, Math.max(k - 1, 0), c, sRe, sIm);
    rotateColumns(T, k, Math.min(k + 2, end) + 1, c, sRe, sIm);
    rotateColumns(Z, k, n, c, sRe, sIm);
    if (k > start) T.re[(k + 1) * n + k - 1] = T.im[(k + 1) * n + k - 1] = 0;
    // the next rotation pushes the bulge at (k + 2, k) one row down
    xRe = T.re[(k + 1) * n + k];
    xIm = T.im[(k + 1) * n + k];
    y = (k + 2) * n + k;
  }
}

/** The eigenvalue of the trailing 2 × 2 block that lies closer to its last entry. */
function wilkinsonShift(T: ComplexMatrix, end: number): [number, number] {
  const n = T.rows;
  const [a, d] = [(end - 1) * n + end - 1, end * n + end];
  const [b, c] = [(end - 1) * n + end, end * n + end - 1];
  const hRe = (T.re[a] - T.re[d]) / 2;
  const hIm = (T.im[a] - T.im[d]) / 2;
  const bcRe = T.re[b] * T.re[c] - T.im[b] * T.im[c];
  const bcIm = T.re[b] * T.im[c] + T.im[b] * T.re[c];
  let [rRe, rIm] = squareRoot(hRe * hRe - hIm * hIm + bcRe, 2 * hRe * hIm + bcIm);
  if (rRe * hRe + rIm * hIm < 0) [rRe, rIm] = [-rRe, -rIm];
  const [qRe, qIm] = [hRe + rRe, hIm + rIm];
  const q2 = qRe * qRe + qIm * qIm;
  if (q2 === 0) return [T.re[d], T.im[d]];
  return [T.re[d] - (bcRe * qRe + bcIm * qIm) / q2, T.im[d] - (bcIm * qRe - bcRe * qIm) / q2];
}

function exceptionalShift(T: ComplexMatrix, end: number): [number, number] {
  const n = T.rows;
  const d = end * n + end;
  return [T.re[d] + size(T, d - 1), T.im[d]];
}

/** c real and s with [[c, s], [-conj s, c]] [x; y] = [r; 0]. */
function givens(xRe: number, xIm: number, yRe: number, yIm: number): [number, number, number] {
  const x = Math.hypot(xRe, xIm);
  const y = Math.hypot(yRe, yIm);
  if (y === 0) return [1, 0, 0];
  if (x === 0) return [0, yRe / y, -yIm / y];
  const r = Math.hypot(x, y);
  const [pRe, pIm] = [xRe / x, xIm / x];
  return [x / r, (pRe * yRe + pIm * yIm) / r, (pIm * yRe - pRe * yIm) / r];
}

/** Rows k, k + 1 from column `from` times the rotation. */
function rotateRows(
  A: ComplexMatrix,
  k: number,
  from: number,
  c: number,
  sRe: number,
  sIm: number,
) {
  for (let j = from, x = k * A.cols + from, y = x + A.cols; j < A.cols; j++, x++, y++) {
    const [xr, xi, yr, yi] = [A.re[x], A.im[x], A.re[y], A.im[y]];
    A.re[x] = c * xr + sRe * yr - sIm * yi;
    A.im[x] = c * xi + sRe * yi + sIm * yr;
    A.re[y] = c * yr - (sRe * xr + sIm * xi);
    A.im[y] = c * yi - (sRe * xi - sIm * xr);
  }
}

/** Columns k, k + 1 of the rows before `to` times the adjoint of the rotation. */
function rotateColumns(
  A: ComplexMatrix,
  k: number,
  to: number,
  c: number,
  sRe: number,
  sIm: number,
) {
  for (let i = 0, x = k; i < to; i++, x += A.cols) {
    const y = x + 1;
    const [xr, xi, yr, yi] = [A.re[x], A.im[x], A.re[y], A.im[y]];
    A.re[x] = c * xr + sRe * yr + sIm * yi;
    A.im[x] = c * xi + sRe * yi - sIm * yr;
    A.re[y] = c * yr - (sRe * xr - sIm * xi);
    A.im[y] = c * yi - (sRe * xi + sIm * xr);
  }
}

function squareRoot(re: number, im: number): [number, number] {
  const r = Math.hypot(re, im);
  if (r === 0) return [0, 0];
  const a = Math.sqrt((r + Math.abs(re)) / 2);
  const b = im / (2 * a);
  return re >= 0 ? [a, b] : [Math.abs(b), im < 0 ? -a : a];
}

function size(T: ComplexMatrix, at: number): number {
  return Math.abs(T.re[at]) + Math.abs(T.im[at]);
}
