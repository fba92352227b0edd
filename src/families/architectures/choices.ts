import type { Activation, PoolOp } from '../../core/network/network';
import type { LayerSite } from '../family';
import type { HyperParameter, HyperValues } from '../hyperParameters';

/** Whether the norm stands before the layer of a residual block or after its sum. */
export const prenorm: HyperParameter = {
  name: 'prenorm',
  title: 'Norm before the layer (pre-norm) or after the sum (post-norm)',
  options: [
    { value: 'false', label: 'After the sum (post-norm)' },
    { value: 'true', label: 'Before the layer (pre-norm)' },
  ],
  settings: ['prenorm', 'pre_norm'],
  parse: (recorded) => {
    const text = String(recorded).toLowerCase(); // metadata hold texts, which Python writes as "True"
    if (text === 'true' || text === '1') return 'true';
    return text === 'false' || text === '0' ? 'false' : undefined;
  },
  usual: 'false',
};

/** How the sequence becomes one vector before the decoder. */
export const pooling: HyperParameter = {
  name: 'pooling',
  title: 'Pooling before the decoder',
  options: [
    { value: 'mean', label: 'Mean over the sequence' },
    { value: 'last', label: 'Last position' },
    { value: 'max', label: 'Maximum over the sequence' },
    { value: 'sum', label: 'Sum over the sequence' },
    { value: 'none', label: 'None: an output at every position' },
  ],
  settings: ['pooling', 'pool_mode', 'decoder.mode'],
  parse: (recorded) => {
    const text = String(recorded).toLowerCase();
    return ['pool', 'avg', 'average', 'ragged'].includes(text) ? 'mean' : text;
  },
  usual: 'mean',
};

/** The pooling that was chosen, as ops: none or one. */
export function poolingOps(hyper: HyperValues): PoolOp[] {
  const by = hyper.pooling;
  return by === 'mean' || by === 'last' || by === 'max' || by === 'sum'
    ? [{ kind: 'pool', by }]
    : [];
}

/** What follows the convolution in a layer whose code has a setting for it. */
const activation: HyperParameter = {
  name: 'activation',
  title: 'Activation after the convolution',
  options: [
    { value: 'gelu', label: 'GELU' },
    { value: 'relu', label: 'ReLU' },
    { value: 'silu', label: 'SiLU (swish)' },
    { value: 'tanh', label: 'tanh' },
    { value: 'sigmoid', label: 'sigmoid' },
    { value: 'none', label: 'None' },
  ],
  settings: ['layer.activation', 'activation'],
  parse: (recorded) => {
    const text = String(recorded).toLowerCase();
    return ['swish', 'silu'].includes(text)
      ? 'silu'
      : text === 'id' || text === 'identity'
        ? 'none'
        : text;
  },
  usual: 'gelu',
};

/** S4D of s4d.py has its activation in the code; whole S4 and DSS blocks have a setting for it. */
export function activationChoice(sites: readonly LayerSite[]): HyperParameter[] {
  return sites.some(({ family }) => family !== 's4d-minimal') ? [activation] : [];
}

/** The activation that was chosen; undefined for none. */
export function activationOf(hyper: HyperValues): Activation | undefined {
  const names: readonly Activation[] = ['gelu', 'relu', 'silu', 'tanh', 'sigmoid'];
  return names.find((name) => name === ('activation' in hyper ? hyper.activation : 'gelu'));
}
