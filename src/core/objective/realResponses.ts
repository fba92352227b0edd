import { multiplyByTransposed, multiplyTransposed } from '../linalg/realMatrix';
import { createPoleSet, type PoleSet } from '../systems/poleSet';
import { pairSums } from './pairSums';

/**
 * Modes with input rows, for real responses: the 2n real functions Re(b_i^T e^{a_i k}) and Re(i b_i^T e^{a_i k}),
 * ordered (all real, all imaginary), which the outputs combine with (Re c_i) and (Im c_i).
 */
export interface InputModes {
  readonly poles: PoleSet;
  /** Re b_i in row i, Im b_i in row n + i: 2n × m. */
  readonly inputs: Float64Array;
}

export function createInputModes(count: number, m: number, horizon: number): InputModes {
  return { poles: createPoleSet(count, horizon), inputs: new Float64Array(2 * count * m) };
}

/** The inner products of the functions of two sets, with what their derivatives need. */
export interface CrossProducts {
  readonly rows: number;
  readonly cols: number;
  readonly inputs: number;
  /** T, 2 rows × 2 cols: sum_k <f_i, g_j> over the horizon. */
  readonly products: Float64Array;
  /** [Re b; Im b] of the one set times that of the other, transposed: 2 rows × 2 cols. */
  readonly inner: Float64Array;
  /** S, S' at conj a_i + b_j, then at a_i + b_j: 8 numbers a pair. */
  readonly sums: Float64Array;
}

export function createCrossProducts(rows: number, cols: number, inputs: number): CrossProducts {
  const size = 4 * rows * cols;
  return {
    rows,
    cols,
    inputs,
    products: new Float64Array(size),
    inner: new Float64Array(size),
    sums: new Float64Array(2 * size),
  };
}

/**
 * Fills T for two sets of modes: with X = (B B^^H) .* S(a_i + conj b_j), Y = (B B^^T) .* S(a_i + b_j), P = (X + Y) / 2 and
 * Q = (X - Y) / 2 (math reference 2.1, 7.1),
 *     T = [[Re P, Im Q], [-Im P, Re Q]].
 * @param raised factor of the squared norm |b_i|² S(2 Re a_i), where the two sets are the same
 */
export function fillCrossProducts(
  cross: CrossProducts,
  full: InputModes,
  reduced: InputModes,
  order: 0 | 1,
  raised = 1,
): void {
  const { rows: n, cols: r, inputs: m, products: T, inner: W, sums } = cross;
  multiplyByTransposed(full.inputs, reduced.inputs, W, 2 * n, m, 2 * r);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < r; j++) {
      const at = 8 * (i * r + j);
      pairSums(full.poles, i, reduced.poles, j, order, sums, at, 4);
      if (raised !== 1 && i === j) for (let k = 0; k < 4; k++) sums[at + k] *= raised;
      const top = i * 2 * r + j;
      const low = top + n * 2 * r;
      const [w11, w12, w21, w22] = [W[top], W[top + r], W[low], W[low + r]];
      // S stands at conj a + b; X needs a + conj b
      const [sr, si, tr, ti] = [sums[at], -sums[at + 1], sums[at + 4], sums[at + 5]];
      const [er, ei] = [w11 + w22, w21 - w12];
      const [fr, fi] = [w11 - w22, w21 + w12];
      const [xr, xi] = [er * sr - ei * si, er * si + ei * sr];
      const [yr, yi] = [fr * tr - fi * ti, fr * ti + fi * tr];
      T[top] = (xr + yr) / 2;
      T[top + r] = (xi - yi) / 2;
      T[low] = -(xi + yi) / 2;
      T[low + r] = (xr - yr) / 2;
    }
  }
}

/** Gradients in the poles (d/dRe, d/dIm) and input rows of the second set; accumulated. */
export interface ModesGradient {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly inputs: Float64Array;
}

/**
 * Adds factor times the gradient in the second set's parameters of sum_ij G_ij T_ij, for the T last filled with order 1.
 * @param scratch 2 rows × 2 cols + 2 cols × m numbers
 */
export function addProductGradient(
  cross: CrossProducts,
  full: InputModes,
  G: Float64Array,
  factor: number,
  gradient: ModesGradient,
  scratch: Float64Array,
): void {
  const { rows: n, cols: r, inputs: m, inner: W, sums } = cross;
  const half = factor / 2;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < r; j++) {
      const at = 8 * (i * r + j);
      const top = i * 2 * r + j;
      const low = top + n * 2 * r;
      const [w11, w12, w21, w22] = [W[top], W[top + r], W[low], W[low + r]];
      // adjoints of X and Y: P gets (G11, -G21), Q gets (G22, G12)
      const [pr, pi, qr, qi] = [G[top], -G[low], G[low + r], G[top + r]];
      const [xr, xi] = [half * (pr + qr), half * (pi + qi)];
      const [yr, yi] = [half * (pr - qr), half * (pi - qi)];
      const [er, ei] = [w11 + w22, w21 - w12];
      const [fr, fi] = [w11 - w22, w21 + w12];
      // d X = E S' d(conj b): z = conj(xbar) E S' adds z; d Y = F T' db: conj(ybar) F T' adds its conjugate
      const [dr, di] = [sums[at + 2], -sums[at + 3]];
      const [hr, hi] = [sums[at + 6], sums[at + 7]];
      const [ar, ai] = [er * dr - ei * di, er * di + ei * dr];
      const [br, bi] = [fr * hr - fi * hi, fr * hi + fi * hr];
      gradient.re[j] += xr * ar + xi * ai + yr * br + yi * bi;
      gradient.im[j] += xr * ai - xi * ar - (yr * bi - yi * br);
      // adjoints of E and F: xbar conj(S), ybar conj(T)
      const [sr, si, tr, ti] = [sums[at], -sums[at + 1], sums[at + 4], sums[at + 5]];
      const [ur, ui] = [xr * sr + xi * si, xi * sr - xr * si];
      const [vr, vi] = [yr * tr + yi * ti, yi * tr - yr * ti];
      scratch[top] = ur + vr;
      scratch[top + r] = vi - ui;
      scratch[low] = ui + vi;
      scratch[low + r] = ur - vr;
    }
  }
  const product = scratch.subarray(4 * n * r, 4 * n * r + 2 * r * m);
  multiplyTransposed(scratch, full.inputs, product, 2 * r, 2 * n, m);
  for (let k = 0; k < product.length; k++) gradient.inputs[k] += product[k];
}
