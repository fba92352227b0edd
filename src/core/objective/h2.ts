import type { DiagonalSystem } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';
import { type SystemGradient, pairingGradient, pairingValue } from './pairing';

/**
 * The H² (continuous time) or h² (discrete time) objective of arXiv 2507.10078 for complex diagonal systems with any
 * number of inputs and outputs, over a finite or infinite span. With G the full and G^ the reduced system,
 *     ||G - G^||² = ||G||² + f(G^),   f = tr(C^ Phat C^^H) - 2 Re tr(C X C^^H).
 */

/** ||G||² = tr(C P C^H); Infinity or NaN where it does not exist. */
export function norm2(system: DiagonalSystem, span: TimeSpan): number {
  return pairingValue(system, system, 'hermitian', span)[0];
}

/** f(G^), what a reduction minimises; not finite where a response of G^ grows beyond the range of doubles. */
export function objective(full: DiagonalSystem, reduced: DiagonalSystem, span: TimeSpan): number {
  return (
    pairingValue(reduced, reduced, 'hermitian', span)[0] -
    2 * pairingValue(full, reduced, 'hermitian', span)[0]
  );
}

/** Gradient of f (Theorem 1 of the paper in a form without infinite-time Gramians, math reference 1.3). */
export function gradient(
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  span: TimeSpan,
): SystemGradient {
  return pairingGradient(full, reduced, 'hermitian', span);
}
