import { type ComplexMatrix, adjoint, complexMatrix, sameSize } from './matrix';

/** A B. */
export function multiply(A: ComplexMatrix, B: ComplexMatrix): ComplexMatrix {
  sameSize(A.cols, B.rows, 'inner dimensions of a product');
  const P = complexMatrix(A.rows, B.cols);
  const n = B.cols;
  for (let i = 0; i < A.rows; i++) {
    for (let k = 0; k < A.cols; k++) {
      const re = A.re[i * A.cols + k];
      const im = A.im[i * A.cols + k];
      for (let j = 0, p = i * n, b = k * n; j < n; j++, p++, b++) {
        P.re[p] += re * B.re[b] - im * B.im[b];
        P.im[p] += re * B.im[b] + im * B.re[b];
      }
    }
  }
  return P;
}

/** A^H B. */
export function adjointTimes(A: ComplexMatrix, B: ComplexMatrix): ComplexMatrix {
  return multiply(adjoint(A), B);
}

/** A B^H. */
export function timesAdjoint(A: ComplexMatrix, B: ComplexMatrix): ComplexMatrix {
  return multiply(A, adjoint(B));
}

/** x A + y B, elementwise, with real factors. */
export function combine(x: number, A: ComplexMatrix, y: number, B: ComplexMatrix): ComplexMatrix {
  sameSize(A.rows, B.rows, 'rows of a sum');
  sameSize(A.cols, B.cols, 'columns of a sum');
  return {
    rows: A.rows,
    cols: A.cols,
    re: A.re.map((a, k) => x * a + y * B.re[k]),
    im: A.im.map((a, k) => x * a + y * B.im[k]),
  };
}

/** Elementwise (Hadamard) product A .* B. */
export function hadamard(A: ComplexMatrix, B: ComplexMatrix): ComplexMatrix {
  sameSize(A.rows, B.rows, 'rows of an elementwise product');
  sameSize(A.cols, B.cols, 'columns of an elementwise product');
  return {
    rows: A.rows,
    cols: A.cols,
    re: A.re.map((a, k) => a * B.re[k] - A.im[k] * B.im[k]),
    im: A.re.map((a, k) => a * B.im[k] + A.im[k] * B.re[k]),
  };
}

/** tr(A^H B) = sum_ij conj(A_ij) B_ij, as [re, im]. */
export function inner(A: ComplexMatrix, B: ComplexMatrix): [number, number] {
  sameSize(A.re.length, B.re.length, 'entries of an inner product');
  let re = 0;
  let im = 0;
  for (let k = 0; k < A.re.length; k++) {
    re += A.re[k] * B.re[k] + A.im[k] * B.im[k];
    im += A.re[k] * B.im[k] - A.im[k] * B.re[k];
  }
  return [re, im];
}
