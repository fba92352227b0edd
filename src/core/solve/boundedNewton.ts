import { symmetricEigen } from '../linalg/symmetricEigen';
import type { StopReason } from './solver';

const valueTolerance = 1e-9;
const gradientTolerance = 1e-7;
const stallsToStop = 3;
const mostTrials = 25;
const noise = 1e-15;

/** A smooth function of a few variables over a region, to be minimised with its exact Hessian. */
export interface NewtonProblem {
  readonly size: number;
  /** The squared norm that the values are errors of; changes below 1e-15 of it are rounding. */
  readonly norm2: number;
  /** Moves a point into the region, in place. */
  fold(x: Float64Array): void;
  /** Infinity where the function has no value. */
  value(x: Float64Array): number;
  /** The value, with gradient and Hessian (row-major) written. */
  derivatives(x: Float64Array, gradient: Float64Array, hessian: Float64Array): number;
  /** The change of every variable that counts as large at x. */
  scales(x: Float64Array, out: Float64Array): void;
  /** Whether variable k lies at a bound and its gradient pushes outward: it stays where it is for this step. */
  held(x: Float64Array, gradient: Float64Array, k: number): boolean;
}

export interface NewtonPoint {
  readonly x: Float64Array;
  readonly value: number;
  /** Values at the start and after each accepted step, falling. */
  readonly history: readonly number[];
  readonly stop: StopReason;
}

/**
 * Saddle-free Newton descent with an adaptive damping (math reference 7.1): steps -|H + damping|^{-1} g in scaled
 * variables, none longer than 1. Each accepted step lowers the value, so that the result is never worse than the
 * (folded) start. Deterministic.
 */
export function boundedNewton(
  problem: NewtonProblem,
  start: Float64Array,
  iterations: number,
): NewtonPoint {
  const n = problem.size;
  let x = start.slice();
  problem.fold(x);
  let trial = new Float64Array(n);
  let gradient = new Float64Array(n);
  let hessian = new Float64Array(n * n);
  let trialGradient = new Float64Array(n);
  let trialHessian = new Float64Array(n * n);
  const step = new Float64Array(n);
  let value = iterations > 0 ? problem.derivatives(x, gradient, hessian) : problem.value(x);
  const history = [value];
  const noisy = noise * problem.norm2;
  let damping = 1e-3;
  let stalls = 0;
  const end = (stop: StopReason): NewtonPoint => ({ x, value, history, stop });
  for (let iteration = 0; iteration < iterations && value < Infinity; iteration++) {
    const model = modelAt(problem, x, gradient, hessian);
    if (model.largestGradient <= gradientTolerance * value + noisy) return end('converged');
    let next = Infinity;
    let differentiated = false;
    for (let attempt = 0; attempt < mostTrials && damping <= 1e8; attempt++) {
      dampedStep(model, damping, step);
      for (let k = 0; k < n; k++) trial[k] = x[k] + step[k] * model.scale[k];
      problem.fold(trial);
      // most first trials are accepted, and the next step needs their derivatives
      differentiated = attempt === 0;
      next = differentiated
        ? problem.derivatives(trial, trialGradient, trialHessian)
        : problem.value(trial);
      if (next < value) break;
      damping = Math.max(8 * damping, 1e-8);
    }
    if (!(next < value)) return end('no-descent');
    damping = adapted(damping, value - next, predictedDecrease(model, step));
    stalls = value - next < valueTolerance * value + noisy ? stalls + 1 : 0;
    [x, trial] = [trial, x];
    if (differentiated) {
      [gradient, trialGradient] = [trialGradient, gradient];
      [hessian, trialHessian] = [trialHessian, hessian];
    } else problem.derivatives(x, gradient, hessian);
    value = next;
    history.push(value);
    if (stalls >= stallsToStop) return end('stalled');
  }
  return end('iteration-limit');
}

/** A search continued, its history joined to what came before. */
export function continueNewton(
  problem: NewtonProblem,
  from: NewtonPoint,
  iterations: number,
): NewtonPoint {
  const found = boundedNewton(problem, from.x, iterations);
  return { ...found, history: [...from.history, ...found.history.slice(1)] };
}

/** Scaled gradient and Hessian over the free variables, the Hessian diagonalised. */
interface Model {
  readonly free: readonly number[];
  readonly scale: Float64Array;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
  readonly values: Float64Array;
  readonly vectors: Float64Array;
  /** The gradient in the coordinates of the eigenvectors. */
  readonly projected: Float64Array;
  readonly largestValue: number;
  readonly largestGradient: number;
}

function modelAt(
  problem: NewtonProblem,
  x: Float64Array,
  fullGradient: Float64Array,
  fullHessian: Float64Array,
): Model {
  const n = problem.size;
  const scale = new Float64Array(n);
  problem.scales(x, scale);
  const free = Array.from({ length: n }, (_, k) => k).filter(
    (k) => !problem.held(x, fullGradient, k),
  );
  const m = free.length;
  const gradient = Float64Array.from(free, (k) => fullGradient[k] * scale[k]);
  const hessian = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      hessian[i * m + j] = fullHessian[free[i] * n + free[j]] * scale[free[i]] * scale[free[j]];
    }
  }
  const { values, vectors } = symmetricEigen(hessian, m);
  const projected = new Float64Array(m);
  let largestValue = 1e-300;
  for (let k = 0; k < m; k++) {
    largestValue = Math.max(largestValue, Math.abs(values[k]));
    for (let i = 0; i < m; i++) projected[k] += vectors[k * m + i] * gradient[i];
  }
  const largestGradient = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  return {
    free,
    scale,
    gradient,
    hessian,
    values,
    vectors,
    projected,
    largestValue,
    largestGradient,
  };
}

/** step <- -(|H| + damping)^{-1} g in scaled variables, shortened to largest entry 1. */
function dampedStep(model: Model, damping: number, step: Float64Array): void {
  const { free, values, vectors, projected, largestValue } = model;
  const m = free.length;
  step.fill(0);
  for (let k = 0; k < m; k++) {
    const factor = -projected[k] / (Math.abs(values[k]) + damping * largestValue);
    for (let i = 0; i < m; i++) step[free[i]] += vectors[k * m + i] * factor;
  }
  const longest = step.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
  if (longest > 1) for (let i = 0; i < step.length; i++) step[i] /= longest;
}

function predictedDecrease({ free, gradient, hessian }: Model, step: Float64Array): number {
  const m = free.length;
  let change = 0;
  for (let i = 0; i < m; i++) {
    let row = 0;
    for (let j = 0; j < m; j++) row += hessian[i * m + j] * step[free[j]];
    change += step[free[i]] * (gradient[i] + row / 2);
  }
  return -change;
}

function adapted(damping: number, actual: number, predicted: number): number {
  const ratio = predicted > 0 ? actual / predicted : 1;
  const factor = ratio > 0.5 ? 0.1 : ratio > 0.1 ? 1 : 4;
  return Math.max(damping * factor, 1e-14);
}
