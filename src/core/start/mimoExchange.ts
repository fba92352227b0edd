import { multiplyByTransposed } from '../linalg/realMatrix';
import { solveLowerPair } from '../linalg/realCholesky';
import { type MimoProjection, type MimoTarget } from '../objective/mimoProjection';
import { factorScaled, inverseScaled } from '../objective/realGram';

const ridge = 1e-10;

/** The 2n × 2n Gram matrix with its diagonal raised by a share. */
function raised(gram: Float64Array, size: number): Float64Array {
  const A = gram.slice();
  for (let i = 0; i < size; i++) A[i * size + i] *= 1 + ridge;
  return A;
}

/**
 * Backward elimination over the modes of a system with several inputs and outputs: deletes the mode whose loss costs
 * least with the outputs of the others solved anew, until `slots` are left.
 * @returns indices of the modes that are left, ascending
 */
export function mimoElimination(target: MimoTarget, slots: number): number[] {
  const { order: n, outputs: p, own, readout } = target;
  const size = 2 * n;
  const alive = Array.from({ length: n }, (_, i) => i);
  const factor = factorScaled(raised(own.products, size), size);
  if (factor === undefined) return alive.slice(0, slots);
  const inverse = inverseScaled(factor);
  const weights = readout.map((x, k) => x * factor.scale[k % size]);
  while (alive.length > slots) {
    const costs = alive.map((j) => costOf(inverse, weights, size, j));
    const [gone] = alive.splice(costs.indexOf(Math.min(...costs)), 1);
    eliminate(inverse, weights, p, gone, alive);
  }
  return alive;
}

/** tr( [ (A^{-1})_jj ]^{-1} (U^T U)_jj ) with the 2 × 2 blocks of slot j; U are the weights, outputs in rows. */
function costOf(inverse: Float64Array, weights: Float64Array, size: number, j: number): number {
  const r = size / 2;
  const at = (i: number, k: number): number => inverse[i * size + k];
  const [a, b, c] = [at(j, j), at(j, j + r), at(j + r, j + r)];
  const determinant = Math.max(a * c - b * b, 1e-300);
  let [x, y, z] = [0, 0, 0];
  for (let row = 0; row < weights.length; row += size) {
    const [u, v] = [weights[row + j], weights[row + j + r]];
    x += u * u;
    y += u * v;
    z += v * v;
  }
  return (x * c - 2 * y * b + z * a) / determinant;
}

/** inverse <- inverse - c [block]^{-1} c^T and every row of weights likewise, over the unknowns still alive. */
function eliminate(
  inverse: Float64Array,
  weights: Float64Array,
  p: number,
  j: number,
  alive: readonly number[],
): void {
  const size = Math.sqrt(inverse.length);
  const r = size / 2;
  const [e, f] = [j, j + r];
  const [a, b, c] = [inverse[e * size + e], inverse[e * size + f], inverse[f * size + f]];
  const determinant = Math.max(a * c - b * b, 1e-300);
  const [ia, ib, ic] = [c / determinant, -b / determinant, a / determinant];
  const rows = alive.flatMap((i) => [i, i + r]);
  for (const i of rows) {
    const [g, h] = [inverse[i * size + e], inverse[i * size + f]];
    const [s, t] = [g * ia + h * ib, g * ib + h * ic];
    for (let k = 0; k < p; k++) {
      weights[k * size + i] -= s * weights[k * size + e] + t * weights[k * size + f];
    }
    for (const k of rows) {
      inverse[i * size + k] -= s * inverse[e * size + k] + t * inverse[f * size + k];
    }
  }
  for (let k = 0; k < p; k++) weights[k * size + e] = weights[k * size + f] = 0;
}

/** Slots of the last evaluation in the order of what deleting each would cost, cheapest first. */
export function cheapestSlots({ own, readout, slots: r }: MimoProjection): number[] {
  const size = 2 * r;
  const order = Array.from({ length: r }, (_, j) => j);
  const factor = factorScaled(raised(own.products, size), size);
  if (factor === undefined) return order;
  const inverse = inverseScaled(factor);
  const weights = readout.map((x, k) => x * factor.scale[k % size]);
  const costs = order.map((j) => costOf(inverse, weights, size, j));
  return order.sort((i, j) => costs[i] - costs[j]);
}

/** The mode of the full system whose insertion beside the slots of the last evaluation lowers the error most. */
export function bestMode({ own, cross, readout, slots: r, target }: MimoProjection): number {
  const { order: n, outputs: p, seen, own: full } = target;
  const size = 2 * r;
  const missed = new Float64Array(p * 2 * n);
  multiplyByTransposed(readout, cross.products, missed, p, size, 2 * n);
  for (let k = 0; k < missed.length; k++) missed[k] = seen[k] - missed[k];
  const factor = factorScaled(raised(own.products, size), size);
  if (factor === undefined) return 0;
  const [first, second] = [new Float64Array(size), new Float64Array(size)];
  let best = 0;
  let most = -1;
  for (let c = 0; c < n; c++) {
    const d = c + n;
    for (let k = 0; k < size; k++) {
      first[k] = cross.products[c * size + k] / factor.scale[k];
      second[k] = cross.products[d * size + k] / factor.scale[k];
    }
    solveLowerPair(factor.lower, size, first, second);
    const a11 = full.products[c * 2 * n + c];
    const a22 = full.products[d * 2 * n + d];
    let [b11, b12, b22] = [a11, full.products[c * 2 * n + d], a22];
    for (let k = 0; k < size; k++) {
      b11 -= first[k] * first[k];
      b12 -= first[k] * second[k];
      b22 -= second[k] * second[k];
    }
    const determinant = b11 * b22 - b12 * b12;
    if (!(determinant > 1e-6 * a11 * a22 && b11 > 1e-3 * a11)) continue;
    let gain = 0;
    for (let i = 0; i < p; i++) {
      const [x, y] = [missed[i * 2 * n + c], missed[i * 2 * n + d]];
      gain += (x * x * b22 - 2 * x * y * b12 + y * y * b11) / determinant;
    }
    if (gain > most) [most, best] = [gain, c];
  }
  return best;
}
