import type { DiagonalSystem } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';
import { gradient, norm2, objective } from './h2';
import { type SystemGradient, combineGradients, pairingGradient, pairingValue } from './pairing';

/**
 * The objective of the real responses that networks compute, J_R = sum_k ||Re(K_k - K^_k)||_F², by
 * (Re x)² = (|x|² + Re x²) / 2: half the complex objective plus half the bilinear one (math reference 2.1).
 */

/** sum_k ||Re K_k||_F². */
export function realNorm2(system: DiagonalSystem, span: TimeSpan): number {
  return (norm2(system, span) + pairingValue(system, system, 'bilinear', span)[0]) / 2;
}

/** J_R - sum_k ||Re K_k||_F². */
export function realObjective(
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  span: TimeSpan,
): number {
  const bilinear =
    pairingValue(reduced, reduced, 'bilinear', span)[0] -
    2 * pairingValue(full, reduced, 'bilinear', span)[0];
  return (objective(full, reduced, span) + bilinear) / 2;
}

/** Gradient of J_R. */
export function realGradient(
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  span: TimeSpan,
): SystemGradient {
  return combineGradients(
    0.5,
    gradient(full, reduced, span),
    0.5,
    pairingGradient(full, reduced, 'bilinear', span),
  );
}
