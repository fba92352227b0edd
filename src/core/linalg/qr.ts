import { type ComplexMatrix, complexMatrix, copyMatrix } from './matrix';

/** Householder factorisation in place: R in the upper triangle, reflector k below (and on) the diagonal of column k. */
interface Reflectors {
  readonly A: ComplexMatrix;
  /** Diagonal of R, complex. */
  readonly dRe: Float64Array;
  readonly dIm: Float64Array;
  /** 2 / ||v_k||² of every reflector, 0 where none was needed. */
  readonly beta: Float64Array;
}

/**
 * The triangular factor R (min(m, n) × n, upper trapezoidal) of A = Q R, Q with orthonormal columns, by Householder
 * reflections (Golub and Van Loan, Matrix Computations, 5.2). Row by row backward stable for graded columns, which is
 * what makes small Hankel singular values accurate.
 */
export function triangularFactor(A: ComplexMatrix): ComplexMatrix {
  return readR(factor(A));
}

/** Thin QR factorisation A = Q R: Q is m × min(m, n) with orthonormal columns, R min(m, n) × n upper trapezoidal. */
export function qr(A: ComplexMatrix): { readonly Q: ComplexMatrix; readonly R: ComplexMatrix } {
  const H = factor(A);
  const k = Math.min(A.rows, A.cols);
  const Q = complexMatrix(A.rows, k);
  for (let i = 0; i < k; i++) Q.re[i * k + i] = 1;
  for (let j = k - 1; j >= 0; j--) reflect(H, j, Q, 0);
  return { Q, R: readR(H) };
}

function factor(source: ComplexMatrix): Reflectors {
  const A = copyMatrix(source);
  const k = Math.min(A.rows, A.cols);
  const H = { A, dRe: new Float64Array(k), dIm: new Float64Array(k), beta: new Float64Array(k) };
  for (let j = 0; j < k; j++) {
    makeReflector(H, j);
    reflect(H, j, A, j + 1);
  }
  return H;
}

/** Turns column j, rows j…, into the reflector that maps it onto a multiple of e_j. */
function makeReflector({ A, dRe, dIm, beta }: Reflectors, j: number): void {
  const { rows, cols, re, im } = A;
  let scale = 0;
  for (let i = j; i < rows; i++) {
    scale = Math.max(scale, Math.abs(re[i * cols + j]), Math.abs(im[i * cols + j]));
  }
  if (scale === 0) return;
  let norm2 = 0;
  for (let i = j; i < rows; i++) {
    re[i * cols + j] /= scale;
    im[i * cols + j] /= scale;
    norm2 += re[i * cols + j] ** 2 + im[i * cols + j] ** 2;
  }
  const norm = Math.sqrt(norm2);
  const p = j * cols + j;
  const size = Math.hypot(re[p], im[p]);
  const [phaseRe, phaseIm] = size === 0 ? [1, 0] : [re[p] / size, im[p] / size];
  dRe[j] = -phaseRe * norm * scale;
  dIm[j] = -phaseIm * norm * scale;
  re[p] += phaseRe * norm;
  im[p] += phaseIm * norm;
  beta[j] = 1 / (norm * (norm + size));
}

/** B := (I - beta v v^H) B on the columns `from`… of B, v being reflector j. */
function reflect({ A, beta }: Reflectors, j: number, B: ComplexMatrix, from: number): void {
  if (beta[j] === 0) return;
  const width = B.cols - from;
  const sumRe = new Float64Array(width);
  const sumIm = new Float64Array(width);
  for (let i = j; i < A.rows; i++) {
    const vRe = A.re[i * A.cols + j];
    const vIm = A.im[i * A.cols + j];
    for (let c = 0, b = i * B.cols + from; c < width; c++, b++) {
      sumRe[c] += vRe * B.re[b] + vIm * B.im[b];
      sumIm[c] += vRe * B.im[b] - vIm * B.re[b];
    }
  }
  for (let i = j; i < A.rows; i++) {
    const vRe = beta[j] * A.re[i * A.cols + j];
    const vIm = beta[j] * A.im[i * A.cols + j];
    for (let c = 0, b = i * B.cols + from; c < width; c++, b++) {
      B.re[b] -= vRe * sumRe[c] - vIm * sumIm[c];
      B.im[b] -= vRe * sumIm[c] + vIm * sumRe[c];
    }
  }
}

function readR({ A, dRe, dIm }: Reflectors): ComplexMatrix {
  const R = complexMatrix(dRe.length, A.cols);
  for (let i = 0; i < R.rows; i++) {
    R.re[i * R.cols + i] = dRe[i];
    R.im[i * R.cols + i] = dIm[i];
    for (let j = i + 1; j < A.cols; j++) {
      R.re[i * R.cols + j] = A.re[i * A.cols + j];
      R.im[i * R.cols + j] = A.im[i * A.cols + j];
    }
  }
  return R;
}
