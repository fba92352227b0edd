import {
  choleskyInPlace,
  solveLower,
  solveLowerMany,
  solveLowerTransposed,
} from '../linalg/realCholesky';
import { hotLoops } from '../hotLoops';
import type { PoleObjective } from '../solve/newtonSearch';
import type { PoleSet } from '../systems/poleSet';
import type { WeightedTarget } from './weightedTarget';

/**
 * The variable-projection objective of the weighted error (calibrated.md): for given reduced log-poles b the weights v,
 * and the skip weight where it is free, follow by linear least squares over the frequencies,
 *     J(b) = min_{v, D} sum_m | root_m (K̂_m + D) - values_m |² + ridge,
 * with the relative ridge eta sum_j (Re v_j)² ||A_j||² + (Im v_j)² ||B_j||² on the weighted columns. The unknowns are
 * ordered (Re v_1 … Re v_r, Im v_1 … Im v_r, D), the variables x = (log(-Re b_j), Im b_j) likewise.
 *
 * One object serves many evaluations and allocates nothing in them.
 */
export class WeightedProjection implements PoleObjective {
  readonly weightRe: Float64Array;
  readonly weightIm: Float64Array;
  /** The optimal skip weight of the last evaluation, 0 where it is not free. */
  skip = 0;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
  /** values - model, weighted, of the last evaluation. */
  readonly residual: Float64Array;

  /** Number of unknowns n. */
  readonly unknowns: number;
  /** The weighted columns of the unknowns, 2 M numbers each; those of the derivatives follow. */
  readonly columns: Float64Array;

  private readonly rows: number;
  private readonly products: Float64Array;
  private readonly factor: Float64Array;
  private readonly scale: Float64Array;
  private readonly u: Float64Array;
  private readonly mixed: Float64Array;
  private readonly own: Float64Array;

  constructor(
    public target: WeightedTarget,
    readonly slots: number,
    freeSkip: boolean,
    readonly ridge = 1e-9,
  ) {
    const r = slots;
    const M = target.grid.points;
    const n = 2 * r + (freeSkip ? 1 : 0);
    this.unknowns = n;
    this.rows = 2 * M;
    this.weightRe = new Float64Array(r);
    this.weightIm = new Float64Array(r);
    this.gradient = new Float64Array(2 * r);
    this.hessian = new Float64Array(4 * r * r);
    this.residual = hotLoops().allocate(2 * M);
    this.columns = hotLoops().allocate((n + 2 * r) * 2 * M);
    this.products = new Float64Array((n + 2 * r) * (n + 2 * r));
    this.factor = new Float64Array(n * n);
    this.scale = new Float64Array(n);
    this.u = new Float64Array(n);
    this.mixed = new Float64Array(n * 2 * r);
    this.own = new Float64Array(4 * r);
    if (freeSkip) this.columns.set(target.root, 2 * r * 2 * M);
  }

  /** Makes this the objective of another target on the same grid. */
  aim(target: WeightedTarget): void {
    this.target = target;
    if (this.unknowns > 2 * this.slots) {
      this.columns.set(target.root, 2 * this.slots * this.rows);
    }
  }

  /** J at the poles, weights included; +Infinity where the least-squares problem cannot be solved. */
  value(b: PoleSet): number {
    const { slots: r, rows, columns, target } = this;
    const loops = hotLoops();
    for (let j = 0; j < r; j++) {
      loops.valueColumns(target.grid, target.root, b, j, columns, j * rows, (r + j) * rows);
    }
    return this.solveWeights();
  }

  /** J, gradient and Hessian at the poles. */
  derivatives(b: PoleSet): number {
    const value = this.value(b);
    if (value < Infinity) this.differentiate(b);
    return value;
  }

  /** x <- L^{-1} S^{-1} x in place, where S L L^T S are the normal equations: inner products become projections. */
  whiten(x: Float64Array): void {
    for (let i = 0; i < this.unknowns; i++) x[i] /= this.scale[i];
    solveLower(this.factor, this.unknowns, x);
  }

  /**
   * What the squared error would rise by if a slot was taken out and the other weights solved anew:
   * u_j^T ((A^{-1})_jj)^{-1} u_j with the slot's 2 x 2 block of the inverse.
   */
  removalCosts(): number[] {
    const { unknowns: n, slots: r, factor, scale, u } = this;
    const inverse = new Float64Array(n * n);
    for (let i = 0; i < n; i++) inverse[i * n + i] = 1 / scale[i];
    solveLowerMany(factor, n, inverse, n);
    const entry = (i: number, j: number): number => {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += inverse[k * n + i] * inverse[k * n + j];
      return sum;
    };
    return Array.from({ length: r }, (_, j) => {
      const [a, b, c] = [entry(j, j), entry(j, r + j), entry(r + j, r + j)];
      const [x, y] = [u[j], u[r + j]];
      return (x * x * c - 2 * x * y * b + y * y * a) / Math.max(a * c - b * b, 1e-300);
    });
  }

  private get stride(): number {
    return this.unknowns + 2 * this.slots;
  }

  private solveWeights(): number {
    const { unknowns: n, slots: r, rows, columns, products, factor, scale, u, target } = this;
    const { stride } = this;
    const loops = hotLoops();
    loops.gram(columns, rows, 0, n, products, stride);
    loops.innerProducts(columns, n, target.values, 1, rows, u);
    let largest = 0;
    for (let i = 0; i < n; i++) {
      if (i < 2 * r) products[i * stride + i] *= 1 + this.ridge;
      scale[i] = Math.sqrt(Math.max(products[i * stride + i], 1e-300));
      largest = Math.max(largest, scale[i]);
    }
    for (let i = 0; i < n; i++) scale[i] = Math.max(scale[i], 1e-9 * largest);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        factor[i * n + j] = products[i * stride + j] / (scale[i] * scale[j]);
      }
    }
    if (!choleskyInPlace(factor, n, 1e-14)) return Infinity;
    for (let i = 0; i < n; i++) u[i] /= scale[i];
    solveLower(factor, n, u);
    solveLowerTransposed(factor, n, u);
    for (let i = 0; i < n; i++) u[i] /= scale[i];
    this.weightRe.set(u.subarray(0, r));
    this.weightIm.set(u.subarray(r, 2 * r));
    this.skip = n > 2 * r ? u[2 * r] : 0;
    const value = this.fillResidual();
    return Number.isFinite(value) ? value : Infinity;
  }

  /** residual <- values - Phi u; returns its squared norm with the ridge. */
  private fillResidual(): number {
    const { unknowns: n, slots: r, rows, columns, u, residual, target, products, stride } = this;
    let value = hotLoops().residual(columns, rows, n, u, target.values, residual);
    const share = this.ridge / (1 + this.ridge);
    for (let i = 0; i < 2 * r; i++) value += share * u[i] * u[i] * products[i * stride + i];
    return value;
  }

  private differentiate(b: PoleSet): void {
    const { unknowns: n, slots: r, rows, columns, products, target, own, stride } = this;
    const loops = hotLoops();
    for (let j = 0; j < r; j++) {
      loops.derivativeColumns(
        target.grid,
        target.root,
        b,
        j,
        this.weightRe[j],
        this.weightIm[j],
        this.residual,
        columns,
        (n + j) * rows,
        (n + r + j) * rows,
        own.subarray(4 * j, 4 * j + 4),
      );
    }
    loops.gram(columns, rows, n, stride, products, stride);
    this.fillSecondOrder();
    for (let j = 0; j < r; j++) this.addOwnSlot(b.re[j], j);
    this.projectHessian();
  }

  /** hessian <- 2 <delta, delta> and mixed <- 2 <Phi, delta>. */
  private fillSecondOrder(): void {
    const { unknowns: n, slots: r, hessian, mixed, products, stride } = this;
    const p = 2 * r;
    for (let i = 0; i < p; i++) {
      const row = (n + i) * stride;
      for (let j = 0; j < n; j++) mixed[j * p + i] = 2 * products[row + j];
      for (let j = 0; j <= i; j++) {
        const entry = 2 * products[row + n + j];
        hessian[i * p + j] = entry;
        hessian[j * p + i] = entry;
      }
    }
  }

  /** Gradient, and the second derivatives of one slot's own columns (math reference, 7.1). */
  private addOwnSlot(beta: number, j: number): void {
    const { slots: r, hessian, mixed, gradient, own } = this;
    const p = 2 * r;
    const [vr, vi] = [this.weightRe[j], this.weightIm[j]];
    const [q1r, q1i, q2r, q2i] = [own[4 * j], -own[4 * j + 1], own[4 * j + 2], -own[4 * j + 3]];
    const v1r = vr * q1r - vi * q1i;
    const v2r = vr * q2r - vi * q2i;
    const v2i = vr * q2i + vi * q2r;
    gradient[j] = -2 * beta * v1r;
    gradient[j + r] = 2 * (vr * q1i + vi * q1r);
    this.addRidgeGradient(beta, j);
    hessian[j * p + j] -= 2 * (beta * beta * v2r + beta * v1r);
    hessian[j * p + j + r] += 2 * beta * v2i;
    hessian[(j + r) * p + j] += 2 * beta * v2i;
    hessian[(j + r) * p + j + r] += 2 * v2r;
    mixed[j * p + j] -= 2 * beta * q1r;
    mixed[j * p + j + r] += 2 * q1i;
    mixed[(j + r) * p + j] += 2 * beta * q1i;
    mixed[(j + r) * p + j + r] += 2 * q1r;
  }

  /** The ridge's own part, from <A, delta> and <B, delta>; without it gradient and values disagree near convergence. */
  private addRidgeGradient(beta: number, j: number): void {
    const { unknowns: n, slots: r, gradient, products, stride } = this;
    const [vr, vi] = [this.weightRe[j], this.weightIm[j]];
    const size2 = vr * vr + vi * vi;
    if (size2 === 0) return;
    const [rho, omega] = [(n + j) * stride, (n + r + j) * stride];
    const [aRho, aOmega] = [products[rho + j] / beta, products[omega + j]];
    const [bRho, bOmega] = [products[rho + r + j] / beta, products[omega + r + j]];
    const ac = (vr * aRho - vi * aOmega) / size2;
    const ad = (vi * aRho + vr * aOmega) / size2;
    const bc = (vr * bRho - vi * bOmega) / size2;
    const bd = (vi * bRho + vr * bOmega) / size2;
    gradient[j] += 2 * this.ridge * beta * (vr * vr * ac + vi * vi * bd);
    gradient[j + r] += 2 * this.ridge * (vr * vr * ad - vi * vi * bc);
  }

  /** hessian <- hessian - 1/2 mixed^T A^{-1} mixed: weights and skip follow the poles. */
  private projectHessian(): void {
    const { unknowns: n, slots: r, hessian, mixed, factor, scale } = this;
    const p = 2 * r;
    for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) mixed[i * p + j] /= scale[i];
    solveLowerMany(factor, n, mixed, p);
    for (let i = 0; i < p; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += mixed[k * p + i] * mixed[k * p + j];
        const entry = hessian[i * p + j] - sum / 2;
        hessian[i * p + j] = entry;
        hessian[j * p + i] = entry;
      }
    }
  }
}
