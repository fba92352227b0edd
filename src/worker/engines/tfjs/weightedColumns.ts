import type { Tensor } from '@tensorflow/tfjs-core';
import type { PackedPoles } from '../packedBatch';
import type { PackedTargets } from '../weighted/packedTargets';
import { complexOps, type Complex, type Tf } from './complexTensors';
import { fraction, growthOf, modeSums, thirdSum, turn, type PoleTensors } from './modeSums';

/** Targets on the device: the grid as poles [1, 1, M], roots [T, 1, M], values [T, 1, 2M], trial poles' columns. */
export interface TargetTensors {
  readonly grid: PoleTensors;
  readonly root: Tensor;
  readonly values: Tensor;
  /** Unweighted columns [1, 2C, 2M] that all targets share, and [T, 2N, 2M] of each. */
  readonly shared: Tensor;
  readonly own: Tensor;
}

/** Columns of poles, [T, r, 2M] each: of the modes' two directions, and their derivatives. */
export interface Columns {
  readonly value: readonly [Tensor, Tensor];
  readonly first: readonly [Tensor, Tensor];
  readonly second: readonly [Tensor, Tensor];
}

export function targetTensors(tf: Tf, targets: PackedTargets): TargetTensors {
  const { count, points: M, root, values, grid: g, trials, shared, own } = targets;
  const row = (x: Float32Array): Tensor => tf.tensor3d(x, [1, 1, M]);
  const grid = {
    re: tf.zeros([1, 1, M]),
    high: row(g.high.map((x) => -x)),
    low: row(g.low.map((x) => -x)),
    growth: tf.zeros([1, 1, M]),
    end: { re: row(g.endRe), im: row(g.endIm.map((x) => -x)) },
  };
  const part = (x: Float32Array, from: number, rows: number, length: number): Tensor =>
    tf.tensor2d(x.slice(from, from + rows * length), [rows, length]);
  const trial = (from: number, rows: number, length: number): Tensor => {
    const poles = {
      re: part(trials.re, from, rows, length),
      high: part(trials.high, from, rows, length),
      low: part(trials.low, from, rows, length),
    };
    const { value } = modeColumns(tf, targets, grid, poles, false);
    return tf.concat([...value], 1);
  };
  return {
    grid,
    root: tf.tensor3d(root, [count, 1, M]),
    values: tf.tensor3d(values, [count, 1, 2 * M]),
    shared: trial(0, 1, shared),
    own: trial(shared, count, own),
  };
}

/**
 * The columns of `core/calibrate/modeTransform` for poles [T, r], not weighted yet; without their derivatives where they
 * are not wanted (those tensors are empty then).
 */
export function modeColumns(
  tf: Tf,
  { span, taper }: Pick<PackedTargets, 'span' | 'taper'>,
  grid: PoleTensors,
  { re, high, low }: { readonly [K in keyof PackedPoles]: Tensor },
  derivatives: boolean,
): Columns {
  const ops = complexOps(tf);
  const up = (x: Tensor): Tensor => tf.expandDims(x, 2);
  const phase = turn(tf, fraction(tf, tf.add(fraction(tf, high), fraction(tf, low))));
  const size = tf.exp(tf.mul(re, span));
  const end: Complex = { re: up(tf.mul(size, phase.re)), im: up(tf.mul(size, phase.im)) };
  const pole = { re: up(re), high: up(high), low: up(low), growth: up(growthOf(tf, re)), end };
  const mirrored = {
    ...pole,
    high: tf.neg(pole.high),
    low: tf.neg(pole.low),
    end: ops.conj(end),
  };
  const sides = [pole, mirrored].map((one) => {
    const where = { span, finite: true, near: true };
    const sums = modeSums(tf, one, grid, where);
    const tapered = (a: Complex, b: Complex): Complex => ops.sub(a, ops.scale(b, taper));
    const value = tapered(sums[0], sums[1]);
    if (!derivatives) return [value];
    const last = thirdSum(tf, one, grid, where, sums);
    return [value, tapered(sums[1], sums[2]), tapered(sums[2], last)];
  });
  const columns = (p: number): [Tensor, Tensor] => {
    const [x, y] = sides.map((side) => side[p]);
    const [sum, difference] = [ops.scale(ops.add(x, y), 0.5), ops.scale(ops.sub(x, y), 0.5)];
    const parts = (a: Tensor, b: Tensor): Tensor => tf.concat([a, b], 2);
    return [parts(sum.re, sum.im), parts(tf.neg(difference.im), difference.re)];
  };
  if (!derivatives) return { value: columns(0), first: columns(0), second: columns(0) };
  return { value: columns(0), first: columns(1), second: columns(2) };
}
