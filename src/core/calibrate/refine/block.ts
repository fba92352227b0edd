import { fourier } from '../../linalg/fft';
import { addModeGradient, addModeKernel, type ModeVariables } from './kernelModes';
import {
  backwardTape,
  forwardTape,
  type ParameterGradients,
  type PointwiseStep,
} from './pointwise';

/** A state-space layer of single kernels with what follows it, as variables. */
export interface Block {
  readonly inputs: number;
  readonly outputs: number;
  readonly modes: ModeVariables;
  readonly skip: Float64Array | undefined;
  readonly steps: readonly PointwiseStep[];
}

/** One sequence at the input of the layer, and what the block should answer. */
export interface BlockSample {
  readonly x: Float32Array;
  readonly residual: Float32Array | undefined;
  readonly wanted: Float32Array;
  readonly length: number;
}

export interface BlockGradients {
  readonly loss: number;
  /** sum |wanted|² */
  readonly energy: number;
  readonly modes: ModeVariables;
  readonly skip: Float64Array | undefined;
  /** In the order of `blockParameters`. */
  readonly parameters: readonly Float64Array[];
}

/** The arrays of the maps and norms of a block that may change. */
export function blockParameters(steps: readonly PointwiseStep[]): Float64Array[] {
  return steps.flatMap((step) => {
    if (step.kind === 'linear') return [step.weight.values, ...valuesOf(step.bias)];
    return step.kind === 'layer-norm' ? [...valuesOf(step.scale), ...valuesOf(step.shift)] : [];
  });
}

function valuesOf(parameter: { readonly values: Float64Array } | undefined): Float64Array[] {
  return parameter === undefined ? [] : [parameter.values];
}

/** sum |block(x) - wanted|² over the samples, with its gradient where that is wanted. */
export function blockGradients(
  block: Block,
  samples: readonly BlockSample[],
  size: number,
  gradient: boolean,
): BlockGradients {
  const { inputs, outputs, modes, skip, steps } = block;
  const half = size / 2 + 1;
  const transform = fourier(size);
  const spectra = kernelSpectra(block, size);
  const kernelGradient = new Float64Array(outputs * 2 * half);
  const zeros = (x: Float64Array): Float64Array => new Float64Array(x.length);
  const result = {
    loss: 0,
    energy: 0,
    modes: {
      ...modes,
      decay: zeros(modes.decay),
      phase: zeros(modes.phase),
      weightRe: zeros(modes.weightRe),
      weightIm: zeros(modes.weightIm),
    },
    skip: skip && zeros(skip),
    parameters: blockParameters(steps).map(zeros),
  };
  const gradients: ParameterGradients = new Map(
    blockParameters(steps).map((values, i) => [values, result.parameters[i]]),
  );
  const time = new Float64Array(2 * size);
  const freq = new Float64Array(2 * size);
  for (const { x, residual, wanted, length } of samples) {
    const inputSpectra = new Float64Array(inputs * 2 * half);
    for (let h = 0; h < inputs; h += 2) {
      packRows(x, h, inputs, length, time);
      transform.forward(time, freq);
      unpackSpectra(freq, h, inputs, size, inputSpectra);
    }
    const y = layerOutputs(block, spectra, inputSpectra, x, length, size);
    const base = residual === undefined ? undefined : Float64Array.from(residual);
    const tape = forwardTape(steps, y, base, length);
    const out = tape[tape.length - 1];
    const miss = new Float64Array(out.length);
    for (let i = 0; i < out.length; i++) {
      miss[i] = 2 * (out[i] - wanted[i]);
      result.loss += (miss[i] * miss[i]) / 4;
      result.energy += wanted[i] * wanted[i];
    }
    if (!gradient) continue;
    const g = backwardTape(steps, tape, miss, length, gradients);
    if (result.skip !== undefined) addSkipGradient(result.skip, g, x, inputs, length);
    const outputSpectra = new Float64Array(outputs * 2 * half);
    for (let c = 0; c < outputs; c += 2) {
      packRows(g, c, outputs, length, time);
      transform.forward(time, freq);
      unpackSpectra(freq, c, outputs, size, outputSpectra);
    }
    for (let c = 0; c < outputs; c++) {
      const [a, b] = [c * 2 * half, (c % inputs) * 2 * half];
      for (let k = 0; k < 2 * half; k += 2) {
        const [gr, gi] = [outputSpectra[a + k], outputSpectra[a + k + 1]];
        const [ur, ui] = [inputSpectra[b + k], inputSpectra[b + k + 1]];
        kernelGradient[a + k] += gr * ur + gi * ui;
        kernelGradient[a + k + 1] += gi * ur - gr * ui;
      }
    }
  }
  if (!gradient) return result;
  const longest = samples.reduce((most, { length }) => Math.max(most, length), 0);
  addModeGradients(modes, kernelGradient, size, longest, result.modes);
  return result;
}

/** k * u + D u from the spectra of kernels and inputs. */
function layerOutputs(
  { inputs, outputs, skip }: Block,
  kernels: Float64Array,
  inputSpectra: Float64Array,
  x: Float32Array,
  length: number,
  size: number,
): Float64Array {
  const transform = fourier(size);
  const [time, freq] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  const y = new Float64Array(outputs * length);
  for (let c = 0; c < outputs; c += 2) {
    productSpectrum(inputSpectra, kernels, c, inputs, outputs, size, freq);
    transform.inverse(freq, time);
    for (let k = 0; k < Math.min(2, outputs - c); k++) {
      for (let t = 0; t < length; t++) y[(c + k) * length + t] = time[2 * t + k];
    }
  }
  if (skip === undefined) return y;
  for (let c = 0; c < outputs; c++) {
    const from = (c % inputs) * length;
    for (let t = 0; t < length; t++) y[c * length + t] += skip[c] * x[from + t];
  }
  return y;
}

function addSkipGradient(
  into: Float64Array,
  g: Float64Array,
  x: Float32Array,
  inputs: number,
  length: number,
): void {
  for (let c = 0; c < into.length; c++) {
    const from = (c % inputs) * length;
    let sum = 0;
    for (let t = 0; t < length; t++) sum += g[c * length + t] * x[from + t];
    into[c] += sum;
  }
}

/** Back from the spectra of the kernels' gradients to the variables. */
function addModeGradients(
  modes: ModeVariables,
  kernelGradient: Float64Array,
  size: number,
  longest: number,
  into: ModeVariables,
): void {
  const half = size / 2 + 1;
  const transform = fourier(size);
  const [time, freq] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  const samples = new Float64Array(longest);
  for (let c = 0; c < modes.count; c++) {
    const a = c * 2 * half;
    for (let m = 0; m < half; m++) {
      freq[2 * m] = kernelGradient[a + 2 * m];
      freq[2 * m + 1] = kernelGradient[a + 2 * m + 1];
      if (m === 0 || m === half - 1) continue;
      freq[2 * (size - m)] = kernelGradient[a + 2 * m];
      freq[2 * (size - m) + 1] = -kernelGradient[a + 2 * m + 1];
    }
    transform.inverse(freq, time);
    for (let l = 0; l < longest; l++) samples[l] = time[2 * l];
    addModeGradient(modes, c, samples, into);
  }
}

function kernelSpectra({ outputs, modes }: Block, size: number): Float64Array {
  const half = size / 2 + 1;
  const transform = fourier(size);
  const time = new Float64Array(2 * size);
  const freq = new Float64Array(2 * size);
  const spectra = new Float64Array(outputs * 2 * half);
  const kernels = new Float64Array((2 * size) / 2);
  for (let c = 0; c < outputs; c += 2) {
    const count = Math.min(2, outputs - c);
    time.fill(0);
    for (let k = 0; k < count; k++) {
      const kernel = kernels.subarray(0, size / 2).fill(0);
      addModeKernel(modes, c + k, kernel);
      for (let l = 0; l < size / 2; l++) time[2 * l + k] = kernel[l];
    }
    transform.forward(time, freq);
    unpackSpectra(freq, c, outputs, size, spectra);
  }
  return spectra;
}

/** Rows h and h + 1 as real and imaginary part. */
function packRows(
  x: Float32Array | Float64Array,
  h: number,
  rows: number,
  length: number,
  time: Float64Array,
): void {
  time.fill(0);
  for (let t = 0; t < length; t++) time[2 * t] = x[h * length + t];
  if (h + 1 >= rows) return;
  for (let t = 0; t < length; t++) time[2 * t + 1] = x[(h + 1) * length + t];
}

function unpackSpectra(
  Z: Float64Array,
  h: number,
  rows: number,
  size: number,
  out: Float64Array,
): void {
  const half = size / 2 + 1;
  const [a, b] = [h * 2 * half, (h + 1) * 2 * half];
  for (let m = 0; m < half; m++) {
    const p = 2 * m;
    const q = m === 0 ? 0 : 2 * (size - m);
    out[a + p] = (Z[p] + Z[q]) / 2;
    out[a + p + 1] = (Z[p + 1] - Z[q + 1]) / 2;
    if (h + 1 >= rows) continue;
    out[b + p] = (Z[p + 1] + Z[q + 1]) / 2;
    out[b + p + 1] = (Z[q] - Z[p]) / 2;
  }
}

/** The spectrum of output c plus i times that of output c + 1. */
function productSpectrum(
  U: Float64Array,
  K: Float64Array,
  c: number,
  inputs: number,
  outputs: number,
  size: number,
  out: Float64Array,
): void {
  const half = size / 2 + 1;
  const stride = 2 * half;
  const [ka, ua] = [c * stride, (c % inputs) * stride];
  const second = c + 1 < outputs;
  const [kb, ub] = second ? [(c + 1) * stride, ((c + 1) % inputs) * stride] : [ka, ua];
  for (let m = 0; m < half; m++) {
    const p = 2 * m;
    const q = m === 0 ? 0 : 2 * (size - m);
    const ar = U[ua + p] * K[ka + p] - U[ua + p + 1] * K[ka + p + 1];
    const ai = U[ua + p] * K[ka + p + 1] + U[ua + p + 1] * K[ka + p];
    const br = second ? U[ub + p] * K[kb + p] - U[ub + p + 1] * K[kb + p + 1] : 0;
    const bi = second ? U[ub + p] * K[kb + p + 1] + U[ub + p + 1] * K[kb + p] : 0;
    out[p] = ar - bi;
    out[p + 1] = ai + br;
    out[q] = ar + bi;
    out[q + 1] = br - ai;
  }
}
