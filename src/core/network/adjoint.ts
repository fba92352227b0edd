import { backward, type ParameterGradients } from '../calibrate/refine/pointwise';
import { transposedLayers } from './adjointLayer';
import type { Network, PoolOp } from './network';
import { stateSpace } from './ops/stateSpace';
import { advance, type SequenceState, type Step } from './program';

/** The states before every step of a program and after the last, for passes backward through them. */
export function tapeOf(
  network: Network,
  steps: readonly Step[],
  start: SequenceState,
): SequenceState[] {
  const tape = [start];
  steps.forEach((_, i) => tape.push(advance(network, steps, i, i + 1, tape[i])));
  return tape;
}

/**
 * The adjoint of a network: gradients of <seed, output> with respect to what every state-space layer answers, outputs ×
 * length each. Stops at an embedding; the gradient that reached the first step otherwise is `input`.
 *
 * @param onTheWay further seeds, by the step before which the signal stands that they belong to
 * @param parameters gradients of maps and norms are added here, under the arrays that hold their values
 */
export function layerGradients(
  network: Network,
  steps: readonly Step[],
  tape: readonly SequenceState[],
  seed: Float64Array,
  parameters: ParameterGradients = new Map(),
  onTheWay: ReadonlyMap<number, Float64Array> = new Map(),
): { readonly layers: Float64Array[]; readonly input: Float64Array | undefined } {
  const layers: Float64Array[] = [];
  const pending: Float64Array[] = [];
  let g = seed;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i];
    const { x, length, width } = tape[i];
    const more = onTheWay.get(i + 1);
    if (more !== undefined) g = sum(g, more);
    switch (step.kind) {
      case 'embedding':
        return { layers, input: undefined };
      case 'add':
        pending.push(g);
        break;
      case 'push':
        g = sum(g, pending[pending.length - 1]);
        pending.pop();
        break;
      case 'state-space':
        layers[step.layer] = g;
        g = backwardLayer(network, step.layer, g, length);
        break;
      case 'pool':
        g = backwardPool(step.by, x, g, width, length);
        break;
      default:
        g = backward(step, x, g, length, parameters);
    }
  }
  return { layers, input: g };
}

/** The adjoint of a convolution is the convolution with the transposed kernels, backward in time. */
function backwardLayer(
  { layers }: Network,
  layer: number,
  g: Float64Array,
  length: number,
): Float64Array {
  const backwards = reversed(g, length);
  const { inputs } = layers[layer];
  const out = new Float64Array(inputs * length);
  let from = 0;
  for (const transposed of transposedLayers(layers[layer])) {
    const part = backwards.subarray(from, (from += transposed.inputs * length));
    stateSpace(transposed, part, length).forEach((value, i) => (out[i] += value));
  }
  return reversed(out, length);
}

function sum(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]);
}

function reversed(x: Float64Array, length: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += length) {
    for (let t = 0; t < length; t++) out[row + t] = x[row + length - 1 - t];
  }
  return out;
}

function backwardPool(
  by: PoolOp['by'],
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
      const values = x.subarray(row, row + length);
      out[row + values.indexOf(values.reduce((a, b) => Math.max(a, b), -Infinity))] = g[h];
    }
  }
  return out;
}
