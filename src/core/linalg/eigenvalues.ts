import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { ComplexVector } from './complex';

/**
 * Eigenvalues of a real n x n matrix, row-major; conjugate ones stand beside each other.
 * @returns undefined where an entry is not finite
 */
export function eigenvalues(matrix: Float64Array, n: number): ComplexVector | undefined {
  if (!matrix.every(Number.isFinite)) return undefined;
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(
    Matrix.from1DArray(n, n, matrix),
    { assumeSymmetric: false },
  );
  return { re: Float64Array.from(realEigenvalues), im: Float64Array.from(imaginaryEigenvalues) };
}
