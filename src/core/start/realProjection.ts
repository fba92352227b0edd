import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { crossControllability, crossObservability } from '../gramians/gramians';
import type { ComplexVector } from '../linalg/complex';
import { solve } from '../linalg/lu';
import { type ComplexMatrix, complexMatrix, scaleRows } from '../linalg/matrix';
import { adjointTimes } from '../linalg/multiply';
import { qr } from '../linalg/qr';
import { type DiagonalSystem, fromWeights } from '../systems/diagonal';
import { dynamicsOf, polesOf } from '../systems/dynamics';
import { discrete } from '../systems/timeSpan';

/**
 * One step of the two-sided iteration (see `fixedPoint`) in real arithmetic, for one input and one output: from poles
 * closed under conjugation to the next ones, closed again to the last bit.
 * @param closed the full system of 2N poles as `closeUnderConjugation` makes it: pole n + N conjugate to pole n
 * @param poles reduced log-poles with Im in [0, pi]; the ends are real poles, all others stand for conjugate pairs
 * @returns all new poles, both of each pair; undefined where the projection does not exist
 */
export function realProjection(
  closed: DiagonalSystem,
  poles: ComplexVector,
  horizon: number,
): ComplexVector | undefined {
  const span = discrete(horizon);
  const probe = fromWeights(poles, { re: poles.re.map(() => 1), im: poles.re.map(() => 0) });
  const V = realBasis(crossControllability(closed, probe, span), poles);
  const W = realBasis(crossObservability(closed, probe, span), poles);
  const dynamics = dynamicsOf(closed.poles, span.time);
  const A = solve(adjointTimes(W, V), adjointTimes(W, scaleRows(V, dynamics)));
  if (!A?.re.every(Number.isFinite)) return undefined;
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(
    Matrix.from1DArray(A.rows, A.cols, A.re),
    { assumeSymmetric: false },
  );
  return polesOf(
    { re: Float64Array.from(realEigenvalues), im: Float64Array.from(imaginaryEigenvalues) },
    span.time,
  );
}

/** Whether a log-pole of phase y belongs to a real pole e^a. */
export function isReal(y: number): boolean {
  return y === 0 || Math.abs(y) === Math.PI;
}

/**
 * An orthonormal basis of the span of the columns of X and of those that belong to the conjugate poles, whose products
 * with conjugate-symmetric operators are real. In the real states (x_n + x_{n+N}) / sqrt 2, (x_n - x_{n+N}) / (i sqrt 2)
 * the span of a pair is that of the real and the imaginary part of one column.
 */
function realBasis(X: ComplexMatrix, poles: ComplexVector): ComplexMatrix {
  const half = X.rows / 2;
  const width = poles.im.reduce((sum, y) => sum + (isReal(y) ? 1 : 2), 0);
  const parts = complexMatrix(X.rows, width);
  for (let i = 0; i < half; i++) {
    let to = 0;
    for (let j = 0; j < X.cols; j++) {
      const [p, q] = [i * X.cols + j, (i + half) * X.cols + j];
      const [upper, lower] = [i * width + to, (i + half) * width + to];
      parts.re[upper] = X.re[p] + X.re[q];
      parts.re[lower] = X.im[p] - X.im[q];
      to++;
      if (isReal(poles.im[j])) continue;
      parts.re[upper + 1] = X.im[p] + X.im[q];
      parts.re[lower + 1] = X.re[q] - X.re[p];
      to++;
    }
  }
  const { Q } = qr(parts);
  const basis = complexMatrix(X.rows, width);
  for (let i = 0; i < half; i++) {
    for (let j = 0; j < width; j++) {
      const [upper, lower] = [i * width + j, (i + half) * width + j];
      basis.re[upper] = basis.re[lower] = Q.re[upper] * Math.SQRT1_2;
      basis.im[upper] = Q.re[lower] * Math.SQRT1_2;
      basis.im[lower] = -basis.im[upper];
    }
  }
  return basis;
}
