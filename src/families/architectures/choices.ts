import type { PoolOp } from '../../core/network/network';
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
  parse: (recorded) =>
    recorded === true || recorded === 1
      ? 'true'
      : recorded === false || recorded === 0
        ? 'false'
        : undefined,
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
  settings: ['pooling', 'pool_mode'],
  parse: (recorded) => {
    const text = String(recorded).toLowerCase();
    if (text === 'pool' || text === 'avg' || text === 'average') return 'mean';
    return ['mean', 'last', 'max', 'sum', 'none'].includes(text) ? text : undefined;
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
