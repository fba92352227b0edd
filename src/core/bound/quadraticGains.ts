import { certifiedLqoError, lqoNormBounds } from '../norms/certifiedLqo';
import type { StateSpaceLayer } from '../network/network';
import { totalOf, type Track } from './errorState';
import type { QuadraticGains } from './layerGains';
import { largest, raised, times } from './rounding';

/** h² norms of the quadratic kernels over all outputs; undefined for layers that are linear. */
export function quadraticGains(
  original: StateSpaceLayer,
  reduced: StateSpaceLayer,
  length: number,
): QuadraticGains | undefined {
  if (original.systems.kind !== 'lqo' || reduced.systems.kind !== 'lqo') return undefined;
  const [a, b] = [original.systems.system, reduced.systems.system];
  return {
    original: lqoNormBounds(a, length).quadratic.above,
    reduced: lqoNormBounds(b, length).quadratic.above,
    error: certifiedLqoError(a, b, length).quadratic,
  };
}

/**
 * The largest ||<h2, s (x) s>|| at a position: ||h2|| times the energy of the inputs before it, which Cauchy and Schwarz
 * give for the tensor product (math reference 3.5).
 *
 * @param energy a bound of sqrt(sum_k ||s_k||²)
 */
export function quadraticPeak(h2: number, energy: number): number {
  return raised(times(h2, energy * energy), 4);
}

/**
 * What the quadratic outputs make of a difference of root mean square 1 (or peak 1) at their input, at every position:
 * <h2, s^ (x) s^ - s (x) s> = <h2, (s^ - s) (x) s^ + s (x) (s^ - s)>, so at most ||h2|| ||s^ - s|| (||s^|| + ||s||), and
 * ||s^|| <= ||s|| + ||s^ - s||.
 *
 * @param energy of the original input, `reducedEnergy` of the compressed network's
 */
export function quadraticSlope(
  h2: number,
  { energy, reducedEnergy }: { readonly energy: number; readonly reducedEnergy: number },
  track: Track,
  length: number,
): number {
  const root = Math.sqrt(length);
  const apart = root * totalOf(track) * (track.gains === undefined ? 1 : largest(track.gains));
  const sum = Math.min(energy + reducedEnergy, 2 * energy + apart);
  return raised(times(h2 * root, sum), 8);
}
