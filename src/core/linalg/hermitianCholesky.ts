import { type ComplexMatrix, complexMatrix, sameSize } from './matrix';

/**
 * Lower triangular F with positive diagonal and A = F F^H for a complex Hermitian positive definite n × n matrix A, of
 * which only the lower triangle is read. `undefined` where A is not positive definite to working precision.
 */
export function hermitianCholesky(A: ComplexMatrix): ComplexMatrix | undefined {
  sameSize(A.rows, A.cols, 'a square matrix');
  const n = A.rows;
  const F = complexMatrix(n, n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let re = A.re[i * n + j];
      let im = A.im[i * n + j];
      for (let k = 0; k < j; k++) {
        const [p, q] = [i * n + k, j * n + k];
        re -= F.re[p] * F.re[q] + F.im[p] * F.im[q];
        im -= F.im[p] * F.re[q] - F.re[p] * F.im[q];
      }
      if (i === j) {
        if (!(re > 0) || !Number.isFinite(re)) return undefined;
        F.re[j * n + j] = Math.sqrt(re);
      } else {
        F.re[i * n + j] = re / F.re[j * n + j];
        F.im[i * n + j] = im / F.re[j * n + j];
      }
    }
  }
  return F;
}
