import { layerGradients, tapeOf } from '../../network/adjoint';
import type { Network, StateSpaceLayer } from '../../network/network';
import { stepOfLayer, type Sequence, type SequenceState } from '../../network/program';
import { hotLoops } from '../../hotLoops';
import { paddedSize } from '../../linalg/fft';
import { hasKernels } from '../../systems/kernels';
import type { Program } from '../stage';
import { systemGradients } from './kernelModes';
import type { ParameterGradients } from './pointwise';
import { rowSpectra, signalsOf } from './rowSpectra';
import { mapAt, type Movable } from './variables';

/** A place in a network where its signal is compared with the original's: before step `at`, or behind the last one. */
export interface Station {
  readonly at: number;
  /** Of the squared difference in the loss. */
  readonly weight: number;
}

export interface GradientRequest {
  readonly original: Program;
  /** Step for step like the original. */
  readonly program: Program;
  readonly movable: Movable;
  readonly stations: readonly Station[];
  readonly sequences: readonly Sequence[];
  readonly gradient: boolean;
}

export interface OutputGradients {
  /** sum |x - x_original|² and sum |x_original|², a number each for every station. */
  readonly missed: readonly number[];
  readonly energy: readonly number[];
  /** Of sum weight * missed, in the order of `variablesOf`; empty where no gradient is wanted. */
  readonly gradients: readonly Float64Array[];
}

/** What a network misses of the original's signals, with the gradient in its variables where that is wanted. */
export function outputGradients({
  original,
  program,
  movable,
  stations,
  sequences,
  gradient,
}: GradientRequest): OutputGradients {
  const network = networkOf(program);
  const parameters: ParameterGradients = new Map();
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const sums = movable.layers.map((index) => emptySums(program.layers[index], longest));
  const missed = stations.map(() => 0);
  const energy = stations.map(() => 0);
  for (const sequence of sequences) {
    const start = { ...sequence, residuals: [] };
    const tape = tapeOf(network, program.steps, start);
    const wanted = tapeOf(networkOf(original), original.steps, start);
    const seeds = new Map<number, Float64Array>();
    stations.forEach(({ at, weight }, k) => {
      const target = wanted[at].x;
      const miss = tape[at].x.map((value, i) => value - target[i]);
      missed[k] += squares(miss);
      energy[k] += squares(target);
      seeds.set(
        at,
        miss.map((value) => 2 * weight * value),
      );
    });
    if (!gradient) continue;
    const last = new Float64Array(tape[tape.length - 1].x.length);
    const { layers } = layerGradients(network, program.steps, tape, last, parameters, seeds);
    movable.layers.forEach((index, i) => {
      const at = stepOfLayer(program.steps, index);
      addLayer(sums[i], program.layers[index], tape[at], layers[index]);
    });
  }
  const gradients = gradient ? collected(program, movable, sums, parameters) : [];
  return { missed, energy, gradients };
}

/** A program as a network without an input of its own. */
export function networkOf(program: Program): Network {
  return { input: { kind: 'values', width: 0 }, ops: [], ...program };
}

function squares(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value * value, 0);
}

/** Sums over sequences for the gradient of one layer. */
interface LayerSums {
  readonly size: number;
  /** sum G conj(U), outputs × (size + 2); empty for systems that stay. */
  readonly spectra: Float64Array;
  readonly skip: Float64Array;
}

function emptySums({ outputs, systems, skip }: StateSpaceLayer, longest: number): LayerSums {
  const size = paddedSize(longest);
  return {
    size,
    spectra: new Float64Array(hasKernels(systems) ? outputs * (size + 2) : 0),
    skip: new Float64Array(skip?.weight.values.length ?? 0),
  };
}

function addLayer(
  { size, spectra, skip }: LayerSums,
  layer: StateSpaceLayer,
  { x, length }: SequenceState,
  g: Float64Array,
): void {
  const { inputs, outputs } = layer;
  if (spectra.length > 0) {
    const [U, G] = [rowSpectra(x, inputs, length, size), rowSpectra(g, outputs, length, size)];
    const stride = size + 2;
    for (let c = 0; c < outputs; c++) {
      const [a, b] = [c * stride, (c % inputs) * stride];
      for (let k = 0; k < stride; k += 2) {
        spectra[a + k] += G[a + k] * U[b + k] + G[a + k + 1] * U[b + k + 1];
        spectra[a + k + 1] += G[a + k + 1] * U[b + k] - G[a + k] * U[b + k + 1];
      }
    }
  }
  if (layer.skip?.kind === 'matrix') {
    const products = new Float64Array(outputs * inputs);
    hotLoops().innerProducts(g, outputs, x, inputs, length, products);
    for (let i = 0; i < skip.length; i++) skip[i] += products[i];
    return;
  }
  for (let c = 0; c < skip.length; c++) {
    const [to, from] = [c * length, (c % inputs) * length];
    let sum = 0;
    for (let t = 0; t < length; t++) sum += g[to + t] * x[from + t];
    skip[c] += sum;
  }
}

function collected(
  { layers, steps }: Program,
  movable: Movable,
  sums: readonly LayerSums[],
  parameters: ParameterGradients,
): Float64Array[] {
  const found = movable.layers.flatMap((index, i) => {
    const layer = layers[index];
    const { systems } = layer;
    const skip = movable.skip && layer.skip ? [sums[i].skip] : [];
    if (!hasKernels(systems)) return skip;
    const length = sums[i].size / 2;
    return [...systemGradients(systems, kernelGradients(layer, sums[i]), length), ...skip];
  });
  const maps = movable.maps.flatMap((at) => {
    const { weight, bias } = mapAt(steps, at);
    return [weight, ...(bias ? [bias] : [])].map(
      ({ values }) => parameters.get(values) ?? new Float64Array(values.length),
    );
  });
  return [...found, ...maps];
}

/** Gradients of the kernels' samples, size / 2 each; kernels that run backward in time stand last. */
function kernelGradients(layer: StateSpaceLayer, { spectra, size }: LayerSums): Float64Array {
  const signals = signalsOf(spectra, size);
  const length = size / 2;
  const used = Math.min(length, layer.horizon ?? Infinity);
  const directions = layer.bidirectional === undefined ? 1 : 2;
  const out = new Float64Array(directions * layer.outputs * length);
  const start = layer.bidirectional === 'shifted' ? size - 1 : size;
  for (let c = 0; c < layer.outputs; c++) {
    const signal = signals.subarray(c * size, (c + 1) * size);
    out.set(signal.subarray(0, used), c * length);
    if (directions === 1) continue;
    const at = (layer.outputs + c) * length;
    for (let t = 0; t < used; t++) out[at + t] = signal[(start - t) % size];
  }
  return out;
}
