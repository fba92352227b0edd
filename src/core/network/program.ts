import { SsmError } from '../errors';
import { hotLoops } from '../hotLoops';
import type { Network, NetworkInput, Op, ResidualOp } from './network';
import { embedding } from './ops/embedding';
import { glu } from './ops/glu';
import { linear } from './ops/linear';
import { batchNorm, layerNorm } from './ops/norm';
import { pool } from './ops/pool';
import { stateSpace } from './ops/stateSpace';

/** What a network does, one thing after another: its ops, with `push` and `add` around the body of a residual. */
export type Step = Exclude<Op, ResidualOp> | { readonly kind: 'push' } | { readonly kind: 'add' };

/**
 * The input of a network: `width` features of `length` positions, feature after feature (x[h * length + t]). A sequence
 * of tokens has width 1 and their numbers as values.
 */
export interface Sequence {
  readonly x: Float64Array;
  readonly width: number;
  readonly length: number;
}

/**
 * A sequence on its way through a network, between two steps. Steps make new arrays and change none, so states may be
 * held, shared and advanced more than once.
 */
export interface SequenceState extends Sequence {
  /** What `add` will add, the innermost last. */
  readonly residuals: readonly Float64Array[];
}

/** The network as one list of steps. */
export function programOf(network: Network): Step[] {
  return stepsOf(network.ops);
}

function stepsOf(ops: readonly Op[]): Step[] {
  return ops.flatMap((op): Step[] =>
    op.kind === 'residual' ? [{ kind: 'push' }, ...stepsOf(op.body), { kind: 'add' }] : [op],
  );
}

/** Where layer `layer` of the network stands among the steps. */
export function stepOfLayer(steps: readonly Step[], layer: number): number {
  return steps.findIndex((step) => step.kind === 'state-space' && step.layer === layer);
}

/** A sequence before the first step. Throws `bad-request` where it does not have the width of the network's input. */
export function startState({ input }: Network, sequence: Sequence): SequenceState {
  const width = input.kind === 'tokens' ? 1 : input.width;
  if (sequence.width !== width || sequence.x.length !== width * sequence.length) {
    throw new SsmError(
      'bad-request',
      `The model takes ${describeInput(input)}, not ${sequence.width} features a position.`,
    );
  }
  if (sequence.length === 0) throw new SsmError('bad-request', 'A sequence is empty.');
  return { x: sequence.x, width, length: sequence.length, residuals: [] };
}

/** For messages: `tokens (0 to 133)`, `3 features a position`. */
export function describeInput(input: NetworkInput): string {
  if (input.kind === 'tokens') return `tokens (0 to ${input.vocabulary - 1})`;
  return input.width === 1 ? 'one feature a position' : `${input.width} features a position`;
}

/** The state after steps `from` (inclusive) to `to` (exclusive). */
export function advance(
  network: Network,
  steps: readonly Step[],
  from: number,
  to: number,
  state: SequenceState,
): SequenceState {
  let now = state;
  for (let i = from; i < to; i++) now = after(network, steps[i], now);
  return now;
}

function after(network: Network, step: Step, state: SequenceState): SequenceState {
  const { x, width, length, residuals } = state;
  switch (step.kind) {
    case 'push':
      return { ...state, residuals: [...residuals, x] };
    case 'add':
      return {
        ...state,
        x: sum(residuals[residuals.length - 1], x),
        residuals: residuals.slice(0, -1),
      };
    case 'embedding':
      return { ...state, x: embedding(step, x), width: step.width };
    case 'linear':
      return { ...state, x: linear(step, x, length), width: step.outputs };
    case 'layer-norm':
      return { ...state, x: layerNorm(step, x, length) };
    case 'batch-norm':
      return { ...state, x: batchNorm(step, x, length) };
    case 'activation':
      return { ...state, x: hotLoops().activate(step.activation, x) };
    case 'glu':
      return { ...state, x: glu(step, x), width: width / 2 };
    case 'state-space': {
      const layer = network.layers[step.layer];
      return { ...state, x: stateSpace(layer, x, length), width: layer.outputs };
    }
    case 'pool':
      return { ...state, x: pool(step, x, width, length), length: 1 };
  }
}

function sum(a: Float64Array, b: Float64Array): Float64Array {
  const total = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) total[i] = a[i] + b[i];
  return total;
}
