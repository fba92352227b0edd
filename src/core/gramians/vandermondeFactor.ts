import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, stackRows } from '../linalg/matrix';
import { triangularFactor } from '../linalg/qr';
import { wrapPhase } from '../scalars';
import { doubled, sampledModes } from './doubling';

/**
 * Upper trapezoidal R with R^H R = V^H V for the L × N Vandermonde matrix V_ki = z_i^k, z = e^a, k < L, without forming
 * V for long horizons: R over 2m steps is the triangle of [R; R diag(z^m)], so that the leading bits of L give R in
 * O(N³ log L).
 */
export function vandermondeFactor(logPoles: ComplexVector, steps: number): ComplexMatrix {
  const poles = { re: logPoles.re, im: logPoles.im.map(wrapPhase) };
  let shift = 0;
  while (Math.floor(steps / 2 ** (shift + 1)) >= 2 * poles.re.length) shift++;
  let m = Math.floor(steps / 2 ** shift);
  let R = triangularFactor(samples(poles, 0, m));
  while (shift > 0) {
    shift--;
    R = doubled(R, poles, m);
    const next = Math.floor(steps / 2 ** shift);
    if (next > 2 * m) R = withRow(R, poles, 2 * m);
    m = next;
  }
  return R;
}

function samples(poles: ComplexVector, from: number, count: number): ComplexMatrix {
  const times = Array.from({ length: count }, (_, k) => from + k);
  return sampledModes(poles, times, new Float64Array(count).fill(1));
}

/** The factor with step m added to the steps 0 … m - 1. */
function withRow(R: ComplexMatrix, poles: ComplexVector, m: number): ComplexMatrix {
  return triangularFactor(stackRows(R, samples(poles, m, 1)));
}
