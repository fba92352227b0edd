import { type ComplexVector, complexVector } from '../linalg/complex';
import { phiFunctions } from '../scalars';
import type { Modes } from './diagonal';
import type { ModalSystem } from './modal';

/**
 * Zero-order hold of continuous modes C e^{lambda t} (B = 1) with step Delta: log-poles a = lambda Delta and weights w = C (e^{lambda Delta} - 1) / lambda
 * = Delta C phi1(lambda Delta), which needs no special case at lambda = 0 (math reference 1.6). The discrete response
 * w e^{ak} is the integral of C e^{lambda t} over the k-th step, hence
 *     ||discrete error over L steps|| <= sqrt(Delta) ||continuous error over L Delta||.
 */
export function zeroOrderHold({ poles, weights }: Modes, step: number): ModalSystem {
  const scaled = times(poles, step);
  return { poles: scaled, weights: held(scaled, weights, step, 1), step };
}

/**
 * The continuous modes whose zero-order hold a discrete system is: lambda = a / Delta, C = w / (Delta phi1(a)). Im a is
 * used as given, not wrapped, because the continuous poles of a network are known.
 */
export function undoZeroOrderHold({ poles, weights, step }: ModalSystem): Modes {
  return { poles: times(poles, 1 / step), weights: held(poles, weights, step, -1) };
}

function times({ re, im }: ComplexVector, factor: number): ComplexVector {
  return { re: re.map((x) => x * factor), im: im.map((y) => y * factor) };
}

/** weights times (Delta phi1(a)) to the power 1 or -1. */
function held(a: ComplexVector, weights: ComplexVector, step: number, power: 1 | -1) {
  const w = complexVector(a.re.length);
  const phi = new Float64Array(2);
  for (let n = 0; n < a.re.length; n++) {
    phiFunctions(a.re[n], a.im[n], 0, phi, 0);
    const size2 = power === 1 ? 1 : phi[0] ** 2 + phi[1] ** 2;
    const [re, im] = [phi[0] / size2, (power * phi[1]) / size2];
    const scale = power === 1 ? step : 1 / step;
    w.re[n] = scale * (weights.re[n] * re - weights.im[n] * im);
    w.im[n] = scale * (weights.re[n] * im + weights.im[n] * re);
  }
  return w;
}
