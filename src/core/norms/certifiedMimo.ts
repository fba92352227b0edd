import { SsmError } from '../errors';
import { type ComplexMatrix, transpose } from '../linalg/matrix';
import { adjointTimes, multiply } from '../linalg/multiply';
import { floorLogPoles } from '../systems/check';
import { type DiagonalSystem, difference } from '../systems/diagonal';
import { type Bounds, boundedSums, rootBounds, roundoff } from './pairBounds';

/**
 * Certified h² norms of systems with several inputs and outputs, Frobenius norm over inputs and outputs, of the real
 * responses: in closed form over all pairs of modes,
 *     J = 1/2 Re sum_ij [ (c_i^H c_j)(b_i^H b_j) S(conj a_i + a_j) + (c_i^T c_j)(b_i^T b_j) S(a_i + a_j) ],
 * with a bound of its rounding and of what the parameters may be off, term by term. The closed form cannot resolve
 * errors below about 1e-7 of the modes' own norms; the bound says so by not falling lower.
 */

/** Bounds of sqrt(sum_k ||Re(C e^{ak} B)||_F²). Throws `unstable` where a mode does not decay over an infinite horizon. */
export function realNormBounds(system: DiagonalSystem, horizon: number): Bounds {
  const poles = floorLogPoles(system.poles);
  if (horizon === Infinity && poles.re.some((x) => !(x < 0))) {
    throw new SsmError('unstable', 'A mode that does not decay has no bound over this horizon.');
  }
  const { B, C } = system;
  const n = poles.re.length;
  const sizes = modeSizes(B, C);
  let value = 0;
  let rounding = 0;
  // a dot product of k complex numbers is off by at most 2 k + 2 units, a sum over n terms by n
  const ulps = 2 * (B.cols + C.rows + n) + 32;
  for (const pairing of ['hermitian', 'bilinear'] as const) {
    const { sums, error } = boundedSums(poles, horizon, pairing);
    const outputs = pairing === 'hermitian' ? adjointTimes(C, C) : multiply(transpose(C), C);
    const inputs =
      pairing === 'hermitian'
        ? adjointTimes(transpose(B), transpose(B))
        : multiply(B, transpose(B));
    for (let i = 0; i < n; i++) {
      let row = 0;
      let rowRounding = 0;
      for (let j = 0; j < n; j++) {
        const k = i * n + j;
        const re = outputs.re[k] * inputs.re[k] - outputs.im[k] * inputs.im[k];
        const im = outputs.re[k] * inputs.im[k] + outputs.im[k] * inputs.re[k];
        row += re * sums.re[k] - im * sums.im[k];
        const size = Math.hypot(sums.re[k], sums.im[k]);
        rowRounding += sizes[j] * (error[k] + ulps * roundoff * size);
      }
      value += row / 2;
      rounding += (sizes[i] * rowRounding) / 2;
    }
  }
  if (!Number.isFinite(value) || !Number.isFinite(rounding)) {
    throw new SsmError('bad-parameters', 'The impulse response is not finite.');
  }
  return rootBounds(value, rounding * (1 + 1e-9));
}

/** An upper bound, rounding included, of the h² error of the real responses over the horizon; 0 for equal systems. */
export function certifiedMimoError(
  original: DiagonalSystem,
  reduced: DiagonalSystem,
  horizon: number,
): number {
  if (sameSystem(original, reduced)) return 0;
  return realNormBounds(difference(original, reduced), horizon).above;
}

/** ||c_i|| ||b_i||. */
function modeSizes(B: ComplexMatrix, C: ComplexMatrix): Float64Array {
  return Float64Array.from({ length: B.rows }, (_, i) => {
    let [b2, c2] = [0, 0];
    for (let k = i * B.cols; k < (i + 1) * B.cols; k++) b2 += B.re[k] ** 2 + B.im[k] ** 2;
    for (let k = i; k < C.re.length; k += C.cols) c2 += C.re[k] ** 2 + C.im[k] ** 2;
    return Math.sqrt(b2) * Math.sqrt(c2) * (1 + (B.cols + C.rows + 8) * roundoff);
  });
}

/** Whether all parameters agree to the last bit. */
export function sameSystem(p: DiagonalSystem, q: DiagonalSystem): boolean {
  const parts = ({ poles, B, C }: DiagonalSystem): Float64Array[] => [
    poles.re,
    poles.im,
    B.re,
    B.im,
    C.re,
    C.im,
  ];
  const others = parts(q);
  return parts(p).every((part, i) => {
    const other = others[i];
    return part.length === other.length && part.every((x, k) => x === other[k]);
  });
}
