import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { fastestDecay, leastAngle } from '../../../core/solve/newtonSearch';
import type { PackedBatch } from '../packedBatch';
import { tidied, type Tf } from './complexTensors';
import { invert, project, type Point, type Poles, type Systems } from './projection';

/** Rounds of the iteration for the sign of the Hessian: each makes small eigenvalues half as large again. */
const signRounds = 18;
const firstDamping = 1e-3;
const leastDamping = 1e-5;
const mostDamping = 1e4;

/** Where all searches stand: the poles, what is known there, and how careful the next step of each is, [T, 1]. */
interface State extends Point, Poles {
  readonly damping: Tensor;
}

/** Poles and values after some steps, as arrays. */
export interface Searched {
  readonly re: Float32Array;
  readonly high: Float32Array;
  readonly low: Float32Array;
  readonly value: Float32Array;
}

/** Where searches may be, and in which units. */
type Region = Pick<PackedBatch, 'span' | 'finite' | 'slots'>;

/** What is searched: J with its derivatives at poles. */
type Evaluate = (poles: Poles) => Point;

/** The steps of `newtonSearch` in single precision, for all searches of a batch at once. */
export async function searchBatch(tf: Tf, batch: PackedBatch, steps: number): Promise<Searched> {
  const systems = tidied(tf, () => systemTensors(tf, batch));
  const start = tidied(tf, () => startPoles(tf, batch));
  const slowest = tf.tensor2d(batch.slowest, [batch.searches, 1]);
  try {
    const evaluate: Evaluate = (poles) => project(tf, systems, poles, batch);
    return await descend(tf, batch, evaluate, start, slowest, steps);
  } finally {
    tf.dispose({ ...start });
    tf.dispose([slowest, systems.weights, ...tensorsOf(systems)]);
  }
}

/** Saddle-free steps of any objective from poles [T, r], never slower than [T, 1]. */
export async function descend(
  tf: Tf,
  region: Region,
  evaluate: Evaluate,
  start: Poles,
  slowest: Tensor,
  steps: number,
): Promise<Searched> {
  let state: State = tidied(tf, () => ({
    ...{ re: tf.clone(start.re), high: tf.clone(start.high), low: tf.clone(start.low) },
    ...evaluate(start),
    damping: tf.fill([start.re.shape[0], 1], firstDamping),
  }));
  try {
    for (let k = 0; k < steps; k++) {
      const next = tidied(tf, () => advance(tf, region, evaluate, state, slowest));
      tf.dispose({ ...state });
      state = next;
    }
    const [re, high, low, value] = await Promise.all(
      [state.re, state.high, state.low, state.value].map((x) => x.data<'float32'>()),
    );
    return { re, high, low, value };
  } finally {
    tf.dispose({ ...state });
  }
}

/** J and its gradient at the starts. */
export async function differentiateBatch(
  tf: Tf,
  batch: PackedBatch,
): Promise<{ readonly value: Float32Array; readonly gradient: Float32Array }> {
  const point = tidied(tf, () => {
    const poles = startPoles(tf, batch);
    const { value, gradient } = project(tf, systemTensors(tf, batch), poles, batch);
    return { value, gradient };
  });
  try {
    const [value, gradient] = await Promise.all(
      [point.value, point.gradient].map((x) => x.data<'float32'>()),
    );
    return { value, gradient };
  } finally {
    tf.dispose(point);
  }
}

function systemTensors(tf: Tf, batch: PackedBatch): Systems {
  const { searches: T, systemSlots: N, full } = batch;
  const row = (values: Float32Array): Tensor => tf.tensor3d(values, [T, 1, N]);
  return {
    poles: {
      re: row(full.re),
      high: row(full.high),
      low: row(full.low),
      growth: row(batch.fullGrowth),
      end: { re: row(batch.fullEndRe), im: row(batch.fullEndIm) },
    },
    weights: tf.stack(
      [tf.tensor2d(batch.weightRe, [T, N]), tf.tensor2d(batch.weightIm, [T, N])],
      2,
    ),
  };
}

function tensorsOf({ poles }: Systems): Tensor[] {
  return [poles.re, poles.high, poles.low, poles.growth, poles.end.re, poles.end.im];
}

function startPoles(tf: Tf, batch: PackedBatch): Poles {
  const { searches: T, slots: r, start } = batch;
  const matrix = (values: Float32Array): Tensor => tf.tensor2d(values, [T, r]);
  const given = { re: matrix(start.re), high: matrix(start.high), low: matrix(start.low) };
  return folded(tf, given, batch);
}

/** One step of every search: taken where it lowers J, tried more carefully the next time where not. */
function advance(tf: Tf, region: Region, evaluate: Evaluate, state: State, slowest: Tensor): State {
  const { step, predicted } = stepFrom(tf, region, state, slowest);
  const poles = moved(tf, region, state, step, slowest);
  const point = evaluate(poles);
  const column = (x: Tensor): Tensor => tf.expandDims(x, 1);
  const better = column(tf.less(point.value, state.value));
  const ratio = tf.div(
    tf.sub(column(state.value), column(point.value)),
    tf.maximum(predicted, 1e-30),
  );
  const eased = tf.where(
    tf.greater(ratio, 0.5),
    tf.mul(state.damping, 0.1),
    tf.where(tf.greater(ratio, 0.1), state.damping, tf.mul(state.damping, 4)),
  );
  const damping = tf.where(better, eased, tf.mul(state.damping, 8));
  const flat = tf.squeeze(better, [1]);
  return {
    re: tf.where(better, poles.re, state.re),
    high: tf.where(better, poles.high, state.high),
    low: tf.where(better, poles.low, state.low),
    value: tf.where(flat, point.value, state.value),
    gradient: tf.where(better, point.gradient, state.gradient),
    hessian: tf.where(tf.expandDims(better, 2), point.hessian, state.hessian),
    damping: tf.clipByValue(damping, leastDamping, mostDamping),
  };
}

/** How far Im b stays from 0 and pi, in turns over the span. */
function marginOf(tf: Tf, re: Tensor, span: number): Tensor {
  return tf.mul(tf.minimum(tf.mul(re, -leastAngle), 0.5), span / (2 * Math.PI));
}

/** The saddle-free step in (log(-Re b), Im b), and the decrease that the quadratic model predicts. */
function stepFrom(
  tf: Tf,
  { span, finite, slots: r }: Region,
  { re, high, gradient, hessian, damping }: State,
  slowest: Tensor,
): { readonly step: Tensor; readonly predicted: Tensor } {
  const margin = tf.mul(marginOf(tf, re, span), 1 + 1e-4);
  const [gx, gy] = tf.split(gradient, 2, 1);
  const held = tf.concat(
    [
      tf.logicalOr(
        tf.logicalAnd(tf.greaterEqual(re, slowest), tf.greater(gx, 0)),
        tf.logicalAnd(tf.lessEqual(re, fastestDecay), tf.less(gx, 0)),
      ),
      tf.logicalOr(
        tf.logicalAnd(tf.lessEqual(high, margin), tf.greater(gy, 0)),
        tf.logicalAnd(tf.greaterEqual(high, tf.sub(span / 2, margin)), tf.less(gy, 0)),
      ),
    ],
    1,
  );
  const leastScale = finite ? 1 / span : 1e-12;
  const scale = tf.mul(
    tf.concat([tf.onesLike(re), tf.maximum(tf.neg(re), leastScale)], 1),
    tf.sub(1, tf.cast(held, 'float32')),
  );
  const across = tf.expandDims(scale, 1);
  const g = tf.expandDims(tf.mul(gradient, scale), 2);
  const H = tf.mul(tf.mul(hessian, tf.expandDims(scale, 2)), across);
  const size = tf.maximum(tf.sqrt(tf.sum(tf.square(H), [1, 2], true)), 1e-30);
  const unit = tf.div(H, size);
  const careful = tf.mul(tf.eye(2 * r), tf.expandDims(damping, 2));
  const metric = tf.add(absolute(tf, unit, 2 * r), careful);
  const solved = tf.matMul(scaledInverse(tf, metric, 2 * r), tf.div<Tensor3D>(g, size));
  const free = tf.neg(solved);
  const longest = tf.max(tf.abs(free), 1, true);
  const s = tf.div(free, tf.maximum(longest, 1));
  const bent = tf.matMul(H, s);
  const change = tf.sum(tf.mul(s, tf.add(g, tf.div(bent, 2))), 1);
  return { step: tf.mul(tf.squeeze(s, [2]), scale), predicted: tf.neg(change) };
}

/** |H| of symmetric matrices of norm at most 1: H times its sign, which X <- X (3 - X²) / 2 leads to. */
function absolute(tf: Tf, H: Tensor, n: number): Tensor {
  const three = tf.mul(tf.eye(n), 1.5);
  let sign = H as Tensor3D;
  for (let k = 0; k < signRounds; k++) {
    sign = tf.matMul(sign, tf.sub<Tensor3D>(three, tf.mul(tf.matMul(sign, sign), 0.5)));
  }
  const product = tf.matMul(H, sign);
  return tf.div(tf.add(product, tf.transpose(product, [0, 2, 1])), 2);
}

/** The inverse of positive definite matrices whose diagonals differ in size. */
function scaledInverse(tf: Tf, matrices: Tensor, n: number): Tensor {
  const diagonal = tf.sum(tf.mul(matrices, tf.eye(n)), 2);
  const scale = tf.sqrt(tf.maximum(diagonal, leastDamping));
  const [down, across] = [tf.expandDims(scale, 2), tf.expandDims(scale, 1)];
  return tf.div(tf.div(invert(tf, tf.div(tf.div(matrices, down), across), n), down), across);
}

/** Poles after a step, in the region searched. */
function moved(
  tf: Tf,
  region: Region,
  { re, high, low }: Poles,
  step: Tensor,
  slowest: Tensor,
): Poles {
  const [dx, dy] = tf.split(step, 2, 1);
  const decay = tf.maximum(tf.minimum(tf.mul(re, tf.exp(dx)), slowest), fastestDecay);
  const turns = tf.mul(dy, region.span / (2 * Math.PI));
  return folded(tf, { re: decay, ...addedTo(tf, high, low, turns) }, region);
}

/** A high and low number plus another one, what is rounded off kept in the low one. */
function addedTo(tf: Tf, high: Tensor, low: Tensor, x: Tensor): Omit<Poles, 're'> {
  const sum = tf.add(high, x);
  const back = tf.sub(sum, high);
  const lost = tf.add(tf.sub(high, tf.sub(sum, back)), tf.sub(x, back));
  return { high: sum, low: tf.add(low, lost) };
}

/** Im b folded into [margin, pi - margin]. */
export function folded(tf: Tf, { re, high, low }: Poles, { span }: Region): Poles {
  const turns = tf.sub(high, tf.mul(tf.round(tf.div(high, span)), span));
  const negative = tf.less(turns, 0);
  const mirrored = {
    high: tf.abs(turns),
    low: tf.where(negative, tf.neg(low), low),
  };
  const margin = marginOf(tf, re, span);
  const clipped = tf.maximum(tf.minimum(mirrored.high, tf.sub(span / 2, margin)), margin);
  return {
    re,
    high: clipped,
    low: tf.where(tf.equal(clipped, mirrored.high), mirrored.low, tf.zerosLike(low)),
  };
}
