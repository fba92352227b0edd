import { fourier } from '../linalg/fft';
import { stateSpace } from '../network/ops/stateSpace';
import type { SequenceState, Step } from '../network/program';
import { advance } from '../network/program';
import type { Network, StateSpaceLayer } from '../network/network';
import { backward, isPointwise } from './refine/pointwise';
import { createGrid, type SpectrumGrid } from './spectrumGrid';

/**
 * How much the network's output cares for errors of the layers' outputs, per frequency: the mean over sequences of
 * |G_m|², G the transform of the gradient of the output with respect to what the layer answers. One array a layer,
 * outputs × M.
 */
export type Sensitivity = readonly Float64Array[];

/**
 * Sensitivities of a network by its adjoint: for every sequence one combination of the outputs with signs that alternate
 * by a fixed pattern, so that over the sequences all outputs count alike.
 */
export function outputSensitivity(
  network: Pick<Network, 'layers'>,
  steps: readonly Step[],
  starts: readonly SequenceState[],
  horizon: number,
): Float64Array[] {
  const grid = createGrid(horizon);
  const sums = network.layers.map(({ outputs }) => new Float64Array(outputs * grid.points));
  starts.forEach((start, b) => {
    adjoint(network, steps, start, b, (layer, g) => {
      addPowers(sums[layer], grid, g, start.length);
    });
  });
  return sums;
}

/** The gradient of a combination of a network's outputs with respect to what goes into its steps. */
export interface Adjoint {
  readonly gradient: Float64Array;
  /** The combination itself. */
  readonly output: number;
}

/**
 * The gradient of sum_i ±output_i, with the signs of sequence `index`, with respect to the state before the steps.
 * @param onLayer hears the gradient with respect to the output of each layer on the way
 */
export function adjoint(
  network: Pick<Network, 'layers'>,
  steps: readonly Step[],
  start: SequenceState,
  index: number,
  onLayer?: (layer: number, g: Float64Array) => void,
): Adjoint {
  const whole = { ...network, input: { kind: 'values', width: 1 }, ops: [] } as const;
  const tape: SequenceState[] = [start];
  for (let i = 0; i < steps.length; i++) tape.push(advance(whole, steps, i, i + 1, tape[i]));
  const last = tape[steps.length];
  let g: Float64Array = last.x.map((_, i) => signOf(index, i));
  const output = g.reduce((sum, sign, i) => sum + sign * last.x[i], 0);
  const pending: Float64Array[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i];
    const { x, length, width } = tape[i];
    if (step.kind === 'embedding') break;
    if (step.kind === 'add') pending.push(g);
    else if (step.kind === 'push') {
      const branch = pending.pop();
      if (branch !== undefined) g = g.map((value, k) => value + branch[k]);
    } else if (step.kind === 'state-space') {
      onLayer?.(step.layer, g);
      g = backwardLayer(network.layers[step.layer], g, length);
    } else if (step.kind === 'pool') g = backwardPool(step.by, x, g, width, length);
    else if (isPointwise(step)) g = backward(step, x, g, length, new Map());
  }
  return { gradient: g, output };
}

/** +1 or -1, without a pattern between sequences and outputs. */
function signOf(sequence: number, output: number): number {
  let hash = Math.imul(sequence + 1, 0x9e3779b1) ^ Math.imul(output + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash >>> 13) & 1) === 0 ? 1 : -1;
}

function addPowers(sums: Float64Array, grid: SpectrumGrid, g: Float64Array, length: number): void {
  const { length: P, points: M } = grid;
  const transform = fourier(P);
  const [time, freq] = [new Float64Array(2 * P), new Float64Array(2 * P)];
  for (let c = 0; c * length < g.length; c++) {
    time.fill(0);
    for (let t = 0; t < length; t++) time[2 * t] = g[c * length + t];
    transform.forward(time, freq);
    for (let m = 0; m < M; m++) sums[c * M + m] += freq[2 * m] ** 2 + freq[2 * m + 1] ** 2;
  }
}

/** The adjoint of a causal convolution is the same convolution backward in time. */
function backwardLayer(layer: StateSpaceLayer, g: Float64Array, length: number): Float64Array {
  const { inputs, outputs } = layer;
  const out = new Float64Array(inputs * length);
  if (layer.systems.kind === 'mimo' || inputs !== outputs) return out;
  const y = stateSpace(layer, reversed(g, length), length);
  return reversed(y, length);
}

function reversed(x: Float64Array, length: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += length) {
    for (let t = 0; t < length; t++) out[row + t] = x[row + length - 1 - t];
  }
  return out;
}

function backwardPool(
  by: 'mean' | 'last' | 'max' | 'sum',
  x: Float64Array,
  g: Float64Array,
  width: number,
  length: number,
): Float64Array {
  const out = new Float64Array(width * length);
  for (let h = 0; h < width; h++) {
    const row = h * length;
    if (by === 'mean' || by === 'sum') {
      out.fill(by === 'mean' ? g[h] / length : g[h], row, row + length);
    } else if (by === 'last') out[row + length - 1] = g[h];
    else {
      let best = 0;
      for (let t = 1; t < length; t++) if (x[row + t] > x[row + best]) best = t;
      out[row + best] = g[h];
    }
  }
  return out;
}
