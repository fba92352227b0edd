import type { ComplexVector } from '../linalg/complex';
import type { ComplexMatrix } from '../linalg/matrix';
import { type DiagonalSystem, asDiagonal } from './diagonal';
import type { ModalSystem } from './modal';

/**
 * Single-input single-output channels that share their continuous poles but run at steps of their own (DSS, S4 with
 * tied state). Channel h has the kernel Re sum_n w_hn e^{a_hn t} with log-poles
 *     exponential: a_hn = lambda_n Delta_h                                          (zero-order hold, or sampled)
 *     bilinear:    a_hn = log( (1 + lambda_n Delta_h / 2) / (1 - lambda_n Delta_h / 2) )
 * Poles that are discrete already are log-poles with steps of 1. Shared poles lie in the open left half plane.
 */
export interface TiedSystem {
  /** lambda_n, shared. */
  readonly poles: ComplexVector;
  /** w_hn, discrete weights, H × N. */
  readonly weights: ComplexMatrix;
  /** Delta_h. */
  readonly steps: Float64Array;
  /** Left out: exponential. */
  readonly discretisation?: Discretisation;
  /**
   * Steps of the imaginary parts where they differ (DSS `sep_dt_re_im`): a_hn = Delta_h Re lambda_n +
   * i imagSteps_h Im lambda_n. Only with the exponential discretisation.
   */
  readonly imagSteps?: Float64Array;
}

export type Discretisation = 'exponential' | 'bilinear';

/** How a channel's log-poles follow from the shared ones; what `TiedSystem` says, for one channel. */
export interface ChannelSteps {
  readonly step: number;
  readonly imagStep: number;
  readonly bilinear: boolean;
}

export function channelSteps(system: TiedSystem, h: number): ChannelSteps {
  const step = system.steps[h];
  return {
    step,
    imagStep: system.imagSteps?.[h] ?? step,
    bilinear: system.discretisation === 'bilinear',
  };
}

/** Log-poles of a channel for shared poles. */
export function logPoles(
  poles: ComplexVector,
  { step, imagStep, bilinear }: ChannelSteps,
): ComplexVector {
  if (!bilinear) {
    return { re: poles.re.map((x) => x * step), im: poles.im.map((y) => y * imagStep) };
  }
  return {
    re: poles.re.map((x, n) => bilinearDecay((x * step) / 2, (poles.im[n] * step) / 2)),
    im: poles.im.map((y, n) => bilinearPhase((poles.re[n] * step) / 2, (y * step) / 2)),
  };
}

/** log |(1 + u) / (1 - u)|, to full relative precision for small u as well. */
function bilinearDecay(x: number, y: number): number {
  const below = (1 - x) ** 2 + y * y;
  const change = (4 * x) / below;
  return change > -0.5 ? Math.log1p(change) / 2 : Math.log(((1 + x) ** 2 + y * y) / below) / 2;
}

/** arg((1 + u) / (1 - u)) in (-pi, pi]. */
function bilinearPhase(x: number, y: number): number {
  return Math.atan2(y, 1 + x) + Math.atan2(y, 1 - x);
}

/** Channel h as a layer system with its own step. */
export function channelModes(system: TiedSystem, h: number): ModalSystem {
  const { poles, weights } = system;
  const row = (part: Float64Array): Float64Array =>
    part.subarray(h * weights.cols, (h + 1) * weights.cols);
  return {
    poles: logPoles(poles, channelSteps(system, h)),
    weights: { re: row(weights.re), im: row(weights.im) },
    step: system.steps[h],
  };
}

/** Channel h as a discrete diagonal system. */
export function channelOf(system: TiedSystem, h: number): DiagonalSystem {
  return asDiagonal(channelModes(system, h));
}
