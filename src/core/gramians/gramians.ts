import { type ComplexMatrix, conjugate } from '../linalg/matrix';
import { adjointTimes, combine, hadamard, timesAdjoint } from '../linalg/multiply';
import type { DiagonalSystem } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';
import { sumMatrices } from './modeSums';

/**
 * Closed-form Gramians of diagonal systems over a time span (arXiv 2507.10078, equations 8-11 in elementwise form; in
 * discrete time E is replaced by S). a are the poles of the full, b those of the reduced system.
 */

/** P = (B B^H) .* E(a_i + conj a_j), N × N: the controllability Gramian. */
export function controllability({ poles, B }: DiagonalSystem, span: TimeSpan): ComplexMatrix {
  return hadamard(timesAdjoint(B, B), sumMatrices(poles, poles, 'hermitian', span, 0).zero);
}

/** Q = (C^H C) .* E(conj a_i + a_j), N × N: the observability Gramian. */
export function observability({ poles, C }: DiagonalSystem, span: TimeSpan): ComplexMatrix {
  const sums = conjugate(sumMatrices(poles, poles, 'hermitian', span, 0).zero);
  return hadamard(adjointTimes(C, C), sums);
}

/** X = (B B^^H) .* E(a_i + conj b_j), N × r. */
export function crossControllability(
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  span: TimeSpan,
): ComplexMatrix {
  const sums = sumMatrices(full.poles, reduced.poles, 'hermitian', span, 0).zero;
  return hadamard(timesAdjoint(full.B, reduced.B), sums);
}

/** Y = -(C^H C^) .* E(conj a_i + b_j), N × r, with the sign of the paper's equation (11). */
export function crossObservability(
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  span: TimeSpan,
): ComplexMatrix {
  const sums = conjugate(sumMatrices(full.poles, reduced.poles, 'hermitian', span, 0).zero);
  const Y = hadamard(adjointTimes(full.C, reduced.C), sums);
  return combine(-1, Y, 0, Y);
}
