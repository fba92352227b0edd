import { type ComplexVector, complexVector } from '../linalg/complex';

/** Poles and weights of a single-input single-output system. */
export interface Modes {
  readonly poles: ComplexVector;
  readonly weights: ComplexVector;
}

/**
 * A system of exactly `slots` modes out of one that has fewer (its full system has no more to offer numerically): the
 * rest are poles of `spare`, taken from the front, with weight 0.
 */
export function fillSlots(modes: Modes, spare: ComplexVector, slots: number): Modes {
  const present = modes.poles.re.length;
  if (present >= slots) return modes;
  const [poles, weights] = [complexVector(slots), complexVector(slots)];
  poles.re.set(modes.poles.re);
  poles.im.set(modes.poles.im);
  weights.re.set(modes.weights.re);
  weights.im.set(modes.weights.im);
  for (let j = present; j < slots; j++) {
    poles.re[j] = spare.re[j - present];
    poles.im[j] = spare.im[j - present];
  }
  return { poles, weights };
}
