import type { Activation } from '../network/network';

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
