import type { Activation } from '../../network/network';
import { activations } from '../../network/ops/activation';
import { erf } from '../../network/ops/erf';

/** Derivatives of the activations of `ops/activation.ts`. */
export const activationSlopes: Readonly<Record<Activation, (x: number) => number>> = {
  gelu: (x) =>
    0.5 * (1 + erf(x * Math.SQRT1_2)) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
  'gelu-tanh': (x) => {
    const c = Math.sqrt(2 / Math.PI);
    const t = Math.tanh(c * (x + 0.044715 * x * x * x));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x);
  },
  relu: (x) => (x > 0 ? 1 : 0),
  silu: (x) => {
    const s = activations.sigmoid(x);
    return s * (1 + x * (1 - s));
  },
  tanh: (x) => 1 - Math.tanh(x) ** 2,
  sigmoid: (x) => {
    const s = activations.sigmoid(x);
    return s * (1 - s);
  },
};
