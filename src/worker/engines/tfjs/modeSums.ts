import type { Tensor } from '@tensorflow/tfjs-core';
import { nearLimit } from '../packedBatch';
import { complexOps, type Complex, type Tf } from './complexTensors';

/** Poles as tensors; `high` and `low` are turns over the span. */
export interface PoleTensors {
  readonly re: Tensor;
  readonly high: Tensor;
  readonly low: Tensor;
  /** e^{Re a} - 1 */
  readonly growth: Tensor;
  /** e^{L a}; zero for an infinite horizon. */
  readonly end: Complex;
}

export interface Span {
  readonly span: number;
  readonly finite: boolean;
  readonly near: boolean;
}

/** Taylor coefficients of sin and cos at x = pi f, in powers of f². */
const sinTerms = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800].map(
  (c, k) => c * Math.PI ** (2 * k + 1),
);
const cosTerms = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600].map(
  (c, k) => c * Math.PI ** (2 * k),
);

/**
 * sin and cos of half of f turns, |f| ≤ 1/2, by polynomials: devices promise no more than eleven bits of their own.
 */
export function halfTurn(tf: Tf, f: Tensor): { readonly sin: Tensor; readonly cos: Tensor } {
  const square = tf.square(f);
  return {
    sin: tf.mul(f, polynomial(tf, sinTerms, square)),
    cos: polynomial(tf, cosTerms, square),
  };
}

function polynomial(tf: Tf, terms: readonly number[], x: Tensor): Tensor {
  let sum = tf.add(tf.mul(x, terms[terms.length - 1]), terms[terms.length - 2]);
  for (let k = terms.length - 3; k >= 0; k--) sum = tf.add(tf.mul(sum, x), terms[k]);
  return sum;
}

/** e^{2 pi i f}, |f| ≤ 1/2. */
export function turn(tf: Tf, f: Tensor): Complex {
  const { sin, cos } = halfTurn(tf, f);
  return { re: tf.sub(1, tf.mul(2, tf.square(sin))), im: tf.mul(2, tf.mul(sin, cos)) };
}

/** x - round(x) */
export function fraction(tf: Tf, x: Tensor): Tensor {
  return tf.sub(x, tf.round(x));
}

/** e^x - 1 for x ≤ 0. */
export function growthOf(tf: Tf, x: Tensor): Tensor {
  const terms = [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320];
  const small = tf.mul(x, polynomial(tf, terms, tf.maximum(x, -0.5)));
  return tf.where(tf.greater(x, -0.5), small, tf.sub(tf.exp(x), 1));
}

/**
 * S(s) = sum_{k<L} e^{ks} with s = row + column, and its first two derivatives (math reference, 2). Rows are
 * [T, R, 1], columns [T, 1, M], results [T, R, M].
 */
export function modeSums(
  tf: Tf,
  row: PoleTensors,
  column: PoleTensors,
  { span, finite, near }: Span,
): readonly [Complex, Complex, Complex] {
  const ops = complexOps(tf);
  const { m, z, end, w } = geometric(tf, row, column, span);
  const scale = finite ? span : 0;
  const s0 = ops.mul(ops.shift(end, -1), m);
  const s1 = ops.mul(ops.sub(ops.scale(end, scale), ops.mul(s0, z)), m);
  const both = ops.add(ops.scale(s1, 2), s0);
  const s2 = ops.mul(ops.sub(ops.scale(end, scale * scale), ops.mul(both, z)), m);
  if (!near) return [s0, s1, s2];
  const isNear = isNearZero(tf, w);
  const series = nearSums(tf, w, span);
  return [
    ops.where(isNear, series[0], s0),
    ops.where(isNear, series[1], s1),
    ops.where(isNear, series[2], s2),
  ];
}

/** The third derivative, from S and the first two, for a finite horizon. */
export function thirdSum(
  tf: Tf,
  row: PoleTensors,
  column: PoleTensors,
  { span }: Span,
  [s0, s1, s2]: readonly [Complex, Complex, Complex],
): Complex {
  const ops = complexOps(tf);
  const { m, z, end, w } = geometric(tf, row, column, span);
  const all = ops.add(ops.scale(ops.add(s2, s1), 3), s0);
  const far = ops.mul(ops.sub(ops.scale(end, span ** 3), ops.mul(all, z)), m);
  const f = [1, 2, 3].map((p) => ops.scale(horner(tf, seriesTerms(p), w), span ** (p + 1)));
  const s = ops.scale(w, 1 / span);
  const [b0, b1] = [horner(tf, [1, -1 / 2, 1 / 12], s), horner(tf, [-1 / 2, 1 / 6], s)];
  const most = ops.add(ops.mul(f[2], b0), ops.scale(ops.mul(f[1], b1), 3));
  return ops.where(isNearZero(tf, w), ops.add(most, ops.scale(f[0], 0.5)), far);
}

/** z = e^s, z^L, 1 / (z - 1) and w = L s. */
function geometric(
  tf: Tf,
  row: PoleTensors,
  column: PoleTensors,
  span: number,
): { readonly m: Complex; readonly z: Complex; readonly end: Complex; readonly w: Complex } {
  const ops = complexOps(tf);
  // whole turns a step leave out what does not count, before anything is rounded
  const wraps = tf.round(tf.div(tf.add(row.high, column.high), span));
  const high = tf.add(tf.sub(column.high, tf.mul(wraps, span)), row.high);
  const turns = tf.add(high, tf.add(row.low, column.low));
  const growth = tf.add(tf.add(row.growth, column.growth), tf.mul(row.growth, column.growth));
  const { sin, cos } = halfTurn(tf, tf.div(turns, span));
  const twice = tf.mul(2, tf.square(sin));
  const g: Complex = {
    re: tf.sub(tf.mul(growth, tf.sub(1, twice)), twice),
    im: tf.mul(tf.add(growth, 1), tf.mul(2, tf.mul(sin, cos))),
  };
  const z = ops.shift(g, 1);
  const end = ops.mul(row.end, column.end);
  const m = ops.inverse(g);
  const w: Complex = {
    re: tf.mul(tf.add(row.re, column.re), span),
    im: tf.mul(turns, 2 * Math.PI),
  };
  return { m, z, end, w };
}

function isNearZero(tf: Tf, w: Complex): Tensor {
  return tf.less(tf.add(tf.square(w.re), tf.square(w.im)), nearLimit * nearLimit);
}

/** The same for small w = L s, from (e^w - 1) / w and s / (e^s - 1) in powers. */
function nearSums(tf: Tf, w: Complex, span: number): readonly [Complex, Complex, Complex] {
  const ops = complexOps(tf);
  const f = [0, 1, 2].map((p) => ops.scale(horner(tf, seriesTerms(p), w), span ** (p + 1)));
  const s = ops.scale(w, 1 / span);
  const b0 = horner(tf, [1, -1 / 2, 1 / 12], s);
  const b1 = horner(tf, [-1 / 2, 1 / 6], s);
  const s0 = ops.mul(f[0], b0);
  const s1 = ops.add(ops.mul(f[1], b0), ops.mul(f[0], b1));
  const last = ops.add(ops.scale(ops.mul(f[1], b1), 2), ops.scale(f[0], 1 / 6));
  return [s0, s1, ops.add(ops.mul(f[2], b0), last)];
}

/** Coefficients of the p-th derivative of (e^w - 1) / w. */
function seriesTerms(p: number): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  return Array.from(
    { length: 6 },
    (_, k) => factorial(k + p) / (factorial(k) * factorial(k + p + 1)),
  );
}

function horner(tf: Tf, terms: readonly number[], x: Complex): Complex {
  const ops = complexOps(tf);
  const n = terms.length;
  let sum = ops.shift(ops.scale(x, terms[n - 1]), terms[n - 2]);
  for (let k = n - 3; k >= 0; k--) sum = ops.shift(ops.mul(sum, x), terms[k]);
  return sum;
}
