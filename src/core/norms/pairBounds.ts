import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { discreteSums } from '../scalars';

/** Unit roundoff of float64. */
export const roundoff = 2 ** -53;

/** Rounding of one sum S(a) and of what it is made of, in units of u: see `certified.ts`, whose figures these are. */
const sumUlps = 64;
const ulpsPerPhase = 16;

/** An interval that certainly holds a number that cannot be negative. */
export interface Bounds {
  readonly below: number;
  readonly above: number;
}

/** The interval of the root of a number known as `value` up to `rounding`, both before squares were taken away. */
export function rootBounds(value: number, rounding: number): Bounds {
  return {
    below: Math.sqrt(Math.max(0, value - rounding)) * (1 - 4 * roundoff),
    above: Math.sqrt(Math.max(0, value) + rounding) * (1 + 4 * roundoff),
  };
}

/** Sums over all pairs of modes with a bound of their errors, n × n. */
export interface BoundedSums {
  readonly sums: ComplexMatrix;
  /** |S computed - S exact|, entry by entry, for any log-poles within 8 units of rounding of the given ones. */
  readonly error: Float64Array;
}

/**
 * S(conj a_i + a_j) (`hermitian`) or S(a_i + a_j) (`bilinear`) over the horizon with error bounds: a few units for the
 * evaluation, and for an uncertainty d of the log-poles |S'| d + |S''| d² / 2, where |S''| <= 2 min(L, 1 / |x|)³.
 */
export function boundedSums(
  poles: ComplexVector,
  horizon: number,
  pairing: 'hermitian' | 'bilinear',
): BoundedSums {
  const n = poles.re.length;
  const sums = complexMatrix(n, n);
  const error = new Float64Array(n * n);
  const sign = pairing === 'hermitian' ? -1 : 1;
  const out = new Float64Array(4);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const x = poles.re[i] + poles.re[j];
      discreteSums(x, sign * poles.im[i] + poles.im[j], horizon, 1, out, 0);
      const k = i * n + j;
      sums.re[k] = out[0];
      sums.im[k] = out[1];
      const size = Math.hypot(out[0], out[1]);
      const uncertain = ulpsPerPhase * roundoff * (phaseSize(poles, i) + phaseSize(poles, j));
      const length = Math.min(horizon, x < 0 ? 1 / -x : Infinity);
      error[k] =
        sumUlps * roundoff * size +
        uncertain * (size + Math.hypot(out[2], out[3])) +
        uncertain ** 2 * length ** 3;
    }
  }
  return { sums, error };
}

function phaseSize({ re, im }: ComplexVector, i: number): number {
  return Math.abs(re[i]) + Math.abs(im[i]);
}
