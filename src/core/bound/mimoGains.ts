import { SsmError } from '../errors';
import { fourier, paddedSize } from '../linalg/fft';
import { addKernel } from '../norms/kernel';
import type { StateSpaceLayer } from '../network/network';
import type { DiagonalSystem } from '../systems/diagonal';
import type { ChannelGains, LayerGains } from './layerGains';
import { sameLayers } from './kernelGains';
import { quadraticGains } from './quadraticGains';
import { absoluteSumAbove, normAbove, raised, roundoff } from './rounding';

/** See `norms/certified.ts`, whose figures these are. */
const [fixedUlps, ulpsPerPhase] = [64, 16];

/**
 * Bounds for a layer that is one system with several inputs and outputs, its quadratic outputs apart. Of the matrices K_t of its kernel, and of their
 * transform, Frobenius norms stand for operator norms: looser by at most the root of the smaller side.
 */
export function mimoLayerGains(
  original: StateSpaceLayer,
  reduced: StateSpaceLayer,
  length: number,
): LayerGains {
  const [before, after] = [frobeniusOf([original], length), frobeniusOf([reduced], length)];
  const unchanged = sameLayers(original, reduced);
  const error = unchanged
    ? { times: new Float64Array(2 * length), frequency: 0 }
    : frobeniusOf([original, reduced], length);
  const weighted = error.times.map((x, t) => x * Math.sqrt(length - Math.min(t, 2 * length - t)));
  const channel: ChannelGains = {
    original: Math.min(before.frequency, absoluteSumAbove(before.times)),
    reduced: Math.min(after.frequency, absoluteSumAbove(after.times)),
    absoluteSum: absoluteSumAbove(before.times),
    error: {
      h2: normAbove(error.times),
      frobenius: raised(normAbove(weighted), 4),
      absoluteSum: absoluteSumAbove(error.times),
      frequency: error.frequency,
    },
  };
  const peakReduced = absoluteSumAbove(after.times);
  const quadratic = quadraticGains(original, reduced, length);
  return {
    ...(quadratic && { quadratic }),
    ...{ inputs: original.inputs, copies: 1, channels: [channel], unchanged, mixes: true },
    peak: {
      original: absoluteSumAbove(before.times),
      reduced: peakReduced,
      error: absoluteSumAbove(error.times),
    },
    weightedPeak: (weights) =>
      raised(peakReduced * weights.reduce((most, x) => Math.max(most, x), 0), 2),
  };
}

/**
 * ||K_t||_F at every lag on a circle of 2 L points, and the largest ||K(omega)||_F on a circle that holds the kernel, of a
 * layer or of the difference of two; both with their rounding. Entry by entry, so that memory does not grow with their
 * number.
 */
function frobeniusOf(
  layers: readonly StateSpaceLayer[],
  length: number,
): { readonly times: Float64Array; readonly frequency: number } {
  const { inputs, outputs } = layers[0];
  const size = paddedSize(length);
  const squares = new Float64Array(2 * length);
  const powers = new Float64Array(size / 2 + 1);
  const [circle, spectrum] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  const entry = { values: new Float64Array(2 * length), rounding: new Float64Array(2 * length) };
  let uncertain = 0;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      entry.values.fill(0);
      entry.rounding.fill(0);
      layers.forEach((layer, k) => {
        addEntry(layer, o, i, k === 0 ? 1 : -1, length, entry);
      });
      circle.fill(0);
      entry.values.forEach((x, t) => {
        squares[t] += (Math.abs(x) + entry.rounding[t]) ** 2;
        circle[2 * (t < length ? t : size - (2 * length - t))] += x;
      });
      fourier(size).forward(circle, spectrum);
      for (let m = 0; m < powers.length; m++) {
        powers[m] += spectrum[2 * m] ** 2 + spectrum[2 * m + 1] ** 2;
      }
      const transform = 8 * Math.log2(size) * roundoff * absoluteSumAbove(entry.values);
      uncertain += (transform + absoluteSumAbove(entry.rounding)) ** 2;
    }
  }
  const terms = inputs * outputs + 8;
  const most = powers.reduce((a, b) => Math.max(a, b), 0);
  return {
    times: squares.map((x) => raised(Math.sqrt(x), terms)),
    frequency: raised(Math.sqrt(most) + Math.sqrt(uncertain), terms),
  };
}

function addEntry(
  layer: StateSpaceLayer,
  output: number,
  input: number,
  sign: number,
  length: number,
  { values, rounding }: { readonly values: Float64Array; readonly rounding: Float64Array },
): void {
  const { systems, outputs, horizon = Infinity, bidirectional, skip } = layer;
  if (systems.kind !== 'mimo' && systems.kind !== 'lqo') {
    throw new SsmError('internal', `Layer ${layer.name} is no system of many inputs.`);
  }
  const cut = Math.min(length, horizon);
  const add = (row: number, steps: number, place: (t: number) => number): void => {
    const kernel = new Float64Array(steps);
    const bound = new Float64Array(steps);
    const ulps = fixedUlps + systems.system.poles.re.length;
    const modes = entrySystem(systems.system, row, input);
    addKernel(modes, sign, kernel, { bound, ulps, perStep: ulpsPerPhase });
    for (let t = 0; t < steps; t++) {
      const at = place(t);
      values[at] += kernel[t];
      rounding[at] += roundoff * (bound[t] + 2 * Math.abs(values[at]));
    }
  };
  add(output, cut, (t) => t);
  if (bidirectional !== undefined) {
    const first = bidirectional === 'shifted' ? 1 : 0;
    add(
      outputs + output,
      Math.min(cut, length - first),
      (t) => (2 * length - first - t) % (2 * length),
    );
  }
  if (skip === undefined) return;
  const D =
    skip.kind === 'matrix'
      ? skip.weight.values[output * layer.inputs + input]
      : output % layer.inputs === input
        ? skip.weight.values[output]
        : 0;
  values[0] += sign * D;
  rounding[0] += 2 * roundoff * (Math.abs(D) + Math.abs(values[0]));
}

/** Output `o`, input `i` of a system: w_n = c_on b_ni. */
function entrySystem({ poles, B, C }: DiagonalSystem, o: number, i: number) {
  const n = poles.re.length;
  const weights = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k++) {
    const [c, b] = [o * n + k, k * B.cols + i];
    weights.re[k] = C.re[c] * B.re[b] - C.im[c] * B.im[b];
    weights.im[k] = C.re[c] * B.im[b] + C.im[c] * B.re[b];
  }
  return { poles, weights, step: 1 };
}
