import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { singleRidge } from '../searchEngine';
import { complexOps, type Complex, type Tf } from './complexTensors';
import { modeSums, turn, fraction, growthOf, type PoleTensors, type Span } from './modeSums';

/** The least pivot of a matrix with unit diagonal. */
const leastPivot = 1e-7;

/** Reduced poles of T searches, [T, r]. */
export interface Poles {
  readonly re: Tensor;
  readonly high: Tensor;
  readonly low: Tensor;
}

/** The systems of T searches: poles [T, 1, N], weights [T, N, 2] as (Re, Im). */
export interface Systems {
  readonly poles: PoleTensors;
  readonly weights: Tensor;
}

/** J [T], gradient [T, 2r] and Hessian [T, 2r, 2r] in (log(-Re b), Im b). */
export interface Point {
  readonly value: Tensor;
  readonly gradient: Tensor;
  readonly hessian: Tensor;
}

/**
 * The variable projection of `core/objective/varpro` in single precision, many systems at once: what it says of unknowns,
 * variables and their order holds here too.
 */
export function project(tf: Tf, systems: Systems, b: Poles, span: Span): Point {
  const ops = complexOps(tf);
  const r = b.re.shape[1] ?? 0;
  const N = systems.weights.shape[1] ?? 0;
  const rows = rowsOf(tf, b, span);
  const sums = modeSums(tf, rows, columnsOf(tf, systems.poles, rows, r), span);
  const eye = tf.expandDims(tf.eye(r), 0);
  const [cross, own] = [sums.map((s) => crossSums(tf, s, systems.weights, N)), [] as Halves[]];
  for (const s of sums) {
    const [S, T] = halves(
      tf,
      ops.map(s, (part) => tf.slice(part, [0, 0, N], [-1, -1, r])),
      r,
    );
    own.push([ops.mul(S, { re: tf.add(1, tf.mul(eye, singleRidge)), im: tf.zerosLike(eye) }), T]);
  }
  const gram = blocks(tf, halfSum(tf, own[0]));
  const rhs = tf.concat(
    [
      tf.div(tf.add(cross[0][0].re, cross[0][1].re), 2),
      tf.div(tf.sub(cross[0][0].im, cross[0][1].im), 2),
    ],
    1,
  );
  const scale = tf.sqrt(tf.sum(tf.mul(gram, tf.eye(2 * r)), 2));
  const column = tf.expandDims(scale, 2);
  const scaledGram = tf.div<Tensor3D>(tf.div(gram, column), tf.expandDims(scale, 1));
  const scaledRhs = tf.div<Tensor3D>(tf.expandDims(rhs, 2), column);
  const inverse = invert(tf, scaledGram, 2 * r);
  const u = tf.div(solve(tf, scaledGram, inverse as Tensor3D, scaledRhs), column);
  const missing = tf.sub(
    tf.matMul(gram as Tensor3D, u as Tensor3D),
    tf.mul(2, tf.expandDims(rhs, 2)),
  );
  const value = tf.add(1, tf.sum(tf.mul(u, missing), [1, 2]));
  const weights: Complex = {
    re: tf.slice(u, [0, 0, 0], [-1, r, -1]),
    im: tf.slice(u, [0, r, 0], [-1, r, -1]),
  };
  const q1 = errorSum(tf, cross[1], own[1], weights);
  const q2 = errorSum(tf, cross[2], own[2], weights);
  return {
    value,
    ...derivatives(tf, {
      weights,
      beta: tf.expandDims(b.re, 2),
      own,
      q1,
      q2,
      eye,
      inverse,
      column,
    }),
  };
}

/** Conjugated and plain rows: sums of conj(b_i) + …, and of b_i + …. */
type Halves = readonly [Complex, Complex];

function halves(tf: Tf, { re, im }: Complex, r: number): Halves {
  const half = (from: number): Complex => ({
    re: tf.slice(re, [0, from, 0], [-1, r, -1]),
    im: tf.slice(im, [0, from, 0], [-1, r, -1]),
  });
  return [half(0), half(r)];
}

/** The reduced poles as rows [T, 2r, 1], conjugated first. */
function rowsOf(tf: Tf, b: Poles, { span, finite }: Span): PoleTensors {
  const twice = (x: Tensor): Tensor => tf.expandDims(tf.concat([x, x], 1), 2);
  const both = (x: Tensor): Tensor => tf.expandDims(tf.concat([tf.neg(x), x], 1), 2);
  const growth = growthOf(tf, b.re);
  const size = finite ? tf.exp(tf.mul(b.re, span)) : tf.zerosLike(b.re);
  const phase = turn(tf, fraction(tf, tf.add(fraction(tf, b.high), fraction(tf, b.low))));
  return {
    re: twice(b.re),
    high: both(b.high),
    low: both(b.low),
    growth: twice(growth),
    end: { re: twice(tf.mul(size, phase.re)), im: both(tf.mul(size, phase.im)) },
  };
}

/** The poles of the systems and the reduced ones as columns [T, 1, N + r]. */
function columnsOf(tf: Tf, full: PoleTensors, rows: PoleTensors, r: number): PoleTensors {
  const join = (a: Tensor, b: Tensor): Tensor =>
    tf.concat([a, tf.reshape(tf.slice(b, [0, r, 0], [-1, r, 1]), [-1, 1, r])], 2);
  return {
    re: join(full.re, rows.re),
    high: join(full.high, rows.high),
    low: join(full.low, rows.low),
    growth: join(full.growth, rows.growth),
    end: { re: join(full.end.re, rows.end.re), im: join(full.end.im, rows.end.im) },
  };
}

/** sum_k S(… + a_k) w_k over the full poles: both halves [T, r]. */
function crossSums(tf: Tf, sums: Complex, weights: Tensor, N: number): Halves {
  const weigh = (part: Tensor): Tensor =>
    tf.matMul(tf.slice(part, [0, 0, 0], [-1, -1, N]), weights);
  const [a, b] = [weigh(sums.re), weigh(sums.im)];
  const at = (x: Tensor, k: number): Tensor => tf.slice(x, [0, 0, k], [-1, -1, 1]);
  const total: Complex = {
    re: tf.sub(at(a, 0), at(b, 1)),
    im: tf.add(at(a, 1), at(b, 0)),
  };
  const r = (sums.re.shape[1] ?? 0) / 2;
  const [first, second] = halves(tf, total, r);
  const flat = ({ re, im }: Complex): Complex => ({
    re: tf.reshape(re, [-1, r]),
    im: tf.reshape(im, [-1, r]),
  });
  return [flat(first), flat(second)];
}

interface Quarters {
  readonly xx: Tensor;
  readonly xy: Tensor;
  readonly yx: Tensor;
  readonly yy: Tensor;
}

export function blocks(tf: Tf, { xx, xy, yx, yy }: Quarters): Tensor {
  return tf.concat([tf.concat([xx, xy], 2), tf.concat([yx, yy], 2)], 1);
}

/** <Re(alpha phi_i), Re(beta phi_j)> for alpha, beta in {1, i} from the two sums. */
function halfSum(tf: Tf, [S, T]: Halves): Quarters {
  return {
    xx: tf.div(tf.add(S.re, T.re), 2),
    xy: tf.div(tf.add(S.im, T.im), -2),
    yx: tf.div(tf.sub(S.im, T.im), 2),
    yy: tf.div(tf.sub(S.re, T.re), 2),
  };
}

/** q of the error system (`VariableProjection.errorSums`), [T, r, 1]. */
function errorSum(tf: Tf, [C, D]: Halves, [S, T]: Halves, weights: Complex): Complex {
  const ops = complexOps(tf);
  const times = (M: Complex): Complex => {
    const product = (a: Tensor, b: Tensor): Tensor => tf.matMul(a, b);
    return {
      re: tf.sub(product(M.re, weights.re), product(M.im, weights.im)),
      im: tf.add(product(M.re, weights.im), product(M.im, weights.re)),
    };
  };
  const full = ops.map(ops.add(D, ops.conj(C)), (part) => tf.expandDims(part, 2));
  const own = ops.add(times(T), ops.conj(times(S)));
  return ops.scale(ops.sub(full, own), 0.5);
}

interface Parts {
  readonly weights: Complex;
  readonly beta: Tensor;
  readonly own: readonly Halves[];
  readonly q1: Complex;
  readonly q2: Complex;
  readonly eye: Tensor;
  readonly inverse: Tensor;
  readonly column: Tensor;
}

/** Gradient and Hessian as `VariableProjection.differentiate` has them. */
function derivatives(
  tf: Tf,
  { weights: v, beta, own, q1, q2, eye, inverse, column }: Parts,
): Pick<Point, 'gradient' | 'hessian'> {
  const ops = complexOps(tf);
  const vq1 = ops.mul(v, q1);
  const vq2 = ops.mul(v, q2);
  const gradient = tf.squeeze(
    tf.concat([tf.mul(tf.mul(beta, vq1.re), -2), tf.mul(vq1.im, 2)], 1),
    [2],
  );
  const across = (x: Complex): Complex => ops.map(x, (part) => tf.transpose(part, [0, 2, 1]));
  const w = across(v);
  const betaAcross = tf.transpose(beta, [0, 2, 1]);
  const s = ops.mul(ops.mul(ops.conj(v), w), own[2][0]);
  const t = ops.mul(ops.mul(v, w), own[2][1]);
  const x = ops.mul(w, own[1][0]);
  const y = ops.mul(w, own[1][1]);
  const on = (diagonal: Tensor): Tensor => tf.mul(eye, diagonal);
  const curvature = on(tf.mul(2, tf.mul(beta, vq2.im)));
  const decay = on(tf.mul(2, tf.add(tf.mul(tf.square(beta), vq2.re), tf.mul(beta, vq1.re))));
  const joint = blocks(tf, {
    xx: tf.sub(tf.mul(tf.mul(beta, betaAcross), tf.add(s.re, t.re)), decay),
    xy: tf.add(tf.neg(tf.mul(beta, tf.add(s.im, t.im))), curvature),
    yx: tf.add(tf.mul(betaAcross, tf.sub(s.im, t.im)), curvature),
    yy: tf.add(tf.sub(s.re, t.re), on(tf.mul(2, vq2.re))),
  });
  const slope = on(tf.mul(2, tf.mul(beta, q1.re)));
  const bend = on(tf.mul(2, q1.im));
  const turned = on(tf.mul(2, tf.mul(beta, q1.im)));
  const mixed = tf.div<Tensor3D>(
    blocks(tf, {
      xx: tf.sub(tf.mul(betaAcross, tf.add(x.re, y.re)), slope),
      xy: tf.add(tf.neg(tf.add(x.im, y.im)), bend),
      yx: tf.add(tf.mul(betaAcross, tf.sub(x.im, y.im)), turned),
      yy: tf.add(tf.sub(x.re, y.re), on(tf.mul(2, q1.re))),
    }),
    column,
  );
  const followed = tf.matMul(mixed, tf.matMul(inverse as Tensor3D, mixed), true);
  return { gradient, hessian: tf.sub(joint, tf.div(followed, 2)) };
}

/** The solution by an inverse in single precision, once refined: where poles nearly coincide the inverse alone is too rough. */
export function solve(tf: Tf, matrix: Tensor3D, inverse: Tensor3D, rhs: Tensor3D): Tensor3D {
  const first = tf.matMul(inverse, rhs);
  return tf.add(first, tf.matMul(inverse, tf.sub(rhs, tf.matMul(matrix, first))));
}

/**
 * Inverses of symmetric positive definite matrices with diagonals near 1, [T, n, n], by sweeping one row after another;
 * pivots are kept away from zero.
 */
export function invert(tf: Tf, matrices: Tensor, n: number): Tensor {
  const eye = tf.eye(n);
  let swept = matrices;
  for (let k = 0; k < n; k++) {
    const unit = tf.slice(eye, [k, 0], [1, n]);
    const row = tf.slice(swept, [0, k, 0], [-1, 1, n]);
    const pivot = tf.maximum(tf.slice(row, [0, 0, k], [-1, 1, 1]), leastPivot);
    const left = tf.sub(row, unit);
    const outer = tf.mul(tf.transpose(left, [0, 2, 1]), tf.div(left, pivot));
    const corner = tf.mul(2, tf.mul(tf.transpose(unit), unit));
    swept = tf.sub(tf.sub(swept, outer), corner);
  }
  return tf.neg(swept);
}
