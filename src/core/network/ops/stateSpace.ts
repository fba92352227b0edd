import { hotLoops } from '../../hotLoops';
import { paddedSize } from '../../linalg/fft';
import { kernelSpectra } from '../kernels';
import type { StateSpaceLayer } from '../network';
import { quadraticOutput } from './quadraticOutput';
import { recur } from './recurrence';

/** y = k * u + D u: u is inputs × length, y outputs × length. */
export function stateSpace(layer: StateSpaceLayer, u: Float64Array, length: number): Float64Array {
  const y = withoutSkip(layer, u, length);
  addSkip(layer, u, length, y);
  return y;
}

function withoutSkip(layer: StateSpaceLayer, u: Float64Array, length: number): Float64Array {
  const { systems, inputs, outputs } = layer;
  switch (systems.kind) {
    case 'independent':
    case 'tied': {
      const spectra = kernelSpectra(layer, systems, paddedSize(length));
      return hotLoops().convolve(u, inputs, outputs, length, spectra);
    }
    case 'mimo':
      return recur(layer, systems.system, u, length);
    case 'lqo':
      return quadraticOutput(layer, systems.system, u, length);
  }
}

function addSkip(layer: StateSpaceLayer, u: Float64Array, length: number, y: Float64Array): void {
  const { skip, inputs, outputs } = layer;
  if (skip === undefined) return;
  const { values } = skip.weight;
  if (skip.kind === 'matrix') {
    const added = hotLoops().multiply(values, u, outputs, inputs, length);
    for (let i = 0; i < y.length; i++) y[i] += added[i];
    return;
  }
  for (let j = 0; j < outputs; j++) {
    const weight = values[j];
    const [to, from] = [j * length, (j % inputs) * length];
    for (let t = 0; t < length; t++) y[to + t] += weight * u[from + t];
  }
}
