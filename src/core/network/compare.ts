import type { Network } from './network';
import { advance, programOf, startState, type Sequence, type SequenceState } from './program';

/** How far two networks of the same ops are apart on one sequence. */
export interface Comparison {
  readonly original: SequenceState;
  readonly other: SequenceState;
  /** Of every state-space layer's output, and last of the network's: the squared sum of the differences … */
  readonly errors: Float64Array;
  /** … and of the original's values. */
  readonly norms: Float64Array;
}

/** Runs both networks side by side: each layer is compared where the networks before it have brought the sequence. */
export function compareNetworks(original: Network, other: Network, sequence: Sequence): Comparison {
  const [steps, otherSteps] = [programOf(original), programOf(other)];
  const errors = new Float64Array(original.layers.length + 1);
  const norms = new Float64Array(original.layers.length + 1);
  let state = startState(original, sequence);
  let changed = startState(other, sequence);
  steps.forEach((step, i) => {
    state = advance(original, steps, i, i + 1, state);
    changed = advance(other, otherSteps, i, i + 1, changed);
    if (step.kind !== 'state-space') return;
    errors[step.layer] = squaredDistance(state.x, changed.x);
    norms[step.layer] = squaredNorm(state.x);
  });
  const last = original.layers.length;
  errors[last] = squaredDistance(state.x, changed.x);
  norms[last] = squaredNorm(state.x);
  return { original: state, other: changed, errors, norms };
}

function squaredDistance(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - y[i]) ** 2;
  return sum;
}

function squaredNorm(x: Float64Array): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return sum;
}
