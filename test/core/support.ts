import type { ComplexVector } from '../../src/core/linalg/complex';
import type { ModalSystem } from '../../src/core/systems/modal';

/** [re, im] pairs of the golden files as a complex vector. */
export function complexOf(pairs: readonly (readonly number[])[]): ComplexVector {
  return {
    re: Float64Array.from(pairs, (p) => p[0]),
    im: Float64Array.from(pairs, (p) => p[1]),
  };
}

export function system(
  poles: readonly (readonly number[])[],
  weights: readonly (readonly number[])[],
): ModalSystem {
  return { poles: complexOf(poles), weights: complexOf(weights), step: 1 };
}

/** Re sum w e^{ak} for k < length, each term from its own exponential: the definition. */
export function kernelOf(s: ModalSystem, length: number): Float64Array {
  const k = new Float64Array(length);
  for (let n = 0; n < s.poles.re.length; n++) {
    for (let t = 0; t < length; t++) {
      const size = Math.exp(s.poles.re[n] * t);
      const phase = s.poles.im[n] * t;
      k[t] += size * (s.weights.re[n] * Math.cos(phase) - s.weights.im[n] * Math.sin(phase));
    }
  }
  return k;
}

export function norm(values: Float64Array): number {
  return Math.hypot(...values);
}

export function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]);
}
