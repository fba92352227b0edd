import {
  type ComplexMatrix,
  complexMatrix,
  copyMatrix,
  frobeniusNorm,
  identity,
  sameSize,
} from './matrix';

const largestSweepCount = 60;

/**
 * Eigenvalues (ascending) and orthonormal eigenvectors (columns of U) of a Hermitian n × n matrix, A = U diag(values) U^H,
 * by cyclic Jacobi rotations (Golub and Van Loan, 8.5). Both triangles are read.
 */
export function hermitianEigen(A: ComplexMatrix): {
  readonly values: Float64Array;
  readonly U: ComplexMatrix;
} {
  sameSize(A.rows, A.cols, 'a square matrix');
  const n = A.rows;
  const M = copyMatrix(A);
  const U = identity(n);
  const negligible = frobeniusNorm(A) * 1e-17;
  for (let sweep = 0, rotated = true; rotated && sweep < largestSweepCount; sweep++) {
    rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) if (rotate(M, U, p, q, negligible)) rotated = true;
    }
  }
  return sorted(M, U);
}

/** Zeroes entry (p, q) by a similarity rotation; false where it was negligible already. */
function rotate(
  M: ComplexMatrix,
  U: ComplexMatrix,
  p: number,
  q: number,
  negligible: number,
): boolean {
  const n = M.cols;
  const [re, im] = [M.re[p * n + q], M.im[p * n + q]];
  const size = Math.hypot(re, im);
  if (!(size > negligible)) return false;
  const zeta = (M.re[q * n + q] - M.re[p * n + p]) / (2 * size);
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  const s = c * t;
  // unitary J = [[c, s e], [-s conj e, c]] with e = phase of A_pq; A := J^H A J
  const [sRe, sIm] = [(s * re) / size, (s * im) / size];
  mixColumns(M, p, q, c, sRe, sIm);
  mixRows(M, p, q, c, sRe, sIm);
  mixColumns(U, p, q, c, sRe, sIm);
  M.re[p * n + q] = M.im[p * n + q] = M.re[q * n + p] = M.im[q * n + p] = 0;
  M.im[p * n + p] = M.im[q * n + q] = 0;
  return true;
}

/** Columns p, q of A times J. */
function mixColumns(A: ComplexMatrix, p: number, q: number, c: number, sRe: number, sIm: number) {
  for (let i = 0; i < A.rows; i++) {
    const [x, y] = [i * A.cols + p, i * A.cols + q];
    const [pr, pi, qr, qi] = [A.re[x], A.im[x], A.re[y], A.im[y]];
    A.re[x] = c * pr - (sRe * qr + sIm * qi);
    A.im[x] = c * pi - (sRe * qi - sIm * qr);
    A.re[y] = sRe * pr - sIm * pi + c * qr;
    A.im[y] = sRe * pi + sIm * pr + c * qi;
  }
}

/** J^H times rows p, q of A. */
function mixRows(A: ComplexMatrix, p: number, q: number, c: number, sRe: number, sIm: number) {
  for (let j = 0; j < A.cols; j++) {
    const [x, y] = [p * A.cols + j, q * A.cols + j];
    const [pr, pi, qr, qi] = [A.re[x], A.im[x], A.re[y], A.im[y]];
    A.re[x] = c * pr - (sRe * qr - sIm * qi);
    A.im[x] = c * pi - (sRe * qi + sIm * qr);
    A.re[y] = sRe * pr + sIm * pi + c * qr;
    A.im[y] = sRe * pi - sIm * pr + c * qi;
  }
}

function sorted(M: ComplexMatrix, U: ComplexMatrix): { values: Float64Array; U: ComplexMatrix } {
  const n = M.rows;
  const order = Array.from({ length: n }, (_, i) => i);
  order.sort((i, j) => M.re[i * n + i] - M.re[j * n + j]);
  const V = complexMatrix(n, n);
  order.forEach((from, to) => {
    for (let i = 0; i < n; i++) {
      V.re[i * n + to] = U.re[i * n + from];
      V.im[i * n + to] = U.im[i * n + from];
    }
  });
  return { values: Float64Array.from(order, (i) => M.re[i * n + i]), U: V };
}
