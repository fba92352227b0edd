import { layerGradients, tapeOf } from '../network/adjoint';
import type { Network, StateSpaceLayer } from '../network/network';
import { stateSpace } from '../network/ops/stateSpace';
import {
  advance,
  programOf,
  startState,
  type Sequence,
  type SequenceState,
  type Step,
} from '../network/program';

/** What the layers' errors do to the output, measured on sequences: norms, root mean squares over positions. */
export interface Attribution {
  readonly sequences: number;
  /** Of the compressed network's output against the original's. */
  readonly error: number;
  /** Of the original's output. */
  readonly output: number;
  /**
   * Telescoping sum over hybrid networks: what compressing layer l changes where those before it are compressed already;
   * last what changed outside the layers. Its sum bounds the error of the very sequence.
   */
  readonly telescoping: Float64Array;
  /** What compressing layer l alone changes. */
  readonly alone: Float64Array;
  /** To first order: the adjoint of the original network applied to the layer's own error. */
  readonly firstOrder: Float64Array;
  /** The error that all of them together predict, to first order. */
  readonly predicted: number;
}

/** Up to so many outputs the adjoint is taken of each, above of combinations with random signs. */
const mostSeeds = 16;
const signSeeds = 8;

/** Measures one sequence. */
export function attribute(original: Network, reduced: Network, sequence: Sequence): Attribution {
  const steps = programOf(original);
  const tape = tapeOf(original, steps, startState(original, sequence));
  const y = tape[steps.length];
  const { telescoping, alone, last } = hybrids(original, reduced, steps, tape);
  return {
    sequences: 1,
    error: distance(y, last),
    output: rootMeanSquare(y.x, y.length),
    telescoping,
    alone,
    ...firstOrder(original, reduced, steps, tape),
  };
}

/** Of several sequences together: root mean squares. */
export function meanAttribution(all: readonly Attribution[]): Attribution {
  const count = all.reduce((sum, { sequences }) => sum + sequences, 0);
  const rms = (of: (one: Attribution) => number): number =>
    Math.sqrt(all.reduce((sum, one) => sum + one.sequences * of(one) ** 2, 0) / Math.max(count, 1));
  const arrays = (of: (one: Attribution) => Float64Array): Float64Array =>
    Float64Array.from(all.length === 0 ? [] : of(all[0]), (_, l) => rms((one) => of(one)[l]));
  return {
    sequences: count,
    error: rms(({ error }) => error),
    output: rms(({ output }) => output),
    telescoping: arrays(({ telescoping }) => telescoping),
    alone: arrays(({ alone }) => alone),
    firstOrder: arrays((one) => one.firstOrder),
    predicted: rms(({ predicted }) => predicted),
  };
}

/** Networks whose first layers are compressed, each from where the one before it left off. */
function hybrids(
  original: Network,
  reduced: Network,
  steps: readonly Step[],
  tape: readonly SequenceState[],
): { telescoping: Float64Array; alone: Float64Array; last: SequenceState } {
  const onlyLayers = { ...original, layers: reduced.layers };
  const count = original.layers.length;
  const telescoping = new Float64Array(count + 1);
  const alone = new Float64Array(count);
  const end = steps.length;
  const through = (from: SequenceState, i: number): SequenceState =>
    advance(original, steps, i + 1, end, advance(onlyLayers, steps, i, i + 1, from));
  let state = tape[0];
  let before = tape[end];
  steps.forEach((step, i) => {
    if (step.kind === 'state-space') {
      const after = through(state, i);
      telescoping[step.layer] = distance(before, after);
      // both networks have met the same as long as no layer came before
      const single = state === tape[i] ? after : through(tape[i], i);
      alone[step.layer] = distance(tape[end], single);
      before = after;
    }
    const unchanged = state === tape[i] && step.kind !== 'state-space';
    state = unchanged ? tape[i + 1] : advance(onlyLayers, steps, i, i + 1, state);
  });
  const last = advance(reduced, programOf(reduced), 0, end, tape[0]);
  telescoping[count] = distance(before, last);
  return { telescoping, alone, last };
}

function firstOrder(
  original: Network,
  reduced: Network,
  steps: readonly Step[],
  tape: readonly SequenceState[],
): Pick<Attribution, 'firstOrder' | 'predicted'> {
  const errors = layerErrors(reduced, steps, tape);
  const { x, length } = tape[steps.length];
  const squares = new Float64Array(errors.length);
  let total = 0;
  const seeds = seedsFor(x.length);
  for (const seed of seeds) {
    const { layers } = layerGradients(original, steps, tape, seed);
    let all = 0;
    errors.forEach((error, l) => {
      const change = innerProduct(layers[l], error);
      squares[l] += change * change;
      all += change;
    });
    total += all * all;
  }
  const scale = seedScale(x.length, length);
  return {
    firstOrder: squares.map((square) => Math.sqrt(square * scale)),
    predicted: Math.sqrt(total * scale),
  };
}

/** What every layer alone gets wrong on the original's own signals: outputs × length. */
export function layerErrors(
  reduced: Network,
  steps: readonly Step[],
  tape: readonly SequenceState[],
): Float64Array[] {
  const errors: Float64Array[] = [];
  steps.forEach((step, i) => {
    if (step.kind !== 'state-space') return;
    errors[step.layer] = errorsOfLayer(reduced.layers[step.layer], tape[i], tape[i + 1]);
  });
  return errors;
}

/** What a layer gets wrong from one state of the original to the next: outputs × length. */
export function errorsOfLayer(
  layer: StateSpaceLayer,
  before: SequenceState,
  after: SequenceState,
): Float64Array {
  return stateSpace(layer, before.x, before.length).map((value, k) => value - after.x[k]);
}

/** Unit vectors of few outputs, fixed patterns of signs for many. */
export function seedsFor(outputs: number): Float64Array[] {
  if (outputs <= mostSeeds) {
    return Array.from({ length: outputs }, (_, k) => {
      const seed = new Float64Array(outputs);
      seed[k] = 1;
      return seed;
    });
  }
  return Array.from({ length: signSeeds }, (_, k) =>
    Float64Array.from({ length: outputs }, (__, i) => signOf(k, i)),
  );
}

/**
 * What sums of squares over the seeds are to be multiplied by for a mean over positions: signs are orthogonal on average,
 * with as many to the square as there are outputs.
 */
export function seedScale(outputs: number, length: number): number {
  return outputs <= mostSeeds ? 1 / length : 1 / (signSeeds * length);
}

/** +1 or -1, without a pattern. */
function signOf(seed: number, output: number): number {
  let hash = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(output + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash >>> 13) & 1) === 0 ? 1 : -1;
}

function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function distance(a: SequenceState, b: SequenceState): number {
  return rootMeanSquare(
    a.x.map((value, i) => value - b.x[i]),
    a.length,
  );
}

function rootMeanSquare(x: Float64Array, length: number): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return Math.sqrt(sum / length);
}
