import type { Activation } from '../network';
import { erf } from './erf';

/** The activation of one number. */
export const activations: Readonly<Record<Activation, (x: number) => number>> = {
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  'gelu-tanh': (x) =>
    0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
  relu: (x) => (x < 0 ? 0 : x),
  silu: (x) => x * sigmoid(x),
  tanh: Math.tanh,
  sigmoid,
};

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The activation of every entry. */
export function activate(activation: Activation, x: Float64Array): Float64Array {
  const f = activations[activation];
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = f(x[i]);
  return y;
}

/** kept * activation(gates), entry by entry. */
export function gate(
  activation: Activation,
  kept: Float64Array,
  gates: Float64Array,
): Float64Array {
  const f = activations[activation];
  const y = new Float64Array(kept.length);
  for (let i = 0; i < y.length; i++) y[i] = kept[i] * f(gates[i]);
  return y;
}
