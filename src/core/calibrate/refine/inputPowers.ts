import { tapeOf } from '../../network/adjoint';
import { stepOfLayer, type Sequence } from '../../network/program';
import { paddedSize } from '../../linalg/fft';
import type { Program } from '../stage';
import { networkOf } from './outputGradients';
import { rowSpectra } from './rowSpectra';

export interface InputPowersRequest {
  readonly program: Program;
  /** Layers by index. */
  readonly layers: readonly number[];
  readonly sequences: readonly Sequence[];
  /** The longest sequence of the whole sample, which sets the grid. */
  readonly longest: number;
}

/**
 * What layers receive: sum |U_m|² over the sequences for every input on bins 0 … size / 2 of the circle that holds twice
 * the longest sequence, inputs × (size / 2 + 1) for each of the layers.
 */
export function inputPowers({
  program,
  layers,
  sequences,
  longest,
}: InputPowersRequest): Float64Array[] {
  const size = paddedSize(longest);
  const bins = size / 2 + 1;
  const sums = layers.map((index) => new Float64Array(program.layers[index].inputs * bins));
  for (const sequence of sequences) {
    const tape = tapeOf(networkOf(program), program.steps, { ...sequence, residuals: [] });
    layers.forEach((index, i) => {
      const { x, length } = tape[stepOfLayer(program.steps, index)];
      const spectra = rowSpectra(x, program.layers[index].inputs, length, size);
      const sum = sums[i];
      for (let k = 0; k < sum.length; k++) sum[k] += spectra[2 * k] ** 2 + spectra[2 * k + 1] ** 2;
    });
  }
  return sums;
}
