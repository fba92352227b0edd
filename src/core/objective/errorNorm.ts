import { modeFactor, weightedFactor } from '../gramians/factor';
import { conjugate, frobeniusNorm } from '../linalg/matrix';
import { timesAdjoint } from '../linalg/multiply';
import { type DiagonalSystem, closeUnderConjugation, difference } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';

/**
 * Norms of error systems by a square root of the Gramian instead of the closed form ||G||² + f, which loses all digits
 * once the error lies below 1e-8 of ||G|| (math reference 8.1, 8.2). The result is accurate to about 1e-16 ||G|| plus a
 * relative rounding error, for any span. It is an evaluation, not a certificate.
 */

/** ||G||, the H² or h² norm of a complex system; Infinity for a system that is not stable over infinite time. */
export function systemNorm(system: DiagonalSystem, span: TimeSpan): number {
  if (span.horizon === Infinity && system.poles.re.some((x) => x >= 0)) return Infinity;
  // P = R^T conj(R), hence tr(C P C^H) = ||C R^T||_F²
  const R = weightedFactor(modeFactor(system.poles, span), system.B);
  return frobeniusNorm(timesAdjoint(system.C, conjugate(R)));
}

/** ||G - G^|| of the complex responses. */
export function errorNorm(full: DiagonalSystem, reduced: DiagonalSystem, span: TimeSpan): number {
  return systemNorm(difference(full, reduced), span);
}

/** ||Re(G - G^)||: the error of the real responses that a network computes. */
export function realErrorNorm(
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  span: TimeSpan,
): number {
  return systemNorm(closeUnderConjugation(difference(full, reduced)), span);
}
