import { gramFactor, modeFactor, weightedFactor } from '../gramians/factor';
import { controllability, observability } from '../gramians/gramians';
import { eigen } from '../linalg/eigen';
import { solve } from '../linalg/lu';
import {
  type ComplexMatrix,
  columns,
  complexMatrix,
  conjugate,
  scaleColumns,
  scaleRows,
  transpose,
} from '../linalg/matrix';
import { adjointTimes, multiply } from '../linalg/multiply';
import { svd } from '../linalg/svd';
import { withOptimalOutput } from '../objective/optimalOutput';
import { checkDiagonal, checkOrder, checkSpan } from '../systems/check';
import type { DiagonalSystem } from '../systems/diagonal';
import { dynamicsOf, polesOf } from '../systems/dynamics';
import type { TimeSpan } from '../systems/timeSpan';

/** Hankel singular values below this fraction of the largest are rounding errors. */
const numericalRank = 1e-14;

/** The same where a Gramian had to be formed. */
const gramianRank = 1e-7;

/** With more inputs (outputs) than this the stacked square root is larger than it is worth. */
const mostStacked = 8;

/** A system in balanced coordinates over a span; truncations of any order are cut out of it. */
export interface BalancedForm {
  readonly system: DiagonalSystem;
  readonly span: TimeSpan;
  /** All Hankel singular values, descending. */
  readonly hankel: Float64Array;
  /** How many of them exceed 1e-14 of the largest (1e-7 where a Gramian was formed): the largest order a truncation can have. */
  readonly rank: number;
  /** T (N × rank) and W^H (rank × N), W^H T = I. */
  readonly T: ComplexMatrix;
  readonly W: ComplexMatrix;
}

/**
 * Square-root balancing of a complex diagonal system over an infinite span, or time-limited (Gawronski and Juang) over a
 * finite one (math reference 6.1, 6.2): with P = R_c^T conj(R_c), Q = R_o^H R_o and R_o R_c^T = U S V^H,
 *     T = R_c^T V S^{-1/2},  W^H = S^{-1/2} U^H R_o.
 * No Gramian is formed, except for a side with more than 8 inputs or outputs.
 * @throws SsmError `bad-request` for a horizon that is none, `bad-parameters`, `unstable`
 */
export function balance(system: DiagonalSystem, span: TimeSpan): BalancedForm {
  checkSpan(span);
  checkDiagonal(system);
  const R = modeFactor(system.poles, span);
  const wide = system.B.cols > mostStacked;
  const tall = system.C.rows > mostStacked;
  const input = transpose(
    wide ? gramFactor(conjugate(controllability(system, span))) : weightedFactor(R, system.B),
  );
  const output = tall
    ? gramFactor(observability(system, span))
    : weightedFactor(R, transpose(system.C));
  const { U, values, V } = svd(multiply(output, input));
  const floor = (wide || tall ? gramianRank : numericalRank) * values[0];
  const rank = values.filter((s) => s > floor).length;
  const roots = {
    re: values.slice(0, rank).map((s) => 1 / Math.sqrt(s)),
    im: new Float64Array(rank),
  };
  return {
    system,
    span,
    hankel: values,
    rank,
    T: scaleColumns(multiply(input, columns(V, 0, rank)), roots),
    W: scaleRows(adjointTimes(columns(U, 0, rank), output), roots),
  };
}

/**
 * The balanced truncation of order min(order, rank), diagonalised: poles in the convention of the system (log-poles in
 * discrete time), B^ = X^{-1} W^H B, C^ = C T X. It may be unstable over a finite span.
 * @throws SsmError `bad-request` for an order outside 1 … N
 */
export function truncate(form: BalancedForm, order: number): DiagonalSystem {
  const { system, span } = form;
  checkOrder(order, system.poles.re.length);
  const r = Math.min(order, form.rank);
  const T = columns(form.T, 0, r);
  const W = transpose(columns(transpose(form.W), 0, r));
  const dynamics = dynamicsOf(system.poles, span.time);
  const { values, X } = eigen(multiply(scaleColumns(W, dynamics), T));
  const poles = polesOf(values, span.time);
  const B = solve(X, multiply(W, system.B));
  if (B === undefined) return withOptimalOutput(system, poles, ones(r, system.B.cols), span);
  return { poles, B, C: multiply(multiply(system.C, T), X) };
}

function ones(rows: number, cols: number): ComplexMatrix {
  const A = complexMatrix(rows, cols);
  A.re.fill(1);
  return A;
}
