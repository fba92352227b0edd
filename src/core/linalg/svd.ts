import {
  type ComplexMatrix,
  adjoint,
  complexMatrix,
  conjugate,
  identity,
  transpose,
} from './matrix';
import { multiply } from './multiply';
import { qr } from './qr';

/** A = U diag(values) V^H with k = min(m, n) singular values, descending; U is m × k, V is n × k. */
export interface Svd {
  readonly U: ComplexMatrix;
  readonly values: Float64Array;
  readonly V: ComplexMatrix;
}

const largestSweepCount = 60;
const orthogonal = 4 * Number.EPSILON;

/**
 * Singular value decomposition by one-sided Jacobi rotations on the triangular factor (Drmač and Veselić, SIAM J.
 * Matrix Anal. Appl. 29, 2008): rows and columns sorted by norm, A P = Q R, then R^H is made column-orthogonal. Small singular
 * values come out with high relative accuracy when A is a well-conditioned matrix scaled from both sides. The vectors
 * of a zero singular value are zero on one side.
 */
export function svd(A: ComplexMatrix): Svd {
  if (A.rows < A.cols) {
    const { U, values, V } = svd(adjoint(A));
    return { U: V, values, V: U };
  }
  const byColumn = orderByNorm(transpose(A));
  const byRow = orderByNorm(A);
  const { Q, R } = qr(pickColumns(pickRows(A, byRow), byColumn));
  // rows of W are the columns of R^H, rows of J the columns of the accumulated rotations: contiguous in memory
  const W = conjugate(R);
  const J = identity(W.rows);
  orthogonaliseRows(W, J);
  return assemble(pickRows(Q, inverseOrder(byRow)), W, J, byColumn);
}

/** Row indices by descending norm. */
function orderByNorm(A: ComplexMatrix): number[] {
  const norm = Float64Array.from({ length: A.rows }, (_, i) => rowNorm(A, i));
  return Array.from(norm.keys()).sort((i, j) => norm[j] - norm[i]);
}

function inverseOrder(order: readonly number[]): number[] {
  const inverse = new Array<number>(order.length);
  order.forEach((from, to) => (inverse[from] = to));
  return inverse;
}

function pickRows(A: ComplexMatrix, order: readonly number[]): ComplexMatrix {
  const P = complexMatrix(order.length, A.cols);
  order.forEach((from, to) => {
    P.re.set(A.re.subarray(from * A.cols, (from + 1) * A.cols), to * A.cols);
    P.im.set(A.im.subarray(from * A.cols, (from + 1) * A.cols), to * A.cols);
  });
  return P;
}

function pickColumns(A: ComplexMatrix, order: readonly number[]): ComplexMatrix {
  return transpose(pickRows(transpose(A), order));
}

function orthogonaliseRows(W: ComplexMatrix, J: ComplexMatrix): void {
  for (let sweep = 0, rotated = true; rotated && sweep < largestSweepCount; sweep++) {
    rotated = false;
    for (let p = 0; p < W.rows; p++) {
      for (let q = p + 1; q < W.rows; q++) if (rotate(W, J, p, q)) rotated = true;
    }
  }
}

/** Makes rows p and q of W orthogonal, the longer one first; applies the same rotation to J. */
function rotate(W: ComplexMatrix, J: ComplexMatrix, p: number, q: number): boolean {
  const { re, im, cols } = W;
  let alpha = 0;
  let beta = 0;
  let gRe = 0;
  let gIm = 0;
  for (let k = 0, x = p * cols, y = q * cols; k < cols; k++, x++, y++) {
    alpha += re[x] * re[x] + im[x] * im[x];
    beta += re[y] * re[y] + im[y] * im[y];
    gRe += re[x] * re[y] + im[x] * im[y];
    gIm += re[x] * im[y] - im[x] * re[y];
  }
  const size = Math.hypot(gRe, gIm);
  if (size === 0 || size <= orthogonal * Math.sqrt(alpha) * Math.sqrt(beta)) return false;
  const zeta = (beta - alpha) / (2 * size);
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  mixRows(W, p, q, c, c * t, gRe / size, -gIm / size);
  mixRows(J, p, q, c, c * t, gRe / size, -gIm / size);
  return true;
}

/** With y := e * row q (e = eRe + i eIm of modulus 1): row p := c x - s y, row q := s x + c y. */
function mixRows(
  A: ComplexMatrix,
  p: number,
  q: number,
  c: number,
  s: number,
  eRe: number,
  eIm: number,
): void {
  const { re, im, cols } = A;
  for (let k = 0, x = p * cols, y = q * cols; k < cols; k++, x++, y++) {
    const yRe = eRe * re[y] - eIm * im[y];
    const yIm = eRe * im[y] + eIm * re[y];
    re[y] = s * re[x] + c * yRe;
    im[y] = s * im[x] + c * yIm;
    re[x] = c * re[x] - s * yRe;
    im[x] = c * im[x] - s * yIm;
  }
}

/** R^H J = W^T with orthogonal columns, hence A P = Q R = (Q J) diag(values) (W^T / values)^H. */
function assemble(Q: ComplexMatrix, W: ComplexMatrix, J: ComplexMatrix, order: number[]): Svd {
  const n = W.rows;
  const values = Float64Array.from({ length: n }, (_, i) => rowNorm(W, i));
  const rank = Array.from(values.keys()).sort((i, j) => values[j] - values[i]);
  const left = pickColumns(transpose(J), rank);
  const V = complexMatrix(n, n);
  rank.forEach((from, to) => {
    const scale = values[from] > 0 ? 1 / values[from] : 0;
    order.forEach((row, k) => {
      V.re[row * n + to] = W.re[from * n + k] * scale;
      V.im[row * n + to] = W.im[from * n + k] * scale;
    });
  });
  return { U: multiply(Q, left), values: Float64Array.from(rank, (i) => values[i]), V };
}

function rowNorm(W: ComplexMatrix, i: number): number {
  let norm = 0;
  for (let k = i * W.cols; k < (i + 1) * W.cols; k++) norm += W.re[k] ** 2 + W.im[k] ** 2;
  return Math.sqrt(norm);
}
