import { complexVector, type ComplexVector } from '../linalg/complex';
import { hotLoops } from '../hotLoops';
import type { WeightedPoles } from '../objective/pairSums';
import { deletionCost, factorScaled, inverseScaled, realGram } from '../objective/realGram';
import type { Target } from '../objective/varpro';

export const eliminationRidge = 1e-10;

/**
 * Backward elimination: from all poles of the full system, deletes the one whose loss costs least with the weights of
 * the others solved anew, until `slots` are left (math reference, 6.7).
 */
export function backwardElimination(target: Target, slots: number): ComplexVector {
  const kept = hotLoops().eliminateModes(target, slots);
  const poles = complexVector(slots);
  kept.forEach((i, j) => {
    poles.re[j] = target.poles.re[i];
    poles.im[j] = target.poles.im[i];
  });
  return poles;
}

/** `sharedElimination` of one system alone. */
export function eliminateModes(target: WeightedPoles, slots: number): number[] {
  return sharedElimination([target], slots);
}

/** One channel's inverse Gram matrix and weights, in scaled unknowns. */
interface Channel {
  readonly inverse: Float64Array;
  readonly u: Float64Array;
}

/**
 * Backward elimination of poles that several systems share: the mode whose loss costs least in all of them together is
 * deleted from all. The inverse Gram matrices and the weights are updated by the 2 x 2 block formula, so that the whole
 * descent costs O(N³) a system.
 * @returns indices of the modes that are left, ascending
 */
export function sharedElimination(targets: readonly WeightedPoles[], slots: number): number[] {
  const channels = targets.flatMap(channelAt);
  const alive = Array.from({ length: targets[0].poles.count }, (_, i) => i);
  if (channels.length === 0) return alive.slice(0, slots);
  while (alive.length > slots) {
    let cheapest = 0;
    let least = Infinity;
    alive.forEach((j, at) => {
      const cost = channels.reduce((sum, { inverse, u }) => sum + deletionCost(inverse, u, j), 0);
      if (cost < least) [least, cheapest] = [cost, at];
    });
    const [deleted] = alive.splice(cheapest, 1);
    for (const { inverse, u } of channels) eliminate(inverse, u, deleted, alive);
  }
  return alive;
}

/** None where the Gram matrix is numerically singular. */
function channelAt({ poles, weightRe, weightIm }: WeightedPoles): Channel[] {
  const { count } = poles;
  const factor = factorScaled(realGram(poles, eliminationRidge), 2 * count);
  if (factor === undefined) return [];
  const u = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    u[i] = weightRe[i] * factor.scale[i];
    u[i + count] = weightIm[i] * factor.scale[i + count];
  }
  return [{ inverse: inverseScaled(factor), u }];
}

/** inverse <- inverse - c [block]^{-1} c^T and u <- u - c [block]^{-1} u_j over the unknowns still alive. */
function eliminate(
  inverse: Float64Array,
  u: Float64Array,
  j: number,
  alive: readonly number[],
): void {
  const n = u.length;
  const r = n / 2;
  const [p, q] = [j, j + r];
  const [a, b, c] = [inverse[p * n + p], inverse[p * n + q], inverse[q * n + q]];
  const determinant = Math.max(a * c - b * b, 1e-300);
  const [ia, ib, ic] = [c / determinant, -b / determinant, a / determinant];
  const [x, y] = [u[p], u[q]];
  const rows = alive.flatMap((i) => [i, i + r]);
  for (const i of rows) {
    const [g, h] = [inverse[i * n + p], inverse[i * n + q]];
    const [s, t] = [g * ia + h * ib, g * ib + h * ic];
    u[i] -= s * x + t * y;
    for (const k of rows) inverse[i * n + k] -= s * inverse[p * n + k] + t * inverse[q * n + k];
  }
}
