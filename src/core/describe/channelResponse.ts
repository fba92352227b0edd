import { modesAt } from '../gramians/doubling';
import { type ComplexMatrix, adjoint, complexMatrix } from '../linalg/matrix';
import { multiply } from '../linalg/multiply';
import { triangularFactor } from '../linalg/qr';
import { addKernel } from '../norms/kernel';
import { complexExpm1 } from '../scalars';
import { type DiagonalSystem, closeUnderConjugation } from '../systems/diagonal';
import type { ModalSystem } from '../systems/modal';

/**
 * What is drawn of one channel of a layer: a real kernel k_t, or where the channel has several inputs (an output of a
 * system with matrices B and C) the root sum of squares over them, in time and in frequency.
 */
export interface ChannelResponse {
  /** k_t at whole steps t, ascending; the root sum of squares where there are several inputs. */
  at(steps: Float64Array): Float64Array;
  /** The largest |k_t| with edges_i <= t < edges_{i+1}; sampled at edges_i where there are several inputs. */
  peaks(edges: Float64Array): Float64Array;
  /** |K(e^{i omega})| of the kernel over infinite time, K = sum_t k_t e^{-i omega t}; omega in radians per step. */
  gain(omegas: Float64Array): Float64Array;
}

/** The response of one kernel. */
export function kernelResponse(system: ModalSystem): ChannelResponse {
  return {
    at: (steps) => pick(kernelOf(system, last(steps) + 1), steps),
    peaks: (edges) => peaksOf(kernelOf(system, last(edges)), edges),
    gain: (omegas) => omegas.map((omega) => kernelGain(system, omega)),
  };
}

/** The response of one output of a system with several inputs. */
export function outputResponse(system: DiagonalSystem, output: number): ChannelResponse {
  const { poles, B, C } = closeUnderConjugation(system);
  const input = compressed(B);
  const n = poles.re.length;
  const row = { re: C.re.subarray(output * n, (output + 1) * n), im: C.im.subarray(output * n) };
  const size = (gains: { readonly re: Float64Array; readonly im: Float64Array }): number => {
    const v = complexMatrix(1, n);
    for (let k = 0; k < n; k++) {
      v.re[k] = row.re[k] * gains.re[k] - row.im[k] * gains.im[k];
      v.im[k] = row.re[k] * gains.im[k] + row.im[k] * gains.re[k];
    }
    const { re, im } = multiply(v, input);
    return Math.hypot(...re, ...im);
  };
  const at = (steps: Float64Array): Float64Array => steps.map((t) => size(modesAt(poles, t)));
  return {
    at,
    peaks: (edges) => at(edges.subarray(0, edges.length - 1)),
    gain: (omegas) =>
      omegas.map((omega) => {
        const gains = { re: new Float64Array(n), im: new Float64Array(n) };
        for (let k = 0; k < n; k++) resolvent(poles.re[k], poles.im[k] - omega, gains, k);
        return size(gains);
      }),
  };
}

/** A matrix of no more columns than rows whose row vectors v B have the same norms. */
function compressed(B: ComplexMatrix): ComplexMatrix {
  return B.cols <= B.rows ? B : adjoint(triangularFactor(adjoint(B)));
}

function kernelOf(system: ModalSystem, length: number): Float64Array {
  const kernel = new Float64Array(length);
  addKernel(system, 1, kernel);
  return kernel;
}

function pick(kernel: Float64Array, steps: Float64Array): Float64Array {
  return steps.map((t) => kernel[t]);
}

function peaksOf(kernel: Float64Array, edges: Float64Array): Float64Array {
  const peaks = new Float64Array(edges.length - 1);
  for (let i = 0; i < peaks.length; i++) {
    for (let t = edges[i]; t < edges[i + 1]; t++)
      peaks[i] = Math.max(peaks[i], Math.abs(kernel[t]));
  }
  return peaks;
}

const one = { re: new Float64Array(1), im: new Float64Array(1) };

/** | 1/2 sum_n [ w_n / (1 - e^{a_n - i omega}) + conj(w_n) / (1 - e^{conj(a_n) - i omega}) ] | */
function kernelGain({ poles, weights }: ModalSystem, omega: number): number {
  let [re, im] = [0, 0];
  for (let n = 0; n < poles.re.length; n++) {
    for (const sign of [1, -1]) {
      const [wr, wi] = [weights.re[n], sign * weights.im[n]];
      resolvent(poles.re[n], sign * poles.im[n] - omega, one, 0);
      re += wr * one.re[0] - wi * one.im[0];
      im += wr * one.im[0] + wi * one.re[0];
    }
  }
  return Math.hypot(re, im) / 2;
}

const scratch = new Float64Array(2);

/** out_k = 1 / (1 - e^{x + iy}), without cancellation near 1. */
function resolvent(
  x: number,
  y: number,
  out: { readonly re: Float64Array; readonly im: Float64Array },
  k: number,
): void {
  complexExpm1(Math.max(x, -750), y, scratch, 0);
  const size2 = scratch[0] ** 2 + scratch[1] ** 2;
  out.re[k] = -scratch[0] / size2;
  out.im[k] = scratch[1] / size2;
}

function last(values: Float64Array): number {
  return values[values.length - 1];
}
