import { complexExpm1 } from '../core/scalars';
import { type Complex, scaled, times } from './complexPair';

/** The versions of DSS by what stands between the stored W and the weight of a mode. */
export type DssVersion =
  'exp' | 'exp-re-im' | 'exp-no-scale' | 'exp-no-scale-real' | 'clip' | 'clip-no-scale' | 'softmax';

/** Added to, or the least value of, a squared modulus that is divided by. A constant of the original code. */
const epsilon = 1e-7;

/**
 * The factor g in the weight w = W g of a mode with pole Lambda and log-pole a:
 *     no-scale     1
 *     exp, clip    (e^a - 1) conj(Lambda) / max(|Lambda|^2, 1e-7)
 *     softmax      (e^a - 1) conj(x) / (|x|^2 + 1e-7),   x = (e^{aL} - 1) Lambda
 * @param length L, the number of steps that the network runs over; softmax alone depends on it
 */
export function weightFactor(
  version: DssVersion,
  pole: Complex,
  logPole: Complex,
  length: number,
): Complex {
  if (version.includes('no-scale')) return [1, 0];
  const held = expMinus1(logPole);
  if (version !== 'softmax')
    return times(
      held,
      dampedInverse(pole, (x) => Math.max(x, epsilon)),
    );
  const x = times(expMinus1(scaled(logPole, length)), pole);
  return times(
    held,
    dampedInverse(x, (size2) => size2 + epsilon),
  );
}

function dampedInverse([re, im]: Complex, damp: (size2: number) => number): Complex {
  const size2 = damp(re * re + im * im);
  return [re / size2, -im / size2];
}

const result = new Float64Array(2);

function expMinus1([x, y]: Complex): Complex {
  complexExpm1(x, y, result, 0);
  return [result[0], result[1]];
}
