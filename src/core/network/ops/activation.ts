import type { Activation, GluOp } from '../network';
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

/** One half of the features times the activation of the other. */
export function glu(op: GluOp, x: Float64Array): Float64Array {
  const half = x.length / 2;
  const [first, second] = [x.subarray(0, half), x.subarray(half)];
  const [kept, gate] = op.gate === 'second' ? [first, second] : [second, first];
  const f = activations[op.activation];
  const y = new Float64Array(half);
  for (let i = 0; i < half; i++) y[i] = kept[i] * f(gate[i]);
  return y;
}
