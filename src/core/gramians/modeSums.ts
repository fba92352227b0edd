import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { discreteSums, phiFunctions } from '../scalars';
import type { TimeSpan } from '../systems/timeSpan';

const largestExponent = 700;

/**
 * out = E(a, tau) = int_0^tau e^{at} dt and, for order 1, E'(a, tau) = int_0^tau t e^{at} dt, at a = x + iy:
 * tau phi1(a tau) and tau² psi(a tau), without a special case at a = 0; -1/a and 1/a² for tau = Infinity. Infinity
 * where the integral overflows or diverges.
 */
export function continuousIntegrals(
  x: number,
  y: number,
  tau: number,
  order: 0 | 1,
  out: Float64Array,
  at: number,
): void {
  if (tau === Infinity) {
    infiniteIntegrals(x, y, order, out, at);
    return;
  }
  if (x * tau > largestExponent) {
    out.fill(Infinity, at, at + 2 + 2 * order);
    return;
  }
  phiFunctions(x * tau, y * tau, order, out, at);
  out[at] *= tau;
  out[at + 1] *= tau;
  if (order === 0) return;
  out[at + 2] *= tau * tau;
  out[at + 3] *= tau * tau;
}

function infiniteIntegrals(
  x: number,
  y: number,
  order: 0 | 1,
  out: Float64Array,
  at: number,
): void {
  if (!(x < 0)) {
    out.fill(Infinity, at, at + 2 + 2 * order);
    return;
  }
  const size2 = x * x + y * y;
  const [re, im] = [-x / size2, y / size2];
  out[at] = re;
  out[at + 1] = im;
  if (order === 0) return;
  out[at + 2] = re * re - im * im;
  out[at + 3] = 2 * re * im;
}

/** E and E' or S and S' (see `continuousIntegrals`, `discreteSums`), as the time axis of the span asks. */
export function modeSums(
  x: number,
  y: number,
  span: TimeSpan,
  order: 0 | 1,
  out: Float64Array,
  at: number,
): void {
  if (span.time === 'continuous') continuousIntegrals(x, y, span.horizon, order, out, at);
  else if (span.horizon === Infinity && !(x < 0)) out.fill(Infinity, at, at + 2 + 2 * order);
  else discreteSums(x, y, span.horizon, order, out, at);
}

/** Sums over all pairs of modes of two pole sets: `zero` holds S (or E) at a_i + b_j*, `one` its derivative S'. */
export interface SumMatrices {
  readonly zero: ComplexMatrix;
  readonly one: ComplexMatrix;
}

/**
 * S and (order 1) S' at a_i + b_j*, an n × r matrix each, where b* is conj b for the Hermitian pairing and b for the
 * bilinear one.
 */
export function sumMatrices(
  a: ComplexVector,
  b: ComplexVector,
  pairing: 'hermitian' | 'bilinear',
  span: TimeSpan,
  order: 0 | 1,
): SumMatrices {
  const [n, r] = [a.re.length, b.re.length];
  const sign = pairing === 'hermitian' ? -1 : 1;
  const zero = complexMatrix(n, r);
  const one = complexMatrix(order === 0 ? 0 : n, order === 0 ? 0 : r);
  const out = new Float64Array(4);
  for (let i = 0, k = 0; i < n; i++) {
    for (let j = 0; j < r; j++, k++) {
      modeSums(a.re[i] + b.re[j], a.im[i] + sign * b.im[j], span, order, out, 0);
      zero.re[k] = out[0];
      zero.im[k] = out[1];
      if (order === 0) continue;
      one.re[k] = out[2];
      one.im[k] = out[3];
    }
  }
  return { zero, one };
}
