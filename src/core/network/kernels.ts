import { addKernel } from '../norms/kernel';
import { fourier } from '../linalg/fft';
import type { IndependentSystems, TiedSystems } from '../systems/layer';
import { systemOf, type ModalSystem } from '../systems/modal';
import { channelModes } from '../systems/tied';
import type { StateSpaceLayer } from './network';

/** Systems whose kernels each lead from one feature to one output. */
export type KernelSystems = IndependentSystems | TiedSystems;

/** The systems of a layer's kernels, numbered as in `IndependentSystems`. */
export function kernelSystems(systems: KernelSystems): ModalSystem[] {
  if (systems.kind === 'independent') {
    return Array.from({ length: systems.batch.count }, (_, j) => systemOf(systems.batch, j));
  }
  const found: ModalSystem[] = [];
  for (const { kernels, system } of systems.groups) {
    kernels.forEach((kernel, row) => (found[kernel] = channelModes(system, row)));
  }
  return found;
}

/** The first `length` steps of every kernel, one after another; zero from the layer's horizon on. */
export function layerKernels(
  systems: KernelSystems,
  length: number,
  horizon = Infinity,
): Float64Array {
  const all = kernelSystems(systems);
  const kernels = new Float64Array(all.length * length);
  all.forEach((system, j) => {
    addKernel(system, 1, kernels.subarray(j * length, j * length + Math.min(length, horizon)));
  });
  return kernels;
}

/**
 * Spectra of the kernels of a layer's outputs on a circle of `size` points, both directions in one: output
 * c * inputs + h at c * inputs + h, bins 0 … size / 2 as (re, im). One more, of zeros, follows the last.
 */
export interface KernelSpectra {
  readonly size: number;
  readonly stride: number;
  readonly values: Float64Array;
}

const known = new WeakMap<StateSpaceLayer, Map<number, KernelSpectra>>();

/** The spectra for sequences of up to size / 2 steps; computed once a layer and size and kept with the layer. */
export function kernelSpectra(
  layer: StateSpaceLayer,
  systems: KernelSystems,
  size: number,
): KernelSpectra {
  const bySize = known.get(layer) ?? new Map<number, KernelSpectra>();
  known.set(layer, bySize);
  const found = bySize.get(size) ?? computeSpectra(layer, systems, size);
  bySize.set(size, found);
  return found;
}

function computeSpectra(
  layer: StateSpaceLayer,
  systems: KernelSystems,
  size: number,
): KernelSpectra {
  const length = size / 2;
  const stride = size + 2;
  const kernels = layerKernels(systems, length, layer.horizon);
  const kernel = (j: number): Float64Array => kernels.subarray(j * length, (j + 1) * length);
  const values = new Float64Array((layer.outputs + 1) * stride);
  const circle = new Float64Array(2 * size);
  const spectrum = new Float64Array(2 * size);
  const transform = fourier(size);
  for (let j = 0; j < layer.outputs; j++) {
    circle.fill(0);
    kernel(j).forEach((value, t) => (circle[2 * t] += value));
    if (layer.bidirectional !== undefined) {
      const start = layer.bidirectional === 'shifted' ? size - 1 : size;
      kernel(layer.outputs + j).forEach((value, t) => (circle[2 * ((start - t) % size)] += value));
    }
    transform.forward(circle, spectrum);
    values.set(spectrum.subarray(0, stride), j * stride);
  }
  return { size, stride, values };
}
