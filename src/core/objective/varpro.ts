import { hotLoops } from '../hotLoops';
import { solveLower, solveLowerMany, solveLowerTransposed } from '../linalg/realCholesky';
import { poleSetOf, type PoleSet } from '../systems/poleSet';
import type { ModalSystem } from '../systems/modal';
import { pairSums } from './pairSums';
import { createScaledFactor, factorScaledInto, type ScaledFactor } from './realGram';

/** A full system prepared for searching reduced poles: its poles with their exponentials and its squared norm. */
export interface Target {
  readonly poles: PoleSet;
  readonly weightRe: Float64Array;
  readonly weightIm: Float64Array;
  /** ||Re k||^2 over the horizon. */
  readonly norm2: number;
}

/** Prepares a system for a horizon L (an integer >= 1, or Infinity). */
export function createTarget(system: ModalSystem, horizon: number): Target {
  const poles = poleSetOf(system.poles, horizon);
  const { re, im } = system.weights;
  return { poles, weightRe: re, weightIm: im, norm2: squaredNorm(poles, re, im) };
}

const sums = new Float64Array(12);

/** ||Re sum_n w_n e^{a_n k}||^2 = 1/2 Re sum_ij [ conj(w_i) w_j S(conj a_i + a_j) + w_i w_j S(a_i + a_j) ]. */
export function squaredNorm(poles: PoleSet, wr: Float64Array, wi: Float64Array): number {
  let total = 0;
  for (let i = 0; i < poles.count; i++) {
    for (let j = i; j < poles.count; j++) {
      const twice = i === j ? 1 : 2;
      pairSums(poles, i, poles, j, 0, sums, 0, 2);
      const re = wr[i] * wr[j] + wi[i] * wi[j];
      const im = wr[i] * wi[j] - wi[i] * wr[j];
      total += twice * (re * sums[0] - im * sums[1]);
      const pr = wr[i] * wr[j] - wi[i] * wi[j];
      const pi = wr[i] * wi[j] + wi[i] * wr[j];
      total += twice * (pr * sums[2] - pi * sums[3]);
    }
  }
  return total / 2;
}

/**
 * The variable-projection objective of the real discrete h² error (math reference, 7.1). For given reduced log-poles b
 * the weights v follow by linear least squares, and
 *     J(b) = min_v sum_{k<L} ( Re sum_n w_n e^{a_n k} - Re sum_j v_j e^{b_j k} )^2 + ridge,
 * with a relative ridge 1/2 eta^2 sum_j |v_j|^2 ||e^{b_j k}||^2 that bounds the weights where poles nearly coincide.
 * Unknowns are ordered (Re v_1 … Re v_r, Im v_1 … Im v_r), the variables x = (log(-Re b_j), Im b_j) likewise.
 *
 * One object serves many evaluations of the same r and allocates nothing in them.
 */
export class VariableProjection {
  /** Optimal weights of the last evaluation. */
  readonly weightRe: Float64Array;
  readonly weightIm: Float64Array;
  /** dJ/dx of the last `derivatives` call, length 2r. */
  readonly gradient: Float64Array;
  /** d²J/dx² of the last `derivatives` call, row-major 2r x 2r. */
  readonly hessian: Float64Array;

  private readonly u: Float64Array;
  private readonly rhs: Float64Array;
  private readonly gram: Float64Array;
  private readonly factor: ScaledFactor;
  private readonly mixed: Float64Array;
  /** Per reduced pole: sum_k S^(p)(conj b + a_k) w_k and sum_k S^(p)(b + a_k) w_k for p = 0, 1, 2. */
  private readonly cross: Float64Array;
  /** S^(p)(conj b_i + b_j) and S^(p)(b_i + b_j), 12 numbers a pair, row-major r x r. */
  private readonly own: Float64Array;

  constructor(
    readonly target: Target,
    readonly slots: number,
    readonly ridge = 1e-8,
  ) {
    const r = slots;
    this.weightRe = new Float64Array(r);
    this.weightIm = new Float64Array(r);
    this.gradient = new Float64Array(2 * r);
    this.hessian = new Float64Array(4 * r * r);
    this.u = new Float64Array(2 * r);
    this.rhs = new Float64Array(2 * r);
    this.gram = new Float64Array(4 * r * r);
    this.factor = createScaledFactor(2 * r);
    this.mixed = new Float64Array(4 * r * r);
    this.cross = new Float64Array(12 * r);
    this.own = new Float64Array(12 * r * r);
  }

  /** J at the poles, weights included; +Infinity where the least-squares problem cannot be solved. */
  value(b: PoleSet): number {
    this.sumPairs(b, 0);
    return this.solveWeights();
  }

  /** J, gradient and Hessian at the poles. */
  derivatives(b: PoleSet): number {
    this.sumPairs(b, 2);
    const value = this.solveWeights();
    if (value < Infinity) this.differentiate(b);
    return value;
  }

  private sumPairs(b: PoleSet, order: 0 | 2): void {
    const { target, slots: r, cross, own } = this;
    hotLoops().fitSums(b, target, order, cross, own);
    for (let j = 0; j < r; j++) {
      for (let i = 0; i <= j; i++) {
        const upper = 12 * (i * r + j);
        const lower = 12 * (j * r + i);
        if (i === j) {
          for (let p = 0; p <= order; p++) own[upper + 2 * p] *= 1 + this.ridge;
        } else {
          own.copyWithin(lower, upper, upper + 12);
          for (let p = 0; p <= order; p++) own[lower + 2 * p + 1] *= -1;
        }
      }
    }
  }

  /** Solves the normal equations for the weights and returns J = n² - 2 u.rhs + u.A u. */
  private solveWeights(): number {
    const { slots: r, rhs, gram, factor, u, cross } = this;
    const n = 2 * r;
    for (let j = 0; j < r; j++) {
      const at = 12 * j;
      rhs[j] = (cross[at] + cross[at + 6]) / 2;
      rhs[j + r] = (cross[at + 1] - cross[at + 7]) / 2;
    }
    this.fillGram(gram);
    if (!factorScaledInto(gram, factor)) return Infinity;
    const { scale, lower } = factor;
    for (let i = 0; i < n; i++) u[i] = rhs[i] / scale[i];
    solveLower(lower, n, u);
    solveLowerTransposed(lower, n, u);
    for (let i = 0; i < n; i++) u[i] /= scale[i];
    this.weightRe.set(u.subarray(0, r));
    this.weightIm.set(u.subarray(r));
    let value = this.target.norm2;
    for (let i = 0; i < n; i++) {
      let row = 0;
      for (let j = 0; j < n; j++) row += gram[i * n + j] * u[j];
      value += u[i] * (row - 2 * rhs[i]);
    }
    return Number.isFinite(value) ? value : Infinity;
  }

  /** <Re(alpha_i phi_i), Re(beta_j phi_j)> for alpha, beta in {1, i}: the Gram matrix of the unknowns. */
  private fillGram(gram: Float64Array): void {
    const { slots: r, own } = this;
    const n = 2 * r;
    for (let i = 0; i < r; i++) {
      for (let j = 0; j < r; j++) {
        const at = 12 * (i * r + j);
        const sr = own[at];
        const si = own[at + 1];
        const tr = own[at + 6];
        const ti = own[at + 7];
        gram[i * n + j] = (sr + tr) / 2;
        gram[i * n + j + r] = -(si + ti) / 2;
        gram[(i + r) * n + j] = (si - ti) / 2;
        gram[(i + r) * n + j + r] = (sr - tr) / 2;
      }
    }
  }

  private differentiate(b: PoleSet): void {
    const { slots: r, gradient, hessian, mixed } = this;
    const n = 2 * r;
    this.fillSecondOrder(b);
    for (let j = 0; j < r; j++) {
      const [vr, vi, beta] = [this.weightRe[j], this.weightIm[j], b.re[j]];
      const [q1r, q1i, q2r, q2i] = this.errorSums(j);
      gradient[j] = -2 * beta * (vr * q1r - vi * q1i);
      gradient[j + r] = 2 * (vr * q1i + vi * q1r);
      const v1 = vr * q1r - vi * q1i;
      const v2r = vr * q2r - vi * q2i;
      const v2i = vr * q2i + vi * q2r;
      hessian[j * n + j] -= 2 * (beta * beta * v2r + beta * v1);
      hessian[j * n + j + r] += 2 * beta * v2i;
      hessian[(j + r) * n + j] += 2 * beta * v2i;
      hessian[(j + r) * n + j + r] += 2 * v2r;
      mixed[j * n + j] -= 2 * beta * q1r;
      mixed[j * n + j + r] += 2 * q1i;
      mixed[(j + r) * n + j] += 2 * beta * q1i;
      mixed[(j + r) * n + j + r] += 2 * q1r;
    }
    this.projectHessian();
  }

  /** hessian <- 2 <D, D> and mixed <- 2 <Phi, D> with the columns D = (v beta, i v) k phi of the Jacobian. */
  private fillSecondOrder(b: PoleSet): void {
    const { slots: r, own, hessian, mixed, weightRe, weightIm } = this;
    const n = 2 * r;
    for (let i = 0; i < r; i++) {
      for (let j = 0; j < r; j++) {
        const at = 12 * (i * r + j);
        const s1r = own[at + 2];
        const s1i = own[at + 3];
        const s2r = own[at + 4];
        const s2i = own[at + 5];
        const t1r = own[at + 8];
        const t1i = own[at + 9];
        const t2r = own[at + 10];
        const t2i = own[at + 11];
        const ur = weightRe[i];
        const ui = weightIm[i];
        const vr = weightRe[j];
        const vi = weightIm[j];
        // conj(v_i) v_j S'' and v_i v_j T''
        const cr = ur * vr + ui * vi;
        const ci = ur * vi - ui * vr;
        const pr = ur * vr - ui * vi;
        const pi = ur * vi + ui * vr;
        const sr = cr * s2r - ci * s2i;
        const si = cr * s2i + ci * s2r;
        const tr = pr * t2r - pi * t2i;
        const ti = pr * t2i + pi * t2r;
        const bi = b.re[i];
        const bj = b.re[j];
        hessian[i * n + j] = bi * bj * (sr + tr);
        hessian[i * n + j + r] = -bi * (si + ti);
        hessian[(i + r) * n + j] = bj * (si - ti);
        hessian[(i + r) * n + j + r] = sr - tr;
        // v_j S' and v_j T'
        const xr = vr * s1r - vi * s1i;
        const xi = vr * s1i + vi * s1r;
        const yr = vr * t1r - vi * t1i;
        const yi = vr * t1i + vi * t1r;
        mixed[i * n + j] = bj * (xr + yr);
        mixed[i * n + j + r] = -(xi + yi);
        mixed[(i + r) * n + j] = bj * (xi - yi);
        mixed[(i + r) * n + j + r] = xr - yr;
      }
    }
  }

  /** q_p = 1/2 [ sum_m T^(p)(b_j + A_m) W_m + conj( sum_m S^(p)(conj b_j + A_m) W_m ) ] of the error system, p = 1, 2. */
  private errorSums(j: number): [number, number, number, number] {
    const { slots: r, own, cross } = this;
    const c = 12 * j;
    const q: [number, number, number, number] = [
      cross[c + 8] + cross[c + 2],
      cross[c + 9] - cross[c + 3],
      cross[c + 10] + cross[c + 4],
      cross[c + 11] - cross[c + 5],
    ];
    for (let i = 0; i < r; i++) {
      const at = 12 * (j * r + i);
      const vr = this.weightRe[i];
      const vi = this.weightIm[i];
      for (let p = 0; p < 2; p++) {
        const sr = own[at + 2 + 2 * p];
        const si = own[at + 3 + 2 * p];
        const tr = own[at + 8 + 2 * p];
        const ti = own[at + 9 + 2 * p];
        q[2 * p] -= vr * tr - vi * ti + vr * sr - vi * si;
        q[2 * p + 1] -= vr * ti + vi * tr - (vr * si + vi * sr);
      }
    }
    return [q[0] / 2, q[1] / 2, q[2] / 2, q[3] / 2];
  }

  /** hessian <- hessian - 1/2 mixed^T A^{-1} mixed: the weights follow the poles. */
  private projectHessian(): void {
    const { slots: r, hessian, mixed } = this;
    const { scale, lower } = this.factor;
    const n = 2 * r;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) mixed[i * n + j] /= scale[i];
    solveLowerMany(lower, n, mixed, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += mixed[k * n + i] * mixed[k * n + j];
        const entry = hessian[i * n + j] - sum / 2;
        hessian[i * n + j] = entry;
        hessian[j * n + i] = entry;
      }
    }
  }
}
