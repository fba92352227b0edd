import { type ComplexVector, complexVector } from './complex';
import { type ComplexMatrix, complexMatrix, frobeniusNorm } from './matrix';
import { multiply } from './multiply';
import { schur } from './schur';

/** Eigenvalues and unit eigenvectors (columns of X) of a general complex n × n matrix: A X = X diag(values). */
export interface Eigen {
  readonly values: ComplexVector;
  readonly X: ComplexMatrix;
}

/**
 * Eigenvalues and eigenvectors by the complex Schur form. Eigenvectors of a defective matrix come out nearly parallel:
 * equal eigenvalues are told apart by a perturbation of the size of the rounding error.
 */
export function eigen(A: ComplexMatrix): Eigen {
  const { T, Z } = schur(A);
  const n = A.rows;
  const values = complexVector(n);
  for (let i = 0; i < n; i++) {
    values.re[i] = T.re[i * n + i];
    values.im[i] = T.im[i * n + i];
  }
  const X = multiply(Z, triangularEigenvectors(T));
  normaliseColumns(X);
  return { values, X };
}

/** Upper triangular Y with T Y = Y diag(T): column k by back substitution. */
function triangularEigenvectors(T: ComplexMatrix): ComplexMatrix {
  const n = T.rows;
  const smallest = Math.max(Number.EPSILON * frobeniusNorm(T), 1e-150);
  const Y = complexMatrix(n, n);
  for (let k = 0; k < n; k++) {
    Y.re[k * n + k] = 1;
    for (let i = k - 1; i >= 0; i--) {
      let re = 0;
      let im = 0;
      for (let j = i + 1; j <= k; j++) {
        const [t, y] = [i * n + j, j * n + k];
        re -= T.re[t] * Y.re[y] - T.im[t] * Y.im[y];
        im -= T.re[t] * Y.im[y] + T.im[t] * Y.re[y];
      }
      let dRe = T.re[i * n + i] - T.re[k * n + k];
      let dIm = T.im[i * n + i] - T.im[k * n + k];
      if (Math.hypot(dRe, dIm) < smallest) [dRe, dIm] = [smallest, 0];
      const d2 = dRe * dRe + dIm * dIm;
      Y.re[i * n + k] = (re * dRe + im * dIm) / d2;
      Y.im[i * n + k] = (im * dRe - re * dIm) / d2;
      rescaleIfHuge(Y, i, k);
    }
  }
  normaliseColumns(Y);
  return Y;
}

/** Keeps the growing column k (rows from i) inside the range of doubles. */
function rescaleIfHuge(Y: ComplexMatrix, i: number, k: number): void {
  const size = Math.hypot(Y.re[i * Y.cols + k], Y.im[i * Y.cols + k]);
  if (size < 1e100) return;
  for (let row = i; row <= k; row++) {
    Y.re[row * Y.cols + k] /= size;
    Y.im[row * Y.cols + k] /= size;
  }
}

function normaliseColumns(X: ComplexMatrix): void {
  for (let j = 0; j < X.cols; j++) {
    let norm = 0;
    for (let k = j; k < X.re.length; k += X.cols) norm = Math.hypot(norm, X.re[k], X.im[k]);
    if (norm === 0) continue;
    for (let k = j; k < X.re.length; k += X.cols) {
      X.re[k] /= norm;
      X.im[k] /= norm;
    }
  }
}
