import { layerGradients, tapeOf } from '../../network/adjoint';
import type { Network, StateSpaceLayer } from '../../network/network';
import type { Sequence, SequenceState } from '../../network/program';
import { hotLoops } from '../../hotLoops';
import { paddedSize } from '../../linalg/fft';
import { hasKernels } from '../../systems/kernels';
import type { Program } from '../stage';
import { systemGradients } from './kernelModes';
import type { ParameterGradients } from './pointwise';
import { rowSpectra, signalsOf } from './rowSpectra';
import { mapAt, type Movable } from './variables';

/** One sequence, and what the network should answer. */
export interface OutputSample {
  readonly sequence: Sequence;
  readonly wanted: Float64Array;
}

export interface OutputGradients {
  /** sum |network(x) - wanted|² */
  readonly loss: number;
  /** sum |wanted|² */
  readonly energy: number;
  /** In the order of `variablesOf`; empty where no gradient is wanted. */
  readonly gradients: readonly Float64Array[];
}

/** What a network misses of the wanted outputs, with the gradient in its variables where that is wanted. */
export function outputGradients(
  program: Program,
  movable: Movable,
  samples: readonly OutputSample[],
  gradient: boolean,
): OutputGradients {
  const network: Network = { input: { kind: 'values', width: 0 }, ops: [], ...program };
  const parameters: ParameterGradients = new Map();
  const longest = samples.reduce((most, { sequence }) => Math.max(most, sequence.length), 0);
  const sums = movable.layers.map((index) => emptySums(program.layers[index], longest));
  let [loss, energy] = [0, 0];
  for (const { sequence, wanted } of samples) {
    const tape = tapeOf(network, program.steps, { ...sequence, residuals: [] });
    const { x } = tape[tape.length - 1];
    const miss = x.map((value, i) => value - wanted[i]);
    for (let i = 0; i < miss.length; i++) {
      loss += miss[i] * miss[i];
      energy += wanted[i] * wanted[i];
    }
    if (!gradient) continue;
    const seed = miss.map((value) => 2 * value);
    const { layers } = layerGradients(network, program.steps, tape, seed, parameters);
    movable.layers.forEach((index, i) => {
      const at = program.steps.findIndex((s) => s.kind === 'state-space' && s.layer === index);
      addLayer(sums[i], program.layers[index], tape[at], layers[index]);
    });
  }
  if (!gradient) return { loss, energy, gradients: [] };
  return { loss, energy, gradients: collected(program, movable, sums, parameters) };
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
