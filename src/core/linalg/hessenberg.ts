import { type ComplexMatrix, copyMatrix, identity, sameSize } from './matrix';

/** H = Q^H A Q upper Hessenberg with unitary Q, by Householder reflections (Golub and Van Loan, 7.4). */
export function hessenberg(A: ComplexMatrix): {
  readonly H: ComplexMatrix;
  readonly Q: ComplexMatrix;
} {
  sameSize(A.rows, A.cols, 'a square matrix');
  const n = A.rows;
  const H = copyMatrix(A);
  const Q = identity(n);
  const vRe = new Float64Array(n);
  const vIm = new Float64Array(n);
  for (let k = 0; k + 2 < n; k++) {
    const beta = reflector(H, k, vRe, vIm);
    if (beta === 0) continue;
    reflectRows(H, k + 1, beta, vRe, vIm);
    reflectColumns(H, k + 1, beta, vRe, vIm);
    reflectColumns(Q, k + 1, beta, vRe, vIm);
    for (let i = k + 2; i < n; i++) H.re[i * n + k] = H.im[i * n + k] = 0;
  }
  return { H, Q };
}

/** v such that (I - beta v v^H) maps column k below the diagonal onto its first entry; beta, 0 where nothing is to do. */
function reflector(H: ComplexMatrix, k: number, vRe: Float64Array, vIm: Float64Array): number {
  const n = H.rows;
  let scale = 0;
  for (let i = k + 2; i < n; i++) {
    scale = Math.max(scale, Math.abs(H.re[i * n + k]), Math.abs(H.im[i * n + k]));
  }
  if (scale === 0) return 0;
  const first = (k + 1) * n + k;
  scale = Math.max(scale, Math.abs(H.re[first]), Math.abs(H.im[first]));
  let norm2 = 0;
  for (let i = k + 1; i < n; i++) {
    vRe[i] = H.re[i * n + k] / scale;
    vIm[i] = H.im[i * n + k] / scale;
    norm2 += vRe[i] ** 2 + vIm[i] ** 2;
  }
  const norm = Math.sqrt(norm2);
  const size = Math.hypot(vRe[k + 1], vIm[k + 1]);
  vRe[k + 1] += size === 0 ? norm : (vRe[k + 1] / size) * norm;
  vIm[k + 1] += size === 0 ? 0 : (vIm[k + 1] / size) * norm;
  return 1 / (norm * (norm + size));
}

/** A := (I - beta v v^H) A, v from index `from`. */
function reflectRows(
  A: ComplexMatrix,
  from: number,
  beta: number,
  vRe: Float64Array,
  vIm: Float64Array,
): void {
  for (let j = 0; j < A.cols; j++) {
    let re = 0;
    let im = 0;
    for (let i = from, a = from * A.cols + j; i < A.rows; i++, a += A.cols) {
      re += vRe[i] * A.re[a] + vIm[i] * A.im[a];
      im += vRe[i] * A.im[a] - vIm[i] * A.re[a];
    }
    re *= beta;
    im *= beta;
    for (let i = from, a = from * A.cols + j; i < A.rows; i++, a += A.cols) {
      A.re[a] -= vRe[i] * re - vIm[i] * im;
      A.im[a] -= vRe[i] * im + vIm[i] * re;
    }
  }
}

/** A := A (I - beta v v^H), v from index `from`. */
function reflectColumns(
  A: ComplexMatrix,
  from: number,
  beta: number,
  vRe: Float64Array,
  vIm: Float64Array,
): void {
  for (let i = 0; i < A.rows; i++) {
    let re = 0;
    let im = 0;
    for (let j = from, a = i * A.cols + from; j < A.cols; j++, a++) {
      re += A.re[a] * vRe[j] - A.im[a] * vIm[j];
      im += A.re[a] * vIm[j] + A.im[a] * vRe[j];
    }
    re *= beta;
    im *= beta;
    for (let j = from, a = i * A.cols + from; j < A.cols; j++, a++) {
      A.re[a] -= re * vRe[j] + im * vIm[j];
      A.im[a] -= im * vRe[j] - re * vIm[j];
    }
  }
}
