import { fourier } from '../linalg/fft';
import { layerGradients, tapeOf } from '../network/adjoint';
import type { Network } from '../network/network';
import type { SequenceState, Step } from '../network/program';
import { createGrid, type SpectrumGrid } from './spectrumGrid';

/**
 * How much a network's output cares for errors of its layers' outputs, per frequency: the sum over sequences of |G_m|²,
 * G the transform of the gradient of the output with respect to what the layer answers; outputs × M for each layer.
 * Of every sequence one combination of the outputs counts, with signs that change from sequence to sequence, so that
 * over the sequences all outputs count alike.
 *
 * @param indices number of each sequence among all; it decides the signs
 */
export function outputSensitivity(
  network: Pick<Network, 'layers'>,
  steps: readonly Step[],
  starts: readonly SequenceState[],
  indices: readonly number[],
  horizon: number,
): Float64Array[] {
  const grid = createGrid(horizon);
  const sums = network.layers.map(({ outputs }) => new Float64Array(outputs * grid.points));
  starts.forEach((start, b) => {
    const tape = tapeOf(asNetwork(network), steps, start);
    const seed = signs(indices[b], tape[steps.length].x.length);
    const { layers } = layerGradients(asNetwork(network), steps, tape, seed);
    layers.forEach((g, layer) => {
      addPowers(sums[layer], grid, g, g.length / network.layers[layer].outputs);
    });
  });
  return sums;
}

/** Steps run by themselves know nothing of a network but its layers. */
function asNetwork({ layers }: Pick<Network, 'layers'>): Network {
  return { input: { kind: 'values', width: 1 }, ops: [], layers };
}

/** +1 or -1, without a pattern between sequences and outputs. */
function signs(sequence: number, outputs: number): Float64Array {
  return Float64Array.from({ length: outputs }, (_, output) => {
    let hash = Math.imul(sequence + 1, 0x9e3779b1) ^ Math.imul(output + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return ((hash >>> 13) & 1) === 0 ? 1 : -1;
  });
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
