import { choleskyInPlace, solveLowerMany } from '../linalg/realCholesky';
import type { ComplexVector } from '../linalg/complex';
import type { PoleSet } from '../systems/poleSet';
import { pairSums } from './pairSums';

const sums = new Float64Array(4);

/**
 * Gram matrix of the 2n real columns Re e^{b_j k}, Re i e^{b_j k} over the horizon, row-major 2n x 2n, unknowns ordered
 * (Re v_1 … Re v_n, Im v_1 … Im v_n); the squared norm of each e^{b_j k} is raised by the relative ridge.
 */
export function realGram(b: PoleSet, ridge: number): Float64Array {
  const r = b.count;
  const n = 2 * r;
  const gram = new Float64Array(n * n);
  for (let i = 0; i < r; i++) {
    for (let j = i; j < r; j++) {
      pairSums(b, i, b, j, 0, sums, 0, 2);
      if (i === j) sums[0] *= 1 + ridge;
      const [sr, si, tr, ti] = [sums[0], sums[1], sums[2], sums[3]];
      const entries = [(sr + tr) / 2, -(si + ti) / 2, (si - ti) / 2, (sr - tr) / 2];
      gram[i * n + j] = gram[j * n + i] = entries[0];
      gram[i * n + j + r] = gram[(j + r) * n + i] = entries[1];
      gram[(i + r) * n + j] = gram[j * n + i + r] = entries[2];
      gram[(i + r) * n + j + r] = gram[(j + r) * n + i + r] = entries[3];
    }
  }
  return gram;
}

/** A symmetric positive definite matrix scaled to unit diagonal and factored: A = D L L^T D. */
export interface ScaledFactor {
  readonly n: number;
  /** D */
  readonly scale: Float64Array;
  /** L, row-major */
  readonly lower: Float64Array;
}

/** Room for a factor of n x n. */
export function createScaledFactor(n: number): ScaledFactor {
  return { n, scale: new Float64Array(n), lower: new Float64Array(n * n) };
}

/** Factors a Gram matrix into `factor`; false, with `factor` half overwritten, where it is numerically singular. */
export function factorScaledInto(gram: Float64Array, factor: ScaledFactor): boolean {
  const { n, scale, lower } = factor;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    scale[i] = Math.sqrt(Math.max(gram[i * n + i], 1e-300));
    largest = Math.max(largest, scale[i]);
  }
  for (let i = 0; i < n; i++) scale[i] = Math.max(scale[i], 1e-9 * largest);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) lower[i * n + j] = gram[i * n + j] / (scale[i] * scale[j]);
  }
  return choleskyInPlace(lower, n, 1e-15);
}

/** Factors a Gram matrix; undefined where it is numerically singular. */
export function factorScaled(gram: Float64Array, n: number): ScaledFactor | undefined {
  const factor = createScaledFactor(n);
  return factorScaledInto(gram, factor) ? factor : undefined;
}

/** The inverse of the scaled matrix D^{-1} A D^{-1}, row-major. */
export function inverseScaled(factor: ScaledFactor): Float64Array {
  const { n, lower } = factor;
  const half = new Float64Array(n * n);
  for (let i = 0; i < n; i++) half[i * n + i] = 1;
  solveLowerMany(lower, n, half, n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++) sum += half[k * n + i] * half[k * n + j];
      inverse[i * n + j] = inverse[j * n + i] = sum;
    }
  }
  return inverse;
}

/**
 * What deleting slot j costs: the rise of the squared error when the weights of the others are solved anew,
 *     u_j^T [ (A^{-1})_jj ]^{-1} u_j
 * with the 2 x 2 block of slot j (math reference, 6.7), u the present optimal weights.
 * @param inverse,u both in the scaled unknowns of the factor
 */
export function deletionCost(inverse: Float64Array, u: Float64Array, j: number): number {
  const n = u.length;
  const r = n / 2;
  const [a, b, c] = [inverse[j * n + j], inverse[j * n + j + r], inverse[(j + r) * n + j + r]];
  const determinant = Math.max(a * c - b * b, 1e-300);
  const [x, y] = [u[j], u[j + r]];
  return (x * x * c - 2 * x * y * b + y * y * a) / determinant;
}

const deletionRidge = 1e-12;

/** The slots of a reduced system in the order of what their deletion would cost, cheapest first. */
export function cheapestDeletions(b: PoleSet, weights: ComplexVector): number[] {
  const r = b.count;
  const slots = Array.from({ length: r }, (_, j) => j);
  const factor = factorScaled(realGram(b, deletionRidge), 2 * r);
  if (factor === undefined) return slots;
  const inverse = inverseScaled(factor);
  const u = new Float64Array(2 * r);
  for (let j = 0; j < r; j++) {
    u[j] = weights.re[j] * factor.scale[j];
    u[j + r] = weights.im[j] * factor.scale[j + r];
  }
  const costs = slots.map((j) => deletionCost(inverse, u, j));
  return slots.sort((i, j) => costs[i] - costs[j]);
}
