import { modesAt } from '../gramians/doubling';
import { type ComplexMatrix, complexMatrix, scaleColumns } from '../linalg/matrix';
import { multiply } from '../linalg/multiply';
import { complexExpm1 } from '../scalars';
import type { DiagonalSystem } from './diagonal';
import type { TimeSpan } from './timeSpan';

/** The impulse response C e^{diag(poles) t} B (p × m) at time or step t. */
export function impulseResponse({ poles, B, C }: DiagonalSystem, t: number): ComplexMatrix {
  return multiply(scaleColumns(C, modesAt(poles, t)), B);
}

/**
 * The transfer function (p × m) at an angular frequency: C (i omega - Lambda)^{-1} B in continuous time (omega in
 * radians per unit of time), sum_k C e^{ak} B e^{-i omega k} = C (1 - e^{a - i omega})^{-1} B in discrete time (omega in
 * radians per step), without cancellation for poles near the unit circle.
 */
export function frequencyResponse(
  { poles, B, C }: DiagonalSystem,
  omega: number,
  time: TimeSpan['time'],
): ComplexMatrix {
  const n = poles.re.length;
  const gains = complexMatrix(1, n);
  const d = new Float64Array(2);
  for (let k = 0; k < n; k++) {
    if (time === 'discrete') complexExpm1(poles.re[k], poles.im[k] - omega, d, 0);
    else d.set([poles.re[k], poles.im[k] - omega]);
    // -1 / d
    const size2 = d[0] ** 2 + d[1] ** 2;
    gains.re[k] = -d[0] / size2;
    gains.im[k] = d[1] / size2;
  }
  return multiply(scaleColumns(C, gains), B);
}
