import type { ComplexVector } from '../linalg/complex';
import { hermitianEigen } from '../linalg/hermitianEigen';
import {
  type ComplexMatrix,
  adjoint,
  complexMatrix,
  scaleColumns,
  stackRows,
  transpose,
} from '../linalg/matrix';
import { triangularFactor } from '../linalg/qr';
import type { TimeSpan } from '../systems/timeSpan';
import { legendreFactor } from './legendreFactor';
import { takenakaMalmquist } from './takenakaMalmquist';
import { vandermondeFactor } from './vandermondeFactor';

/** e^{-86} squared lies below 2^-248: what a response does after it has decayed by this much changes no double. */
const decayed = 86;

/**
 * Square root of the Gram matrix of modes e^{a_i t} over a span: R (at most N × N, upper trapezoidal) with
 *     (R^H R)_ij = sum_t conj(e^{a_i t}) e^{a_j t}   (an integral in continuous time),
 * computed without forming the Gram matrix (math reference 6.1), so that it loses no small singular value. For weighted
 * modes see `weightedFactor`: observability Q = R_C^H R_C, controllability P = R_B^T conj(R_B).
 */
export function modeFactor(poles: ComplexVector, { time, horizon }: TimeSpan): ComplexMatrix {
  const slowest = poles.re.reduce((m, x) => Math.max(m, x), -Infinity);
  if (horizon === Infinity || slowest * horizon < -decayed) return takenakaMalmquist(poles, time);
  return time === 'discrete' ? vandermondeFactor(poles, horizon) : legendreFactor(poles, horizon);
}

/**
 * The factor for modes that carry weights: R_W with (R_W^H R_W)_ij = sum_l conj(W_il) W_jl (R^H R)_ij, W being N × m.
 * For m = 1 a scaling of the columns of R.
 */
export function weightedFactor(R: ComplexMatrix, W: ComplexMatrix): ComplexMatrix {
  const rows = transpose(W);
  const scaled = Array.from({ length: W.cols }, (_, l) => scaleColumns(R, rowOf(rows, l)));
  if (scaled.length === 1) return scaled[0];
  return triangularFactor(scaled.reduce(stackRows, complexMatrix(0, R.cols)));
}

/**
 * The factor R = diag(sqrt(values)) U^H of a Gram matrix already formed, G = R^H R; directions that rounding made negative
 * are dropped. It keeps half the digits that the factors above do.
 */
export function gramFactor(G: ComplexMatrix): ComplexMatrix {
  const { values, U } = hermitianEigen(G);
  const roots = values.map((x) => Math.sqrt(Math.max(0, x)));
  return adjoint(scaleColumns(U, { re: roots, im: new Float64Array(roots.length) }));
}

function rowOf(A: ComplexMatrix, i: number): ComplexVector {
  return {
    re: A.re.subarray(i * A.cols, (i + 1) * A.cols),
    im: A.im.subarray(i * A.cols, (i + 1) * A.cols),
  };
}
