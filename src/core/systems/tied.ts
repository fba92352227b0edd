import type { ComplexVector } from '../linalg/complex';
import type { ComplexMatrix } from '../linalg/matrix';
import { type DiagonalSystem, asDiagonal } from './diagonal';
import type { ModalSystem } from './modal';

/**
 * Single-input single-output channels that share their continuous poles but run at steps of their own (DSS, S4 with
 * tied state): channel h has log-poles a_n = lambda_n Delta_h and the kernel Re sum_n w_hn e^{lambda_n Delta_h t}.
 */
export interface TiedSystem {
  /** lambda_n, shared. */
  readonly poles: ComplexVector;
  /** w_hn, discrete weights, H × N. */
  readonly weights: ComplexMatrix;
  /** Delta_h. */
  readonly steps: Float64Array;
}

/** Channel h as a layer system with its own step. */
export function channelModes({ poles, weights, steps }: TiedSystem, h: number): ModalSystem {
  const row = (part: Float64Array): Float64Array =>
    part.subarray(h * weights.cols, (h + 1) * weights.cols);
  const step = steps[h];
  return {
    poles: { re: poles.re.map((x) => x * step), im: poles.im.map((y) => y * step) },
    weights: { re: row(weights.re), im: row(weights.im) },
    step,
  };
}

/** Channel h as a discrete diagonal system. */
export function channelOf(system: TiedSystem, h: number): DiagonalSystem {
  return asDiagonal(channelModes(system, h));
}
