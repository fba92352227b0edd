import { throwIfCancelled } from '../errors';
import type { StopReason } from './solver';

/** Limits of a search. */
export interface BfgsOptions {
  readonly iterations?: number;
  /** The search has converged where no entry of the gradient exceeds this times `scale`. */
  readonly gradientTolerance?: number;
  /** Size of the values that matter; decreases below 1e-13 of it count as none. */
  readonly scale?: number;
  readonly signal?: AbortSignal;
}

export interface BfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  /** Values at the start and after each accepted step, decreasing. */
  readonly history: readonly number[];
  readonly stop: StopReason;
}

/** A function to be minimised: returns its value and writes its gradient. Values that are not finite are rejected. */
export type Evaluate = (x: Float64Array, gradient: Float64Array) => number;

const longestStep = 1;
const mostTrials = 40;
const armijo = 1e-4;
const curvature = 0.9;
const noise = 1e-13;
const stallsToStop = 3;

/**
 * Quasi-Newton minimisation (BFGS with a dense inverse Hessian and a weak Wolfe line search by bisection; Nocedal and
 * Wright, Numerical Optimization, chapter 6). Variables should be scaled so that changes of 1 are large: no step
 * changes any of them by more. The value never rises. Deterministic.
 */
export function minimise(
  evaluate: Evaluate,
  start: Float64Array,
  { iterations = 200, gradientTolerance = 1e-10, scale = 1, signal }: BfgsOptions = {},
): BfgsResult {
  const n = start.length;
  let x = start.slice();
  let g = new Float64Array(n);
  let value = evaluate(x, g);
  const history = [value];
  const inverse = identityOf(n);
  let fresh = true;
  let stalls = 0;
  const end = (stop: StopReason): BfgsResult => ({ x, value, history, stop });
  for (let k = 0; k < iterations; k++) {
    throwIfCancelled(signal);
    if (largest(g) <= gradientTolerance * scale) return end('converged');
    const direction = descentDirection(inverse, g);
    const found = lineSearch(evaluate, x, value, g, direction);
    if (found === undefined) {
      if (fresh) return end('no-descent');
      inverse.set(identityOf(n));
      fresh = true;
      continue;
    }
    update(inverse, difference(found.x, x), difference(found.g, g), fresh);
    fresh = false;
    stalls = value - found.value < noise * scale ? stalls + 1 : 0;
    ({ x, g, value } = found);
    history.push(value);
    if (stalls >= stallsToStop) return end('stalled');
  }
  return end('iteration-limit');
}

/** -H g, or -g where that is no descent, shortened so that no entry exceeds the longest step. */
function descentDirection(inverse: Float64Array, g: Float64Array): Float64Array {
  let d = times(inverse, g).map((v) => -v);
  if (!(dot(d, g) < 0)) {
    inverse.set(identityOf(g.length));
    d = g.map((v) => -v);
  }
  const size = largest(d);
  return size > longestStep ? d.map((v) => (v * longestStep) / size) : d;
}

interface Point {
  readonly x: Float64Array<ArrayBuffer>;
  readonly g: Float64Array<ArrayBuffer>;
  readonly value: number;
}

/** A point of sufficient decrease along d and, where bisection finds one, of sufficient curvature. */
function lineSearch(
  evaluate: Evaluate,
  x: Float64Array,
  value: number,
  g: Float64Array,
  d: Float64Array,
): Point | undefined {
  const slope = dot(d, g);
  const reach = longestStep / largest(d);
  let [low, high, t] = [0, Infinity, 1];
  let best: Point | undefined;
  for (let trial = 0; trial < mostTrials; trial++) {
    const at = x.map((v, i) => v + t * d[i]);
    const gradient = new Float64Array(x.length);
    const next = evaluate(at, gradient);
    if (!(next <= value + armijo * t * slope)) {
      high = t;
    } else {
      if (best === undefined || next < best.value) best = { x: at, g: gradient, value: next };
      if (dot(gradient, d) >= curvature * slope || t >= reach) return best;
      low = t;
    }
    t = high === Infinity ? Math.min(2 * low, reach) : (low + high) / 2;
    if (best !== undefined && trial > 10) return best;
  }
  return best;
}

/** H <- (1 - s y^T / sy) H (1 - y s^T / sy) + s s^T / sy, left out where s.y is not positive enough to keep H definite. */
function update(inverse: Float64Array, s: Float64Array, y: Float64Array, first: boolean): void {
  const n = s.length;
  const sy = dot(s, y);
  if (!(sy > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
  if (first) {
    const scale = sy / dot(y, y);
    for (let i = 0; i < n; i++) inverse[i * n + i] *= scale;
  }
  const Hy = times(inverse, y);
  const factor = (1 + dot(y, Hy) / sy) / sy;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      inverse[i * n + j] += factor * s[i] * s[j] - (Hy[i] * s[j] + s[i] * Hy[j]) / sy;
    }
  }
}

function identityOf(n: number): Float64Array {
  const I = new Float64Array(n * n);
  for (let i = 0; i < n; i++) I[i * n + i] = 1;
  return I;
}

function times(A: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  return x.map((_, i) => dot(A.subarray(i * n, (i + 1) * n), x));
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

function difference(x: Float64Array, y: Float64Array): Float64Array {
  return x.map((v, i) => v - y[i]);
}

function largest(x: Float64Array): number {
  return x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
}
