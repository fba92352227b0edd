import type { Rank, Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { singleRidge } from '../searchEngine';
import type { PackedTargets } from '../weighted/packedTargets';
import { complexOps, type Complex, type Tf } from './complexTensors';
import { blocks, invert, type Point, type Poles } from './projection';
import { modeColumns, type TargetTensors } from './weightedColumns';

/** What T searches fit: targets on the device, those of the searches among them, and the slots in use, [T, r]. */
export interface Fit {
  readonly targets: PackedTargets;
  readonly grid: TargetTensors['grid'];
  readonly root: Tensor;
  readonly values: Tensor;
  readonly active: Tensor;
}

/** The least-squares problem of the weights at some poles, `n` unknowns: (Re v, Im v, skip). */
export interface Solved {
  /** Columns of the unknowns and of the derivatives, weighted: [T, n + 2r, 2M]. */
  readonly columns: Tensor;
  readonly gram: Tensor;
  /** Inverse of the normal equations scaled by `scale` [T, n, 1] from both sides. */
  readonly inverse: Tensor;
  readonly scale: Tensor;
  readonly u: Tensor;
  /** [T, 1, 2M] */
  readonly residual: Tensor;
  readonly value: Tensor;
  readonly second: Tensor;
}

/** [T, 1, M] twice, for real and imaginary parts. */
export function twice(tf: Tf, x: Tensor): Tensor {
  return tf.concat([x, x], 2);
}

export function solveWeights(tf: Tf, fit: Fit, poles: Poles): Solved {
  const { targets, grid, root, values, active } = fit;
  const r = poles.re.shape[1] ?? 0;
  const n = 2 * r + 1;
  const weight = tf.mul(twice(tf, root), tf.expandDims(active, 2));
  const { value, first, second } = modeColumns(tf, targets, grid, poles, true);
  const weighted = (pair: readonly Tensor[]): Tensor[] => pair.map((x) => tf.mul(x, weight));
  const skip = tf.concat([tf.mul(root, Number(targets.freeSkip)), tf.zerosLike(root)], 2);
  const columns = tf.concat([...weighted(value), skip, ...weighted(first)], 1);
  const gram = product(tf, columns, columns);
  const eye = tf.eye(n);
  const unknowns = tf.slice(columns, [0, 0, 0], [-1, n, -1]);
  const corner = tf.slice(gram, [0, 0, 0], [-1, n, n]);
  const diagonal = tf.sum(tf.mul(corner, eye), 2, true);
  const ridge = tf.concat([tf.fill([1, 2 * r, 1], singleRidge), tf.zeros([1, 1, 1])], 1);
  const raised = tf.mul(diagonal, tf.add(ridge, 1));
  const scale = tf.where(tf.greater(raised, 0), tf.sqrt(raised), tf.onesLike(raised));
  const scaled = tf.div(tf.div(corner, scale), tf.transpose(scale, [0, 2, 1]));
  const inverse = invert(tf, tf.add(tf.mul(scaled, tf.sub(1, eye)), eye), n);
  const solve = (x: Tensor): Tensor => tf.div(times(tf, inverse, tf.div(x, scale)), scale);
  const left = (u: Tensor): Tensor =>
    tf.sub(values, times(tf, tf.transpose(u, [0, 2, 1]), unknowns));
  const about = solve(product(tf, unknowns, values));
  // once more for what is left, which mends what was rounded off
  const held = tf.mul(tf.mul(about, diagonal), ridge);
  const u = tf.add(about, solve(tf.sub(product(tf, unknowns, left(about)), held)));
  const residual = left(u);
  const penalty = tf.sum(tf.mul(tf.mul(tf.square(u), diagonal), ridge), [1, 2]);
  return {
    ...{ columns, gram, inverse, scale, u, residual },
    value: tf.add(tf.sum(tf.square(residual), [1, 2]), penalty),
    second: tf.concat(weighted(second), 1),
  };
}

/** a b^T for matrices of T searches. */
export function product(tf: Tf, a: Tensor, b: Tensor): Tensor {
  return tf.matMul(a, b, false, true);
}

export function times(tf: Tf, a: Tensor, b: Tensor): Tensor {
  return tf.matMul(a, b);
}

/** `core/calibrate/weightedProjection` in single precision, many targets at once. */
export function projectWeighted(tf: Tf, fit: Fit, poles: Poles): Point {
  const ops = complexOps(tf);
  const r = poles.re.shape[1] ?? 0;
  const n = 2 * r + 1;
  const solved = solveWeights(tf, fit, poles);
  const { columns, gram, inverse, scale, u, residual, value } = solved;
  const slope = tf.slice(columns, [0, n, 0], [-1, -1, -1]);
  const own = product(tf, tf.concat([slope, solved.second], 1), residual);
  const slots = (x: Tensor, k: number): Tensor => tf.slice(x, [0, k * r, 0], [-1, r, -1]);
  const v: Complex = { re: slots(u, 0), im: slots(u, 1) };
  const q1: Complex = { re: slots(own, 0), im: tf.neg(slots(own, 1)) };
  const q2: Complex = { re: slots(own, 2), im: tf.neg(slots(own, 3)) };
  const [v1, v2] = [ops.mul(v, q1), ops.mul(v, q2)];
  const beta = tf.expandDims(poles.re, 2);
  const on = (diagonal: Tensor): Tensor => tf.mul(tf.eye(r), diagonal);
  // derivatives of the model as combinations of the slots' own two columns
  const mix = blocks(tf, {
    xx: on(tf.mul(beta, v.re)),
    xy: on(tf.mul(beta, v.im)),
    yx: on(tf.neg(v.im)),
    yy: on(v.re),
  });
  const across = on(tf.mul(2, tf.mul(beta, v2.im)));
  const bent = blocks(tf, {
    xx: on(tf.mul(-2, tf.mul(beta, tf.add(tf.mul(beta, v2.re), v1.re)))),
    xy: across,
    yx: across,
    yy: on(tf.mul(2, v2.re)),
  });
  const turned = blocks(tf, {
    xx: on(tf.mul(-2, tf.mul(beta, q1.re))),
    xy: on(tf.mul(2, q1.im)),
    yx: on(tf.mul(2, tf.mul(beta, q1.im))),
    yy: on(tf.mul(2, q1.re)),
  });
  const joint = times(tf, mix, product(tf, tf.slice(gram, [0, n, n], [-1, -1, -1]), mix));
  const crossed = product(tf, tf.slice(gram, [0, 0, n], [-1, n, -1]), mix);
  const mixed = tf.div(
    tf.add(
      tf.mul(2, crossed),
      tf.pad(turned as Tensor3D, [
        [0, 0],
        [0, 1],
        [0, 0],
      ]),
    ),
    scale,
  );
  const followed = tf.matMul(mixed, times(tf, inverse, mixed), true);
  return {
    value,
    gradient: tf.squeeze(tf.concat([tf.mul(tf.mul(beta, v1.re), -2), tf.mul(v1.im, 2)], 1), [2]),
    hessian: tf.sub(tf.add(tf.mul(2, joint), bent), tf.div(followed, 2)),
  };
}

/** What the loss of each slot costs [T, r], and what each trial pole would gain [T, C + N]. */
export function weighPoles(
  tf: Tf,
  fit: Fit,
  { shared, own }: { readonly shared: Tensor; readonly own: Tensor },
  poles: Poles,
): { readonly costs: Tensor; readonly gains: Tensor } {
  const r = poles.re.shape[1] ?? 0;
  const T = poles.re.shape[0];
  const n = 2 * r + 1;
  const { columns, inverse, scale, u, residual } = solveWeights(tf, fit, poles);
  const root = twice(tf, fit.root);
  const basis = tf.mul(tf.concat([tf.slice(columns, [0, 0, 0], [-1, n, -1]), residual], 1), root);
  const rows = root.shape[2] ?? 0;
  const power = tf.square(root);
  // products [T, poles, n + 1] of either column, and the columns' own
  const ofAll = (x: Tensor): Tensor => {
    const [left, right] = [x, basis].map((y) => tf.reshape<Rank.R2>(y, [-1, rows]));
    const flat = tf.matMul(left, right, false, true);
    return tf.transpose(tf.reshape(flat, [-1, T, n + 1]), [1, 0, 2]);
  };
  const halves = (x: Tensor): [Tensor, Tensor] => {
    const [a, b] = tf.split(x, 2, 1);
    return [a, b];
  };
  const [a, b] = halves(shared);
  const [c, d] = halves(own);
  const sizeOf = (x: Tensor, y: Tensor): Tensor => {
    const flat = tf.reshape<Rank.R2>(tf.mul(x, y), [-1, rows]);
    return tf.matMul(tf.reshape<Rank.R2>(power, [T, rows]), flat, false, true);
  };
  const ownSize = (x: Tensor, y: Tensor): Tensor => tf.sum(tf.mul(tf.mul(x, y), power), 2);
  const first = tf.concat([ofAll(a), product(tf, c, basis)], 1);
  const second = tf.concat([ofAll(b), product(tf, d, basis)], 1);
  const [a11, a12, a22] = [
    tf.concat([sizeOf(a, a), ownSize(c, c)], 1),
    tf.concat([sizeOf(a, b), ownSize(c, d)], 1),
    tf.concat([sizeOf(b, b), ownSize(d, d)], 1),
  ];
  const acrossScale = tf.transpose(scale, [0, 2, 1]);
  const [x1, x2] = [first, second].map((x) =>
    tf.div(tf.slice(x, [0, 0, 0], [-1, -1, n]), acrossScale),
  );
  const spanned = (x: Tensor, y: Tensor): Tensor => tf.sum(tf.mul(times(tf, x, inverse), y), 2);
  const b11 = tf.sub(a11, spanned(x1, x1));
  const b12 = tf.sub(a12, spanned(x1, x2));
  const b22 = tf.sub(a22, spanned(x2, x2));
  const [x, y] = [first, second].map((z) => tf.squeeze(tf.slice(z, [0, 0, n], [-1, -1, 1]), [2]));
  const determinant = tf.sub(tf.mul(b11, b22), tf.square(b12));
  const clear = tf.logicalAnd(
    tf.greater(determinant, tf.mul(1e-5, tf.mul(a11, a22))),
    tf.greater(b11, tf.mul(1e-3, a11)),
  );
  const gain = tf.div(quadratic(tf, [x, y], [b11, b12, b22]), tf.maximum(determinant, 1e-30));
  return {
    costs: removalCosts(tf, { inverse, scale, u }, fit.active, r),
    gains: tf.where(clear, gain, tf.fill(gain.shape, -1)),
  };
}

/** x² c - 2 x y b + y² a */
function quadratic(tf: Tf, [x, y]: readonly Tensor[], [a, b, c]: readonly Tensor[]): Tensor {
  const outer = tf.add(tf.mul(tf.square(x), c), tf.mul(tf.square(y), a));
  return tf.sub(outer, tf.mul(2, tf.mul(tf.mul(x, y), b)));
}

function removalCosts(
  tf: Tf,
  { inverse, scale, u }: Pick<Solved, 'inverse' | 'scale' | 'u'>,
  active: Tensor,
  r: number,
): Tensor {
  const whole = tf.div(tf.div(inverse, scale), tf.transpose(scale, [0, 2, 1]));
  const block = (i: number, j: number): Tensor =>
    tf.sum(tf.mul(tf.slice(whole, [0, i * r, j * r], [-1, r, r]), tf.eye(r)), 2);
  const half = (k: number): Tensor => tf.squeeze(tf.slice(u, [0, k * r, 0], [-1, r, 1]), [2]);
  const [a, b, c] = [block(0, 0), block(0, 1), block(1, 1)];
  const determinant = tf.maximum(tf.sub(tf.mul(a, c), tf.square(b)), 1e-30);
  const cost = tf.div(quadratic(tf, [half(0), half(1)], [a, b, c]), determinant);
  return tf.where(tf.greater(active, 0.5), cost, tf.fill(cost.shape, 1e30));
}
