import { hermitianEigen } from '../linalg/hermitianEigen';
import { type ComplexMatrix, complexMatrix, scaleColumns } from '../linalg/matrix';
import { multiply, timesAdjoint } from '../linalg/multiply';
import type { ComplexVector } from '../linalg/complex';
import { controllability, crossControllability } from '../gramians/gramians';
import type { DiagonalSystem } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';

/** Directions of the scaled Gramian below this fraction of the largest are left out. */
const negligible = 1e-13;

/**
 * The reduced system with the given poles and B^ whose output matrix minimises the complex error over the span:
 * C^ = C X Phat^{-1} (math reference 7.1), a linear least-squares problem.
 */
export function withOptimalOutput(
  full: DiagonalSystem,
  poles: ComplexVector,
  B: ComplexMatrix,
  span: TimeSpan,
): DiagonalSystem {
  const trial = { poles, B, C: complexMatrix(full.C.rows, poles.re.length) };
  const X = crossControllability(full, trial, span);
  const inverse = gramianInverse(controllability(trial, span));
  return { ...trial, C: multiply(multiply(full.C, X), inverse) };
}

/**
 * Pseudo-inverse of a Gramian: scaled to unit diagonal, eigendecomposed, eigenvalues below 1e-13 of the largest left
 * out, so that repeated poles share their weight instead of spoiling it.
 */
export function gramianInverse(P: ComplexMatrix): ComplexMatrix {
  const n = P.rows;
  const d = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let i = 0; i < n; i++) d.re[i] = P.re[i * n + i] > 0 ? 1 / Math.sqrt(P.re[i * n + i]) : 0;
  const scaled = complexMatrix(n, n);
  for (let i = 0, k = 0; i < n; i++) {
    for (let j = 0; j < n; j++, k++) {
      scaled.re[k] = P.re[k] * d.re[i] * d.re[j];
      scaled.im[k] = P.im[k] * d.re[i] * d.re[j];
    }
  }
  const { values, U } = hermitianEigen(scaled);
  const floor = negligible * values[n - 1];
  const roots = values.map((x) => (x > floor ? 1 / Math.sqrt(x) : 0));
  const half = scaleColumns(U, { re: roots, im: new Float64Array(n) });
  for (let i = 0, k = 0; i < n; i++) {
    for (let j = 0; j < n; j++, k++) {
      half.re[k] *= d.re[i];
      half.im[k] *= d.re[i];
    }
  }
  return timesAdjoint(half, half);
}
