import type { ComplexVector } from '../linalg/complex';
import type { ComplexMatrix } from '../linalg/matrix';
import { type DiagonalSystem, fromWeights } from './diagonal';

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

/** Channel h as a discrete diagonal system. */
export function channelOf({ poles, weights, steps }: TiedSystem, h: number): DiagonalSystem {
  const row = (part: Float64Array): Float64Array =>
    part.subarray(h * weights.cols, (h + 1) * weights.cols);
  return fromWeights(
    { re: poles.re.map((x) => x * steps[h]), im: poles.im.map((y) => y * steps[h]) },
    { re: row(weights.re), im: row(weights.im) },
  );
}
