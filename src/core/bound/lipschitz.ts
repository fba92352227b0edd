import { activationSlopes } from '../calibrate/refine/derivatives';
import type { Activation } from '../network/network';
import type { OtherSignals } from './statistics';

/**
 * Lipschitz constants, rounded up: GELU (1 + erf 1) / 2 + e^{-1} / sqrt(pi) at sqrt 2, its tanh approximation, SiLU at
 * 2.3994 by their largest slopes.
 */
export const lipschitz: Readonly<Record<Activation, number>> = {
  gelu: 1.12890414518516,
  'gelu-tanh': 1.12899306865878,
  silu: 1.09983932012887,
  relu: 1,
  tanh: 1,
  sigmoid: 0.25,
};

/** sup |f(v)| over |v| <= r: all of them are at most |v|, sigmoid at most 1. */
export function largestValue(activation: Activation, r: number): number {
  if (activation === 'sigmoid') return 1;
  return activation === 'tanh' ? Math.min(1, r) : r;
}

/** Where slopes grow with the argument, at least; beyond it the global constant stands. */
const rising = 1.3;

/**
 * Lipschitz constants of an activation feature by feature, on the range of values that was recorded: between two values of
 * the range no slope is steeper than the steepest in it. Undefined where nothing was recorded.
 */
export function slopesOf(
  activation: Activation,
  { low, high }: OtherSignals = {},
): Float64Array | undefined {
  if (low === undefined || high === undefined) return undefined;
  return low.map((from, c) => steepest(activation, from, high[c]));
}

function steepest(activation: Activation, from: number, to: number): number {
  const most = lipschitz[activation];
  const room = 1 + 1e-12;
  switch (activation) {
    case 'relu':
      return to <= 0 ? 0 : 1;
    case 'sigmoid':
    case 'tanh': {
      // steepest at 0, less to both sides
      const nearest = from <= 0 && to >= 0 ? 0 : Math.min(Math.abs(from), Math.abs(to));
      return Math.min(most, activationSlopes[activation](nearest) * room);
    }
    default: {
      // rising up to sqrt 2 or beyond, and falling to either side of that
      if (from < -rising || to > rising) return most;
      const ends = [from, to].map((v) => Math.abs(activationSlopes[activation](v)));
      return Math.min(most, Math.max(...ends) * room);
    }
  }
}
