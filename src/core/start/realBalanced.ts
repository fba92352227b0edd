import { hotLoops } from '../hotLoops';
import { complexVector, type ComplexVector } from '../linalg/complex';
import type { Target } from '../objective/varpro';
import { slowestDecay } from '../solve/newtonSearch';
import { fitIntoSlots, type SlotPoles } from './realSlots';

/**
 * The balanced form of the real kernel k_t = Re sum w_n e^{a_n t} over a horizon.
 *
 * Each slot is a real rotation-and-decay block of two states x_t = (Re e^{at}, Im e^{at}) read out by
 * c = (Re w, -Im w). With F the matrix of the rows x_t^T, t < L, the controllability Gramian is P = F^T F = R^T R and,
 * since c A^t = M x_t with the symmetric M = diag of [[Re w, -Im w], [-Im w, -Re w]], the observability Gramian is
 * Q = M P M. Hence the Hankel operator is the real symmetric matrix R M R^T = U diag(s) U^T: one eigenproblem, no
 * Gramian is formed and nothing is squared.
 */
export interface RealBalanced {
  readonly states: number;
  /** Eigenvalues s by descending magnitude; |s| are the Hankel singular values. */
  readonly values: Float64Array;
  /** R^T U, row-major states x states, columns in the order of `values`. */
  readonly directions: Float64Array;
  /** The state blocks e^a and the weights, to form A and M. */
  readonly target: Target;
}

/** Computes the balanced form; O(N³ log L) for a finite horizon, until the slowest mode has died for an infinite one. */
export function balanceReal(target: Target): RealBalanced {
  return hotLoops().scoped(() => balance(target));
}

function balance(target: Target): RealBalanced {
  const loops = hotLoops();
  const n = 2 * target.poles.count;
  const r = kernelFactor(target);
  const mrt = loops.allocate(n * n);
  for (let i = 0; i < target.poles.count; i++) {
    const wr = target.weightRe[i];
    const wi = target.weightIm[i];
    for (let at = 2 * i; at < n * n; at += n) {
      mrt[at] = wr * r[at] - wi * r[at + 1];
      mrt[at + 1] = -wi * r[at] - wr * r[at + 1];
    }
  }
  const hankel = loops.allocate(n * n);
  loops.innerProducts(mrt, n, r, n, n, hankel);
  const eigen = loops.symmetricEigen(hankel, n);
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => Math.abs(eigen.values[j]) - Math.abs(eigen.values[i]),
  );
  const values = Float64Array.from(order, (i) => eigen.values[i]);
  const sorted = loops.allocate(n * n);
  order.forEach((from, j) => {
    sorted.set(eigen.vectors.subarray(from * n, (from + 1) * n), j * n);
  });
  const columns = loops.allocate(n * n);
  for (let i = 0; i < n; i++) for (let k = 0; k <= i; k++) columns[i * n + k] = r[k * n + i];
  const directions = new Float64Array(n * n);
  loops.innerProducts(columns, n, sorted, n, n, directions);
  return { states: n, values, directions, target };
}

/**
 * The triangular R with R^T R = sum_{t<L} x_t x_t^T, by doubling: the rows of the times m … m+n are those of 0 … n
 * times the diagonal e^{am}, so R_{m+n} is the R of the two stacked.
 */
function kernelFactor(target: Target): Float64Array {
  const n = 2 * target.poles.count;
  const { horizon } = target.poles;
  const slowest = target.poles.re.reduce((most, x) => Math.max(most, x), -Infinity);
  const limit = horizon === Infinity ? Math.ceil(-40 / Math.min(slowest, slowestDecay)) : horizon;
  const loops = hotLoops();
  const r = loops.allocate(n * n);
  const block = loops.allocate(n * n);
  // the rows x_0^T = (1, 0, 1, 0, …): one row, and zeros below
  for (let i = 0; i < n; i += 2) block[i] = 1;
  const shifted = loops.allocate(n * n);
  let length = 0;
  for (let blockLength = 1; length < limit; blockLength *= 2) {
    if (Math.floor((limit - length) / blockLength) % 2 === 1) {
      advance(block, target, length, shifted);
      if (length === 0) r.set(shifted);
      else loops.stackTriangles(r, shifted, n);
      length += blockLength;
    }
    if (length >= limit) break;
    advance(block, target, blockLength, shifted);
    loops.stackTriangles(block, shifted, n);
  }
  return r;
}

/** out = R times the block-diagonal rotation and decay of `steps` steps: x_{t+m} = e^{am} x_t for every row. */
function advance(r: Float64Array, target: Target, steps: number, out: Float64Array): void {
  const n = 2 * target.poles.count;
  for (let i = 0; i < target.poles.count; i++) {
    const size = Math.exp(target.poles.re[i] * steps);
    const phase = target.poles.im[i] * steps;
    const [c, s] = [size * Math.cos(phase), size * Math.sin(phase)];
    for (let row = 0; row < n; row++) {
      const at = row * n + 2 * i;
      out[at] = c * r[at] - s * r[at + 1];
      out[at + 1] = s * r[at] + c * r[at + 1];
    }
  }
}

/**
 * Log-poles of the real balanced truncation to 2 r states, as r slots: a complex pair fills one slot, real poles
 * share slots (`fitIntoSlots`). Poles that are not stable are reflected inside (6.8).
 * @returns the poles (at most r; fewer where the Hankel rank is lower) and how many had to be reflected
 */
export function realBalancedPoles(balanced: RealBalanced, slots: number): SlotPoles {
  const { re, im } = balancedEigenvalues(balanced, 2 * slots);
  return fitIntoSlots(balanced.target, re, im, slots);
}

/** Eigenvalues z of the real balanced truncation to `most` states, or to the numerical rank where that is lower. */
export function balancedEigenvalues(balanced: RealBalanced, most: number): ComplexVector {
  const { states: n, values } = balanced;
  let order = Math.min(most, n);
  while (order > 1 && !(Math.abs(values[order - 1]) > 1e-14 * Math.abs(values[0]))) order--;
  const found = hotLoops().eigenvalues(reducedDynamics(balanced, order), order);
  return found ?? complexVector(0);
}

/** A_r = W^T A T with T = R^T U |s|^{-1/2} and W = M T sign(s), row-major order x order. */
function reducedDynamics(balanced: RealBalanced, order: number): Float64Array {
  const { target, directions, values, states: n } = balanced;
  const a = new Float64Array(order * order);
  const scale = Float64Array.from(values.subarray(0, order), (s) => 1 / Math.sqrt(Math.abs(s)));
  for (let slot = 0; slot < target.poles.count; slot++) {
    const zr = target.poles.expRe[slot];
    const zi = target.poles.expIm[slot];
    const wr = target.weightRe[slot];
    const wi = target.weightIm[slot];
    const even = 2 * slot * n;
    const odd = even + n;
    for (let j = 0; j < order; j++) {
      const x = directions[even + j] * scale[j];
      const y = directions[odd + j] * scale[j];
      const ax = zr * x - zi * y;
      const ay = zi * x + zr * y;
      const mx = wr * ax - wi * ay;
      const my = -wi * ax - wr * ay;
      for (let i = 0; i < order; i++) {
        const w = Math.sign(values[i]) * scale[i];
        a[i * order + j] += w * (directions[even + i] * mx + directions[odd + i] * my);
      }
    }
  }
  return a;
}
