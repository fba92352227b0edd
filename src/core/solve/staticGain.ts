import type { ComplexVector } from '../linalg/complex';
import { solveLower, solveLowerTransposed } from '../linalg/realCholesky';
import { pairSums } from '../objective/pairSums';
import { factorScaled, realGram, type ScaledFactor } from '../objective/realGram';
import { discreteSums } from '../scalars';
import type { ModalSystem } from '../systems/modal';
import { poleSetOf, type PoleSet } from '../systems/poleSet';

/**
 * Static gain of a kernel over the horizon, sum_{t<L} Re sum_n w_n e^{a_n t}: what it makes of a constant input in the
 * long run.
 */
export function staticGain({ poles, weights }: ModalSystem, horizon: number): number {
  const columns = gainColumns(poles, horizon);
  const r = poles.re.length;
  let gain = 0;
  for (let n = 0; n < r; n++) gain += columns[n] * weights.re[n] + columns[n + r] * weights.im[n];
  return gain;
}

/**
 * The weights for given poles that approximate a kernel best in the real h² norm among those that have its static gain:
 *     min_v sum_{t<L} (k_t - Re sum_j v_j e^{b_j t})² + ridge   subject to   sum_{t<L} Re sum_j v_j e^{b_j t} = sum_{t<L} k_t.
 * With the Gram matrix A of the unknowns, the gains g of its columns and the free optimum u this is u + A^{-1} g m with
 * the multiplier m = (gain - g.u) / (g.A^{-1} g) (math reference, 7.3, in the limit of an infinite weight).
 *
 * @param full the kernel to approximate
 * @param poles log-poles to keep
 * @param ridge penalty on sum_j |v_j|² ||e^{b_j t}||², relative
 * @param real whether weights are real, as for real poles
 * @returns undefined where the least-squares problem cannot be solved, or no weights have the gain
 */
export function weightsWithStaticGain(
  full: ModalSystem,
  poles: ComplexVector,
  { horizon, ridge, real }: { horizon: number; ridge: number; real: boolean },
): ComplexVector | undefined {
  const r = poles.re.length;
  const n = real ? r : 2 * r;
  const b = poleSetOf(poles, horizon);
  const factor = factorScaled(leading(realGram(b, ridge), 2 * r, n), n);
  if (factor === undefined) return undefined;
  const free = solve(factor, products(b, full, horizon).subarray(0, n));
  const gains = gainColumns(poles, horizon).subarray(0, n);
  const towards = solve(factor, gains);
  const slope = dot(gains, towards);
  const missing = staticGain(full, horizon) - dot(gains, free);
  const multiplier = missing / slope;
  if (!(slope > 0) || !Number.isFinite(multiplier)) return undefined;
  const u = free.map((value, i) => value + multiplier * towards[i]);
  return { re: u.slice(0, r), im: real ? new Float64Array(r) : u.slice(r) };
}

const sums = new Float64Array(4);

/** sum_{t<L} Re(alpha e^{b_j t}) for alpha = 1, then for alpha = i. */
function gainColumns({ re, im }: ComplexVector, horizon: number): Float64Array {
  const r = re.length;
  const columns = new Float64Array(2 * r);
  for (let j = 0; j < r; j++) {
    discreteSums(re[j], im[j], horizon, 0, sums, 0);
    columns[j] = sums[0];
    columns[j + r] = -sums[1];
  }
  return columns;
}

/** Inner products of the columns Re e^{b_j t}, Re i e^{b_j t} with the kernel. */
function products(b: PoleSet, { poles, weights }: ModalSystem, horizon: number): Float64Array {
  const full = poleSetOf(poles, horizon);
  const r = b.count;
  const found = new Float64Array(2 * r);
  for (let j = 0; j < r; j++) {
    for (let n = 0; n < full.count; n++) {
      pairSums(b, j, full, n, 0, sums, 0, 2);
      const [wr, wi] = [weights.re[n], weights.im[n]];
      const [sr, si] = [sums[0] * wr - sums[1] * wi, sums[0] * wi + sums[1] * wr];
      const [tr, ti] = [sums[2] * wr - sums[3] * wi, sums[2] * wi + sums[3] * wr];
      found[j] += (sr + tr) / 2;
      found[j + r] += (si - ti) / 2;
    }
  }
  return found;
}

function leading(matrix: Float64Array, size: number, n: number): Float64Array {
  if (n === size) return matrix;
  const part = new Float64Array(n * n);
  for (let i = 0; i < n; i++) part.set(matrix.subarray(i * size, i * size + n), i * n);
  return part;
}

function solve({ n, scale, lower }: ScaledFactor, rhs: Float64Array): Float64Array {
  const x = rhs.map((value, i) => value / scale[i]);
  solveLower(lower, n, x);
  solveLowerTransposed(lower, n, x);
  return x.map((value, i) => value / scale[i]);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
