import type { ComplexVector } from '../linalg/complex';
import type { Modes } from '../systems/diagonal';

/** Exactly `slots` poles: the given ones and, where they are fewer, the first of `spare`. */
export function fillPoles(
  poles: ComplexVector,
  spare: ComplexVector,
  slots: number,
): ComplexVector {
  const missing = slots - poles.re.length;
  if (missing <= 0) return poles;
  return {
    re: Float64Array.of(...poles.re, ...spare.re.subarray(0, missing)),
    im: Float64Array.of(...poles.im, ...spare.im.subarray(0, missing)),
  };
}

/**
 * A system of exactly `slots` modes out of one that has fewer (its full system has no more to offer numerically): the
 * rest are poles of `spare`, taken from the front, with weight 0.
 */
export function fillSlots({ poles, weights }: Modes, spare: ComplexVector, slots: number): Modes {
  const none = { re: new Float64Array(slots), im: new Float64Array(slots) };
  return {
    poles: fillPoles(poles, spare, slots),
    weights: fillPoles(weights, none, slots),
  };
}
