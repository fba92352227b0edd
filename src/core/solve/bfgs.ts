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

const memory = 60;
const longestStep = 1;
const mostTrials = 40;
const armijo = 1e-4;
const curvature = 0.9;
const noise = 1e-13;
const stallsToStop = 3;

/** A step and the change of the gradient along it, with their product. */
interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly sy: number;
}

/**
 * Quasi-Newton minimisation (BFGS from the last `memory` steps and a weak Wolfe line search by bisection; Nocedal and
 * Wright, Numerical Optimization, 7.2). Variables should be scaled so that changes of 1 are large: no step changes any
 * of them by more. The value never rises. Deterministic.
 */
export function minimise(
  evaluate: Evaluate,
  start: Float64Array,
  { iterations = 200, gradientTolerance = 1e-10, scale = 1, signal }: BfgsOptions = {},
): BfgsResult {
  let x = start.slice();
  let g = new Float64Array(start.length);
  let value = evaluate(x, g);
  const history = [value];
  let pairs: Pair[] = [];
  let stalls = 0;
  const end = (stop: StopReason): BfgsResult => ({ x, value, history, stop });
  for (let k = 0; k < iterations; k++) {
    throwIfCancelled(signal);
    if (largest(g) <= gradientTolerance * scale) return end('converged');
    const found = lineSearch(evaluate, x, value, g, descentDirection(pairs, g));
    if (found === undefined) {
      if (pairs.length === 0) return end('no-descent');
      pairs = [];
      continue;
    }
    remember(pairs, difference(found.x, x), difference(found.g, g));
    stalls = value - found.value < noise * scale ? stalls + 1 : 0;
    ({ x, g, value } = found);
    history.push(value);
    if (stalls >= stallsToStop) return end('stalled');
  }
  return end('iteration-limit');
}

/** -H g with the inverse Hessian H that the pairs define, shortened so that no entry exceeds the longest step. */
function descentDirection(pairs: readonly Pair[], g: Float64Array): Float64Array {
  const d = g.map((v) => -v);
  const along = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    along[k] = dot(pairs[k].s, d) / pairs[k].sy;
    add(d, -along[k], pairs[k].y);
  }
  const newest = pairs.at(-1);
  if (newest !== undefined) {
    const scale = newest.sy / dot(newest.y, newest.y);
    for (let i = 0; i < d.length; i++) d[i] *= scale;
  }
  pairs.forEach(({ s, y, sy }, k) => {
    add(d, along[k] - dot(y, d) / sy, s);
  });
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

/** Keeps the pair where s.y is positive enough to keep the Hessian definite. */
function remember(pairs: Pair[], s: Float64Array, y: Float64Array): void {
  const sy = dot(s, y);
  if (!(sy > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
  pairs.push({ s, y, sy });
  if (pairs.length > memory) pairs.shift();
}

/** x <- x + factor y. */
function add(x: Float64Array, factor: number, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i] += factor * y[i];
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
