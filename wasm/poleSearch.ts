import { cos, exp, sin } from './host';
import { evaluate, gradient, hessian, prepare, weights } from './projection';
import { dot, symmetricEigen } from './symmetricEigen';
import { addScaled, scaleInto } from './triangles';

const fastestDecay: f64 = -30;
const leastAngle: f64 = 0.02;
const stallsToStop: i32 = 3;
const mostTrials: i32 = 25;
const noise: f64 = 1e-15;

/** How a search ended. */
const iterationLimit: i32 = 0;
const converged: i32 = 1;
const noDescent: i32 = 2;
const stalled: i32 = 3;

let r: usize = 0;
let n: usize = 0;
let row: usize = 0;
let horizon: f64 = 0;
let slowest: f64 = 0;

/** The quadratic model at a point, over the m free variables. */
let m: usize = 0;
let free: usize = 0;
let scale: usize = 0;
let reduced: usize = 0;
let square: usize = 0;
let vectors: usize = 0;
let values: usize = 0;
let projected: usize = 0;
let scratch: usize = 0;
let largestValue: f64 = 0;
let largestGradient: f64 = 0;

/**
 * `newtonSearch` of src/core/solve/newtonSearch for the variable projection, step by step the same.
 *
 * @param target,count,steps,norm2,ridge,slots see `prepare` of projection.ts
 * @param poles 2 r numbers: the start, real parts, then imaginary parts; becomes where the search ended
 * @param slowestDecay the slowest decay rate allowed
 * @param valueTolerance,gradientTolerance when to end
 * @param found receives 2 r weights, then the squared errors at the start and after each step taken
 * @param room for 36 r² + 54 r + 24 numbers
 * @returns 4 times the number of steps taken, and how the search ended
 */
export function searchPoles(
  target: usize,
  count: usize,
  slots: usize,
  steps: f64,
  norm2: f64,
  ridge: f64,
  poles: usize,
  slowestDecay: f64,
  iterations: i32,
  valueTolerance: f64,
  gradientTolerance: f64,
  found: usize,
  room: usize,
): i32 {
  r = slots;
  n = r << 1;
  row = ((r + 1) & ~1) << 3;
  horizon = steps;
  slowest = slowestDecay;
  prepare(target, count, slots, steps, norm2, ridge, room);
  let current = layOut(room + ((28 * r * r + 24 * r + 12) << 3));
  let trial = current + 6 * row;
  const step = trial + 6 * row;
  const leastScale = horizon === 0 ? 1e-12 : 1 / min(horizon, 1e12);
  const history = found + (n << 3);
  for (let j: usize = 0; j < r; j++) {
    setSearchPole(current, j, load<f64>(poles + (j << 3)), load<f64>(poles + ((j + r) << 3)));
  }
  for (let i: usize = 0; i < r; i++) store<f64>(scale + (i << 3), 1);
  let value = evaluate(current, true);
  memory.copy(found, weights, n << 3);
  store<f64>(history, value);
  let taken = 0;
  let damping: f64 = 1e-3;
  let stalls = 0;
  let stop = iterationLimit;
  for (let iteration = 0; iteration < iterations && value < Infinity; iteration++) {
    fillModel(current, leastScale);
    if (m === 0 || largestGradient < gradientTolerance * value + noise * norm2) {
      stop = converged;
      break;
    }
    // most first trials are accepted, and the next step needs their derivatives; no step follows the last iteration
    const last = iteration === iterations - 1;
    let next = Infinity;
    let accepted = false;
    let differentiated = false;
    for (let attempt = 0; attempt < mostTrials && damping <= 1e8; attempt++) {
      takeStep(current, trial, damping, step);
      differentiated = attempt === 0 && !last;
      next = evaluate(trial, differentiated);
      if (next < value) {
        accepted = true;
        break;
      }
      damping = max(8 * damping, 1e-8);
    }
    if (!accepted) {
      stop = noDescent;
      break;
    }
    damping = adapted(damping, value - next, predictedDecrease(step));
    const decrease = value - next;
    const left = current;
    current = trial;
    trial = left;
    value = differentiated || last ? next : evaluate(current, true);
    memory.copy(found, weights, n << 3);
    taken++;
    store<f64>(history + ((<usize>taken) << 3), value);
    stalls = decrease < valueTolerance * value + noise * norm2 ? stalls + 1 : 0;
    if (stalls >= stallsToStop) {
      stop = stalled;
      break;
    }
  }
  memory.copy(poles, current, r << 3);
  memory.copy(poles + (r << 3), current + row, r << 3);
  return (taken << 2) | stop;
}

/** Places the model; returns where room is left. */
function layOut(room: usize): usize {
  const vector = n << 3;
  square = room;
  vectors = square + n * vector;
  free = vectors + n * vector;
  scale = free + vector;
  reduced = scale + vector;
  values = reduced + vector;
  projected = values + vector;
  scratch = projected + vector;
  return scratch + 3 * vector;
}

function angleMargin(decay: f64): f64 {
  return min(leastAngle * abs(decay), 0.5);
}

/** Folds a log-pole into the region searched. */
function setSearchPole(set: usize, j: usize, x: f64, y: f64): void {
  const turn = 2 * Math.PI;
  const re = max(min(x, slowest), fastestDecay);
  const folded = abs(y - turn * Math.floor(y / turn + 0.5));
  const margin = angleMargin(re);
  const phase = max(min(folded, Math.PI - margin), margin);
  const at = set + (j << 3);
  const growth = exp(re);
  store<f64>(at, re);
  store<f64>(at + row, phase);
  store<f64>(at + 2 * row, growth * cos(phase));
  store<f64>(at + 3 * row, growth * sin(phase));
  const end = horizon === 0 ? 0 : exp(re * horizon);
  store<f64>(at + 4 * row, end === 0 ? 0 : end * cos(phase * horizon));
  store<f64>(at + 5 * row, end === 0 ? 0 : end * sin(phase * horizon));
}

/** Variables at a bound whose gradient pushes outward stay where they are for this step. */
function isHeld(b: usize, k: usize): bool {
  const g = load<f64>(gradient + (k << 3));
  if (k < r) {
    const x = load<f64>(b + (k << 3));
    return (x >= slowest && g > 0) || (x <= fastestDecay && g < 0);
  }
  const at = b + ((k - r) << 3);
  const margin = angleMargin(load<f64>(at)) * (1 + 1e-9);
  const y = load<f64>(at + row);
  return (y <= margin && g > 0) || (y >= Math.PI - margin && g < 0);
}

function fillModel(b: usize, leastScale: f64): void {
  m = 0;
  for (let k: usize = 0; k < n; k++) {
    if (isHeld(b, k)) continue;
    store<usize>(free + (m << 3), k);
    m++;
  }
  for (let j: usize = 0; j < r; j++) {
    store<f64>(scale + ((r + j) << 3), max(-load<f64>(b + (j << 3)), leastScale));
  }
  largestGradient = 0;
  let largest: f64 = 0;
  for (let i: usize = 0; i < m; i++) {
    const k = load<usize>(free + (i << 3));
    const own = load<f64>(scale + (k << 3));
    const g = load<f64>(gradient + (k << 3)) * own;
    store<f64>(reduced + (i << 3), g);
    largestGradient = max(largestGradient, abs(g));
    for (let j: usize = 0; j < m; j++) {
      const l = load<usize>(free + (j << 3));
      const entry = load<f64>(hessian + ((k * n + l) << 3)) * own * load<f64>(scale + (l << 3));
      store<f64>(square + ((i * m + j) << 3), entry);
      largest = max(largest, abs(entry));
    }
  }
  if (m === 0) return;
  const size = largest === 0 ? 1 : largest;
  scaleInto(vectors, square, 1 / size, m * m);
  symmetricEigen(vectors, m, values, scratch);
  largestValue = 1e-300;
  for (let k: usize = 0; k < m; k++) {
    const value = load<f64>(values + (k << 3)) * size;
    store<f64>(values + (k << 3), abs(value));
    largestValue = max(largestValue, abs(value));
    store<f64>(projected + (k << 3), dot(vectors + ((k * m) << 3), reduced, m));
  }
}

/** trial <- current and the damped step, whose entries in scaled variables stay in `step`. */
function takeStep(current: usize, trial: usize, damping: f64, step: usize): void {
  // the free variables' entries first, then all in their places
  memory.fill(scratch, 0, m << 3);
  for (let k: usize = 0; k < m; k++) {
    const curvature = load<f64>(values + (k << 3)) + damping * largestValue;
    const factor = -load<f64>(projected + (k << 3)) / curvature;
    addScaled(scratch, vectors + ((k * m) << 3), factor, m);
  }
  let longest: f64 = 0;
  for (let i: usize = 0; i < m; i++) longest = max(longest, abs(load<f64>(scratch + (i << 3))));
  const shorter = longest > 1 ? 1 / longest : 1;
  memory.fill(step, 0, n << 3);
  for (let i: usize = 0; i < m; i++) {
    const k = load<usize>(free + (i << 3));
    store<f64>(step + (k << 3), load<f64>(scratch + (i << 3)) * shorter);
  }
  for (let j: usize = 0; j < r; j++) {
    const at = current + (j << 3);
    const x = load<f64>(at) * exp(load<f64>(step + (j << 3)));
    const turn = load<f64>(step + ((r + j) << 3)) * load<f64>(scale + ((r + j) << 3));
    setSearchPole(trial, j, x, load<f64>(at + row) + turn);
  }
}

function predictedDecrease(step: usize): f64 {
  for (let i: usize = 0; i < m; i++) {
    const k = load<usize>(free + (i << 3));
    store<f64>(scratch + (i << 3), load<f64>(step + (k << 3)));
  }
  let change: f64 = 0;
  for (let i: usize = 0; i < m; i++) {
    const product = dot(square + ((i * m) << 3), scratch, m);
    change += load<f64>(scratch + (i << 3)) * (load<f64>(reduced + (i << 3)) + product / 2);
  }
  return -change;
}

function adapted(damping: f64, actual: f64, predicted: f64): f64 {
  const ratio = predicted > 0 ? actual / predicted : 1;
  const factor = ratio > 0.5 ? 0.1 : ratio > 0.1 ? 1 : 4;
  return max(damping * factor, 1e-14);
}
