import { hotLoops } from '../hotLoops';
import type { SymmetricEigen } from '../linalg/symmetricEigen';
import { createPoleSet, setPole, type PoleSet } from '../systems/poleSet';
import type { ComplexVector } from '../linalg/complex';
import type { StopReason } from './solver';

/**
 * Reduced poles keep inside a strip of decay rates: stable, by more than rounding unless the full system itself has
 * slower modes, and not faster than one step can tell.
 */
export const slowestDecay = -1e-8;
export const fastestDecay = -30;

/** A pole closer to the real axis than this share of its decay rate would need weights of the order 1 / Im b. */
export const leastAngle = 0.02;

/** When a search ends, relative to the value: after small gradients, and after small decreases. */
export interface Tolerance {
  readonly value: number;
  readonly gradient: number;
}
export const usualTolerance: Tolerance = { value: 1e-9, gradient: 1e-7 };

const stallsToStop = 3;
const maxTrials = 25;
const noise = 1e-15;

/** A function of r reduced log-poles whose weights follow from them, with derivatives in x = (log(-Re b), Im b). */
export interface PoleObjective {
  readonly slots: number;
  readonly target: {
    /** The scale of the values. */
    readonly norm2: number;
    readonly poles: {
      readonly horizon: number;
      /** Decay rates of the full system: the search goes no further than twice as slow as the slowest. */
      readonly re: Float64Array;
    };
  };
  /** Optimal weights of the last evaluation. */
  readonly weightRe: Float64Array;
  readonly weightIm: Float64Array;
  /** Of the last `derivatives` call: 2r, and row-major 2r x 2r. */
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
  value(b: PoleSet): number;
  derivatives(b: PoleSet): number;
}

export interface NewtonResult {
  readonly poles: ComplexVector;
  readonly weights: ComplexVector;
  /** J at the poles. */
  readonly value: number;
  /** J at the start and after each accepted step. */
  readonly history: readonly number[];
  readonly stop: StopReason;
}

/** How far Im b stays from 0 and pi for a decay rate. */
function angleMargin(decay: number): number {
  return Math.min(leastAngle * Math.abs(decay), 0.5);
}

/**
 * Folds a log-pole into the region searched: Re b in [-30, -1e-8], Im b in [0, pi] (b and conj b give the same real
 * kernels) and not on the real axis, where two slots would have to share one real direction.
 */
function setSearchPole(set: PoleSet, j: number, x: number, y: number, slowest: number): void {
  const re = Math.max(Math.min(x, slowest), fastestDecay);
  const turn = 2 * Math.PI;
  const phase = Math.abs(y - turn * Math.round(y / turn));
  const margin = angleMargin(re);
  setPole(set, j, re, Math.max(Math.min(phase, Math.PI - margin), margin));
}

/** The start folded into the region searched. */
function searchPoles(
  start: ComplexVector,
  target: PoleObjective['target'],
  slowest: number,
): PoleSet {
  const set = createPoleSet(start.re.length, target.poles.horizon);
  for (let j = 0; j < set.count; j++) setSearchPole(set, j, start.re[j], start.im[j], slowest);
  return set;
}

/** The slowest decay rate allowed: twice as slow as the full system's slowest mode, or -1e-8. */
export function slowestSearched(target: { readonly poles: { readonly re: Float64Array } }): number {
  return target.poles.re.reduce((most, x) => Math.max(most, x / 2), slowestDecay);
}

/** Variables at a bound whose gradient pushes outward stay where they are for this step. */
function freeVariables(b: PoleSet, gradient: Float64Array, slowest: number): number[] {
  const r = b.count;
  const free: number[] = [];
  for (let j = 0; j < r; j++) {
    const g = gradient[j];
    const slow = b.re[j] >= slowest && g > 0;
    const fast = b.re[j] <= fastestDecay && g < 0;
    if (!slow && !fast) free.push(j);
  }
  for (let j = 0; j < r; j++) {
    const margin = angleMargin(b.re[j]) * (1 + 1e-9);
    const g = gradient[r + j];
    const low = b.im[j] <= margin && g > 0;
    const high = b.im[j] >= Math.PI - margin && g < 0;
    if (!low && !high) free.push(r + j);
  }
  return free;
}

/**
 * Saddle-free Newton descent on J(log(-Re b), Im b) with the exact Hessian of the variable projection (math
 * reference, 7.1). Steps are taken in scaled variables; each accepted step lowers J, so the result is never worse
 * than the start. Deterministic.
 * @param start reduced log-poles, anywhere; folded into the stable region searched
 */
export function newtonSearch(
  projection: PoleObjective,
  start: ComplexVector,
  maxIterations: number,
  tolerance = usualTolerance,
): NewtonResult {
  const { target, slots: r } = projection;
  const horizon = target.poles.horizon;
  const leastScale = 1 / Math.min(horizon, 1e12);
  const slowest = slowestSearched(target);
  let current = searchPoles(start, target, slowest);
  let trial = createPoleSet(r, horizon);
  let value = projection.derivatives(current);
  let weights = copyWeights(projection);
  const history = [value];
  let damping = 1e-3;
  let stalls = 0;
  let stop: StopReason = 'iteration-limit';
  const step = new Float64Array(2 * r);
  const model = createStepModel(r);
  for (let iteration = 0; iteration < maxIterations && value < Infinity; iteration++) {
    fillStepModel(model, projection, current, leastScale, slowest);
    if (model.largestGradient < tolerance.gradient * value + noise * target.norm2) {
      stop = 'converged';
      break;
    }
    // most first trials are accepted, and the next step needs their derivatives; no step follows the last iteration
    const final = iteration === maxIterations - 1;
    let next = Infinity;
    let accepted = false;
    let differentiated = false;
    for (let attempt = 0; attempt < maxTrials && damping <= 1e8; attempt++) {
      dampedStep(model, damping, step);
      for (let j = 0; j < r; j++) {
        setSearchPole(
          trial,
          j,
          current.re[j] * Math.exp(step[j]),
          current.im[j] + step[r + j] * model.scale[r + j],
          slowest,
        );
      }
      differentiated = attempt === 0 && !final;
      next = differentiated ? projection.derivatives(trial) : projection.value(trial);
      if (next < value) {
        accepted = true;
        break;
      }
      damping = Math.max(8 * damping, 1e-8);
    }
    if (!accepted) {
      stop = 'no-descent';
      break;
    }
    damping = adaptDamping(damping, value - next, predictedDecrease(model, step));
    const decrease = value - next;
    [current, trial] = [trial, current];
    value = differentiated || final ? next : projection.derivatives(current);
    weights = copyWeights(projection);
    history.push(value);
    stalls = decrease < tolerance.value * value + noise * target.norm2 ? stalls + 1 : 0;
    if (stalls >= stallsToStop) {
      stop = 'stalled';
      break;
    }
  }
  return {
    poles: { re: current.re.slice(), im: current.im.slice() },
    weights,
    value,
    history,
    stop,
  };
}

function copyWeights(projection: PoleObjective): ComplexVector {
  return { re: projection.weightRe.slice(), im: projection.weightIm.slice() };
}

/**
 * The quadratic model at a point: scaled gradient and Hessian over the free variables, diagonalised. One object serves
 * all iterations of a search; of its arrays the leading m (m x m) entries count.
 */
interface StepModel {
  free: number[];
  readonly scale: Float64Array;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
  readonly eigen: SymmetricEigen;
  readonly projected: Float64Array;
  largestValue: number;
  largestGradient: number;
}

function createStepModel(r: number): StepModel {
  const n = 2 * r;
  return {
    free: [],
    scale: new Float64Array(n).fill(1),
    gradient: new Float64Array(n),
    hessian: new Float64Array(n * n),
    eigen: { values: new Float64Array(n), vectors: new Float64Array(n * n) },
    projected: new Float64Array(n),
    largestValue: 0,
    largestGradient: 0,
  };
}

function fillStepModel(
  model: StepModel,
  projection: PoleObjective,
  b: PoleSet,
  leastScale: number,
  slowest: number,
): void {
  const { scale, gradient, hessian, eigen, projected } = model;
  const r = b.count;
  const n = 2 * r;
  const free = freeVariables(b, projection.gradient, slowest);
  const m = free.length;
  for (let j = 0; j < r; j++) scale[r + j] = Math.max(-b.re[j], leastScale);
  model.largestGradient = 0;
  for (let i = 0; i < m; i++) {
    gradient[i] = projection.gradient[free[i]] * scale[free[i]];
    model.largestGradient = Math.max(model.largestGradient, Math.abs(gradient[i]));
    for (let j = 0; j < m; j++) {
      hessian[i * m + j] =
        projection.hessian[free[i] * n + free[j]] * scale[free[i]] * scale[free[j]];
    }
  }
  hotLoops().symmetricEigen(hessian, m, eigen);
  model.largestValue = 1e-300;
  for (let k = 0; k < m; k++) {
    model.largestValue = Math.max(model.largestValue, Math.abs(eigen.values[k]));
    projected[k] = 0;
    for (let i = 0; i < m; i++) projected[k] += eigen.vectors[k * m + i] * gradient[i];
  }
  model.free = free;
}

/** step <- -|H + damping|^{-1} g in scaled variables, shortened to largest entry 1. */
function dampedStep(model: StepModel, damping: number, step: Float64Array): void {
  const { free, eigen, projected, largestValue } = model;
  const { values, vectors } = eigen;
  const m = free.length;
  step.fill(0);
  for (let k = 0; k < m; k++) {
    const factor = -projected[k] / (Math.abs(values[k]) + damping * largestValue);
    for (let i = 0; i < m; i++) step[free[i]] += vectors[k * m + i] * factor;
  }
  let longest = 0;
  for (const entry of step) longest = Math.max(longest, Math.abs(entry));
  if (longest > 1) for (let i = 0; i < step.length; i++) step[i] /= longest;
}

function predictedDecrease(model: StepModel, step: Float64Array): number {
  const { free, gradient, hessian } = model;
  const m = free.length;
  let change = 0;
  for (let i = 0; i < m; i++) {
    let row = 0;
    for (let j = 0; j < m; j++) row += hessian[i * m + j] * step[free[j]];
    change += step[free[i]] * (gradient[i] + row / 2);
  }
  return -change;
}

function adaptDamping(damping: number, actual: number, predicted: number): number {
  const ratio = predicted > 0 ? actual / predicted : 1;
  const factor = ratio > 0.5 ? 0.1 : ratio > 0.1 ? 1 : 4;
  return Math.max(damping * factor, 1e-14);
}
