import { complexVector, type ComplexVector } from '../linalg/complex';
import { deletionCost, factorScaled, inverseScaled, realGram } from '../objective/realGram';
import type { Target } from '../objective/varpro';

const ridge = 1e-10;

/**
 * Backward elimination: from all poles of the full system, deletes the one whose loss costs least with the weights of
 * the others solved anew, until `slots` are left (math reference, 6.7). The inverse Gram matrix and the weights are
 * updated by the 2 x 2 block formula, so the whole descent costs O(N³).
 */
export function backwardElimination(target: Target, slots: number): ComplexVector {
  const count = target.poles.count;
  const n = 2 * count;
  const factor = factorScaled(realGram(target.poles, ridge), n);
  const alive = Array.from({ length: count }, (_, i) => i);
  if (factor !== undefined) {
    const inverse = inverseScaled(factor);
    const u = new Float64Array(n);
    for (let i = 0; i < count; i++) {
      u[i] = target.weightRe[i] * factor.scale[i];
      u[i + count] = target.weightIm[i] * factor.scale[i + count];
    }
    while (alive.length > slots) {
      let cheapest = 0;
      let least = Infinity;
      alive.forEach((j, at) => {
        const cost = deletionCost(inverse, u, j);
        if (cost < least) [least, cheapest] = [cost, at];
      });
      const [deleted] = alive.splice(cheapest, 1);
      eliminate(inverse, u, deleted, alive);
    }
  }
  const poles = complexVector(slots);
  for (let i = 0; i < slots; i++) {
    poles.re[i] = target.poles.re[alive[i]];
    poles.im[i] = target.poles.im[alive[i]];
  }
  return poles;
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
