import { fourier, paddedSize } from '../linalg/fft';
import { kernelSystems, type KernelSystems } from '../network/kernels';
import type { StateSpaceLayer } from '../network/network';
import { addKernel } from '../norms/kernel';
import type { ModalSystem } from '../systems/modal';
import { absoluteSumAbove, raised, roundoff } from './rounding';

/** See `norms/certified.ts`, whose figures these are. */
const [fixedUlps, ulpsPerPhase] = [64, 16];
/** Up to this many points a transform is summed by its definition, on exactly twice the length. */
const summed = 128;

/** A kernel with both directions and its skip on a circle of 2 L points (lag -j at 2 L - j), and a bound of its rounding. */
export interface TwoSided {
  readonly values: Float64Array;
  readonly rounding: Float64Array;
}

/** The systems of a layer ready to be summed into kernels. */
export function layerKernelReader(
  layer: StateSpaceLayer,
  systems: KernelSystems,
  length: number,
): (output: number) => TwoSided {
  const all = kernelSystems(systems);
  const cut = Math.min(length, layer.horizon ?? Infinity);
  return (output) => {
    const values = new Float64Array(2 * length);
    const rounding = new Float64Array(2 * length);
    sumKernel(all[output], cut, (t) => t, values, rounding);
    if (layer.bidirectional !== undefined) {
      // what reaches beyond the sequence's other end is never met
      const first = layer.bidirectional === 'shifted' ? 1 : 0;
      const place = (t: number): number => (2 * length - first - t) % (2 * length);
      sumKernel(
        all[layer.outputs + output],
        Math.min(cut, length - first),
        place,
        values,
        rounding,
      );
    }
    if (layer.skip?.kind === 'diagonal') {
      const D = layer.skip.weight.values[output];
      values[0] += D;
      rounding[0] += roundoff * 2 * (Math.abs(D) + Math.abs(values[0]));
    }
    return { values, rounding };
  };
}

function sumKernel(
  system: ModalSystem,
  length: number,
  place: (t: number) => number,
  values: Float64Array,
  rounding: Float64Array,
): void {
  const kernel = new Float64Array(length);
  const bound = new Float64Array(length);
  const ulps = fixedUlps + system.poles.re.length;
  addKernel(system, 1, kernel, { bound, ulps, perStep: ulpsPerPhase });
  for (let t = 0; t < length; t++) {
    values[place(t)] += kernel[t];
    rounding[place(t)] += roundoff * (bound[t] + 2 * Math.abs(values[place(t)]));
  }
}

/** The difference of two, its rounding that of both. */
export function differenceOf(a: TwoSided, b: TwoSided): TwoSided {
  return {
    values: a.values.map((x, t) => x - b.values[t]),
    rounding: a.rounding.map(
      (x, t) => x + b.rounding[t] + roundoff * Math.abs(a.values[t] - b.values[t]),
    ),
  };
}

/**
 * An upper bound of the largest modulus of the transform on a circle of at least 2 L - 1 points, which bounds the gain of
 * the convolution over L steps: a Toeplitz matrix is part of the circulant one. A transform in float64 passes every term
 * through log2(M) butterflies: it is off by at most 8 log2(M) u times the sum of the absolute values.
 */
export function frequencyGain({ values, rounding }: TwoSided): number {
  const sum = absoluteSumAbove(values);
  const uncertain = absoluteSumAbove(rounding);
  const points = values.length;
  if (points <= summed) {
    return raised(largestBySum(values) + 8 * points * roundoff * sum + uncertain, 4);
  }
  const size = paddedSize(points / 2);
  const circle = new Float64Array(2 * size);
  const half = points / 2;
  for (let t = 0; t < points; t++) circle[2 * (t < half ? t : size - (points - t))] += values[t];
  const out = new Float64Array(2 * size);
  fourier(size).forward(circle, out);
  let most = 0;
  for (let m = 0; m <= size; m += 2) most = Math.max(most, Math.hypot(out[m], out[m + 1]));
  return raised(most + 8 * Math.log2(size) * roundoff * sum + uncertain, 8);
}

function largestBySum(values: Float64Array): number {
  const points = values.length;
  const turn = (2 * Math.PI) / points;
  const cosines = Float64Array.from({ length: points }, (_, k) => Math.cos(turn * k));
  const sines = Float64Array.from({ length: points }, (_, k) => Math.sin(turn * k));
  let most = 0;
  for (let m = 0; m <= points / 2; m++) {
    let [re, im] = [0, 0];
    for (let t = 0; t < points; t++) {
      const k = (m * t) % points;
      re += values[t] * cosines[k];
      im -= values[t] * sines[k];
    }
    most = Math.max(most, Math.hypot(re, im));
  }
  return most;
}
