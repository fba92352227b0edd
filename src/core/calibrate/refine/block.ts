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
  /** Gradient of the network's output with respect to what the block answers, as long as `wanted`. */
  readonly care?: Float32Array | undefined;
}

export interface BlockGradients {
  readonly loss: number;
  /** sum (care . (block(x) - wanted))²: what the network's output misses, to first order. */
  readonly outputLoss: number;
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

/** What the two losses count in their sum. */
export interface LossWeights {
  readonly positions: number;
  readonly output: number;
}

/** Adds the output's loss and puts the gradient of the weighted sum in the place of that of the positions. */
function addOutputLoss(
  result: { outputLoss: number },
  care: Float32Array | undefined,
  miss: Float64Array,
  weights: LossWeights | undefined,
): void {
  let along = 0;
  if (care !== undefined) for (let i = 0; i < miss.length; i++) along += (miss[i] / 2) * care[i];
  result.outputLoss += along * along;
  if (weights === undefined) return;
  const pull = 2 * weights.output * along;
  for (let i = 0; i < miss.length; i++) {
    miss[i] = weights.positions * miss[i] + (care === undefined ? 0 : pull * care[i]);
  }
}

/** sum |block(x) - wanted|² over the samples with and the output's loss, with the gradient of
 * their sum by `weights`; without these the losses alone. */
export function blockGradients(
  block: Block,
  samples: readonly BlockSample[],
  size: number,
  weights: LossWeights | undefined,
): BlockGradients {
  const { inputs, outputs, modes, skip, steps } = block;
  const half = size / 2 + 1;
  const transform = fourier(size);
  const spectra = kernelSpectra(block, size);
  const kernelGradient = new Float64Array(outputs * 2 * half);
  const zeros = (x: Float64Array): Float64Array => new Float64Array(x.length);
  const result = {
    loss: 0,
    outputLoss: 0,
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
  for (const { x, residual, wanted, length, care } of samples) {
    const inputSpectra = new Float64Array(inputs * 2 * half);
    for (let h = 0; h < inputs; h += 2) {
      packRows(x, h, inputs, length, time);
      transform.forward(time, freq);
      unpackSpectra(freq, h, inputs, size, inputSpectra);
    }
    const y = new Float64Array(outputs * length);
    for (let c = 0; c < outputs; c += 2) {
      productSpectrum(inputSpectra, spectra, c, inputs, outputs, size, freq);
      transform.inverse(freq, time);
      for (let t = 0; t < length; t++) y[c * length + t] = time[2 * t];
      if (c + 1 < outputs)
        for (let t = 0; t < length; t++) y[(c + 1) * length + t] = time[2 * t + 1];
    }
    if (skip !== undefined) {
      for (let c = 0; c < outputs; c++) {
        const from = (c % inputs) * length;
        for (let t = 0; t < length; t++) y[c * length + t] += skip[c] * x[from + t];
      }
    }
    const base = residual === undefined ? undefined : Float64Array.from(residual);
    const tape = forwardTape(steps, y, base, length);
    const out = tape[tape.length - 1];
    const miss = new Float64Array(out.length);
    for (let i = 0; i < out.length; i++) {
      miss[i] = 2 * (out[i] - wanted[i]);
      result.loss += (miss[i] * miss[i]) / 4;
    }
    addOutputLoss(result, care, miss, weights);
    if (weights === undefined) continue;
    const g = backwardTape(steps, tape, miss, length, gradients);
    if (result.skip !== undefined) {
      for (let c = 0; c < outputs; c++) {
        const from = (c % inputs) * length;
        let sum = 0;
        for (let t = 0; t < length; t++) sum += g[c * length + t] * x[from + t];
        result.skip[c] += sum;
      }
    }
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
  if (weights === undefined) return result;
  const longest = samples.reduce((most, { length }) => Math.max(most, length), 0);
  for (let c = 0; c < outputs; c++) {
    const a = c * 2 * half;
    for (let m = 0; m < half; m++) {
      freq[2 * m] = kernelGradient[a + 2 * m];
      freq[2 * m + 1] = kernelGradient[a + 2 * m + 1];
      if (m === 0 || m === half - 1) continue;
      freq[2 * (size - m)] = kernelGradient[a + 2 * m];
      freq[2 * (size - m) + 1] = -kernelGradient[a + 2 * m + 1];
    }
    transform.inverse(freq, time);
    const samplesOf = new Float64Array(longest);
    for (let l = 0; l < longest; l++) samplesOf[l] = time[2 * l];
    addModeGradient(modes, c, samplesOf, result.modes);
  }
  return result;
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
