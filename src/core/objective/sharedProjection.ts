import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { createPoleSet } from '../systems/poleSet';
import type { ChannelSteps } from '../systems/tied';
import type { PoleObjective } from '../solve/newtonSearch';
import { type SharedChart, createChart, placeChannel } from './sharedChart';
import { type Target, VariableProjection } from './varpro';

/** Channels whose kernels are to be approximated with shared poles: prepared kernels and how each runs the poles. */
export interface SharedTargets {
  readonly targets: readonly Target[];
  readonly steps: readonly ChannelSteps[];
}

/**
 * The variable-projection objective of channels that share poles: the sum of the channels' J (see `VariableProjection`)
 * as a function of x = (log(-Re lambda_1) … , Im lambda_1 …). One object serves many evaluations.
 */
export interface SharedProjection {
  readonly slots: number;
  /** sum of the targets' squared norms. */
  readonly norm2: number;
  /** J of every channel at the last evaluation. */
  readonly channelValues: Float64Array;
  /** Optimal weights of the last evaluation, channels in rows. */
  readonly weights: ComplexMatrix;
  /** J; Infinity where a least-squares problem cannot be solved. */
  value(x: Float64Array): number;
  /** J with its gradient and Hessian (row-major) written. */
  derivatives(x: Float64Array, gradient: Float64Array, hessian: Float64Array): number;
}

export function sharedProjection(
  { targets, steps }: SharedTargets,
  slots: number,
  ridge: number,
): SharedProjection {
  // one projection looks at one channel after the other
  const view: { -readonly [K in keyof Target]: Target[K] } = { ...targets[0] };
  const projection = new VariableProjection(view, slots, ridge);
  const norm2 = targets.reduce((sum, target) => sum + target.norm2, 0);
  return sumOverChannels(projection, steps, norm2, (h) => Object.assign(view, targets[h]));
}

/**
 * The sum over channels of an objective in their own poles, as a function of the shared ones.
 * @param aim makes the objective that of a channel
 */
export function sumOverChannels(
  projection: PoleObjective,
  steps: readonly ChannelSteps[],
  norm2: number,
  aim: (channel: number) => void,
): SharedProjection {
  const r = projection.slots;
  const set = createPoleSet(r, projection.target.poles.horizon);
  const chart = createChart(r);
  const weights = complexMatrix(steps.length, r);
  const channelValues = new Float64Array(steps.length);

  const evaluate = (x: Float64Array, each?: () => void): number => {
    let total = 0;
    for (let h = 0; h < steps.length; h++) {
      aim(h);
      placeChannel(x, steps[h], set, each === undefined ? undefined : chart);
      const value = each === undefined ? projection.value(set) : projection.derivatives(set);
      if (!(value < Infinity)) return Infinity;
      each?.();
      weights.re.set(projection.weightRe, h * r);
      weights.im.set(projection.weightIm, h * r);
      channelValues[h] = value;
      total += value;
    }
    return total;
  };

  return {
    slots: r,
    norm2,
    channelValues,
    weights,
    value: (x) => evaluate(x),
    derivatives(x, gradient, hessian) {
      gradient.fill(0);
      hessian.fill(0);
      return evaluate(x, () => {
        addChannel(projection, chart, r, gradient, hessian);
      });
    },
  };
}

/** Adds the derivatives of one channel by the chain rule. */
function addChannel(
  { gradient: g, hessian: H }: PoleObjective,
  { first, second }: SharedChart,
  r: number,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const n = 2 * r;
  for (let j = 0; j < r; j++) {
    const [a, b, c, d] = [first[4 * j], first[4 * j + 1], first[4 * j + 2], first[4 * j + 3]];
    const [g1, g2] = [g[j], g[j + r]];
    gradient[j] += a * g1 + c * g2;
    gradient[j + r] += b * g1 + d * g2;
    const s = 6 * j;
    hessian[j * n + j] += g1 * second[s] + g2 * second[s + 3];
    const mixed = g1 * second[s + 1] + g2 * second[s + 4];
    hessian[j * n + j + r] += mixed;
    hessian[(j + r) * n + j] += mixed;
    hessian[(j + r) * n + j + r] += g1 * second[s + 2] + g2 * second[s + 5];
    for (let k = 0; k < r; k++) {
      const [e, f, p, q] = [first[4 * k], first[4 * k + 1], first[4 * k + 2], first[4 * k + 3]];
      const [h11, h12] = [H[j * n + k], H[j * n + k + r]];
      const [h21, h22] = [H[(j + r) * n + k], H[(j + r) * n + k + r]];
      // rows by the chart of pole j, columns by that of pole k
      const [u1, u2] = [a * h11 + c * h21, a * h12 + c * h22];
      const [v1, v2] = [b * h11 + d * h21, b * h12 + d * h22];
      hessian[j * n + k] += u1 * e + u2 * p;
      hessian[j * n + k + r] += u1 * f + u2 * q;
      hessian[(j + r) * n + k] += v1 * e + v2 * p;
      hessian[(j + r) * n + k + r] += v1 * f + v2 * q;
    }
  }
}
