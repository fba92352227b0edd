import { factorScaled, storeBoth } from './factor';
import { fitSums } from './fitSums';
import { addScaled, scaleInto } from './triangles';
import { dot } from './symmetricEigen';

/*
 * `VariableProjection` of src/core/objective/varpro: the squared error of r reduced poles whose weights follow from them,
 * with its derivatives. One target at a time; unknowns are ordered as there, all real parts first.
 */

let full: usize = 0;
let modes: usize = 0;
let r: usize = 0;
let n: usize = 0;
let stride: usize = 0;
let horizon: f64 = 0;
let norm2: f64 = 0;
let ridge: f64 = 0;

let cross: usize = 0;
let own: usize = 0;
let gram: usize = 0;
let lower: usize = 0;
let scale: usize = 0;
let rhs: usize = 0;
let mixed: usize = 0;
let errors: usize = 0;

/** Optimal weights of the last evaluation, real parts, then imaginary parts. */
export let weights: usize = 0;
/** Of the last evaluation with derivatives: n numbers, and n × n. */
export let gradient: usize = 0;
export let hessian: usize = 0;

/**
 * Prepares for a target.
 *
 * @param poles six rows of `count` numbers (see fitSums), then two of the weights
 * @param slots r; pole sets to evaluate have rows of r rounded up to an even number
 * @param room for 28 r² + 24 r + 12 numbers
 */
export function prepare(
  poles: usize,
  count: usize,
  slots: usize,
  steps: f64,
  squaredNorm: f64,
  relativeRidge: f64,
  room: usize,
): void {
  full = poles;
  modes = count;
  r = slots;
  n = r << 1;
  stride = (r + 1) & ~1;
  horizon = steps;
  norm2 = squaredNorm;
  ridge = relativeRidge;
  const square = (n * n) << 3;
  const vector = n << 3;
  gram = room;
  lower = gram + square;
  mixed = lower + square;
  hessian = mixed + square;
  own = hessian + square;
  cross = own + ((12 * r * r) << 3);
  scale = cross + ((12 * stride) << 3);
  rhs = scale + vector;
  weights = rhs + vector;
  gradient = weights + vector;
  errors = gradient + vector;
}

/** The squared error at poles b; infinite where the least-squares problem cannot be solved. */
export function evaluate(b: usize, derivatives: bool): f64 {
  const row = modes << 3;
  const order = derivatives ? 2 : 0;
  fitSums(full, modes, row, full + 6 * row, b, r, stride << 3, horizon, order, cross, own);
  for (let j: usize = 0; j < r; j++) {
    const at = own + ((12 * j * (r + 1)) << 3);
    for (let p = 0; p <= order; p++) {
      store<f64>(at + 16 * p, load<f64>(at + 16 * p) * (1 + ridge));
    }
  }
  const value = solveWeights();
  if (derivatives && value < Infinity) differentiate(b);
  return value;
}

function solveWeights(): f64 {
  const step = n << 3;
  for (let j: usize = 0; j < r; j++) {
    const at = cross + 96 * j;
    store<f64>(rhs + (j << 3), (load<f64>(at) + load<f64>(at, 48)) / 2);
    store<f64>(rhs + ((j + r) << 3), (load<f64>(at, 8) - load<f64>(at, 56)) / 2);
    for (let i: usize = 0; i <= j; i++) fillGram(i, j);
  }
  memory.copy(lower, gram, n * step);
  if (!factorScaled(lower, n, scale)) return Infinity;
  const u = weights;
  for (let i: usize = 0; i < n; i++) {
    const at = u + (i << 3);
    const row = lower + i * step;
    const own = load<f64>(rhs + (i << 3)) / load<f64>(scale + (i << 3));
    store<f64>(at, (own - dot(row, u, i)) / load<f64>(row + (i << 3)));
  }
  for (let i = n; i-- > 0;) {
    const at = u + (i << 3);
    const row = lower + i * step;
    const own = load<f64>(at) / load<f64>(row + (i << 3));
    addScaled(u, row, -own, i);
    store<f64>(at, own / load<f64>(scale + (i << 3)));
  }
  let value = norm2;
  for (let i: usize = 0; i < n; i++) {
    const row = dot(gram + i * step, u, n);
    value += load<f64>(u + (i << 3)) * (row - 2 * load<f64>(rhs + (i << 3)));
  }
  return isFinite(value) ? value : Infinity;
}

function fillGram(i: usize, j: usize): void {
  const at = own + ((12 * (i * r + j)) << 3);
  const sr = load<f64>(at);
  const si = load<f64>(at, 8);
  const tr = load<f64>(at, 48);
  const ti = load<f64>(at, 56);
  storeBoth(gram, n, i, j, (sr + tr) / 2);
  storeBoth(gram, n, i, j + r, -(si + ti) / 2);
  storeBoth(gram, n, i + r, j, (si - ti) / 2);
  storeBoth(gram, n, i + r, j + r, (sr - tr) / 2);
}

function differentiate(b: usize): void {
  for (let j: usize = 0; j < r; j++) {
    const c = cross + 96 * j;
    const q = errors + (j << 5);
    store<f64>(q, load<f64>(c, 64) + load<f64>(c, 16));
    store<f64>(q, load<f64>(c, 72) - load<f64>(c, 24), 8);
    store<f64>(q, load<f64>(c, 80) + load<f64>(c, 32), 16);
    store<f64>(q, load<f64>(c, 88) - load<f64>(c, 40), 24);
  }
  for (let j: usize = 0; j < r; j++) for (let i: usize = 0; i <= j; i++) addPair(b, i, j);
  for (let j: usize = 0; j < r; j++) addDiagonal(load<f64>(b + (j << 3)), j);
  projectHessian();
}

/** What poles i <= j have in common: their entries of the second-order terms, and their parts of the error's sums. */
function addPair(b: usize, i: usize, j: usize): void {
  const at = own + ((12 * (i * r + j)) << 3);
  const s2r = load<f64>(at, 32);
  const s2i = load<f64>(at, 40);
  const t2r = load<f64>(at, 80);
  const t2i = load<f64>(at, 88);
  const ur = load<f64>(weights + (i << 3));
  const ui = load<f64>(weights + ((i + r) << 3));
  const vr = load<f64>(weights + (j << 3));
  const vi = load<f64>(weights + ((j + r) << 3));
  const bi = load<f64>(b + (i << 3));
  const bj = load<f64>(b + (j << 3));
  const cr = ur * vr + ui * vi;
  const ci = ur * vi - ui * vr;
  const pr = ur * vr - ui * vi;
  const pi = ur * vi + ui * vr;
  const sr = cr * s2r - ci * s2i;
  const si = cr * s2i + ci * s2r;
  const tr = pr * t2r - pi * t2i;
  const ti = pr * t2i + pi * t2r;
  storeBoth(hessian, n, i, j, bi * bj * (sr + tr));
  storeBoth(hessian, n, i, j + r, -bi * (si + ti));
  storeBoth(hessian, n, i + r, j, bj * (si - ti));
  storeBoth(hessian, n, i + r, j + r, sr - tr);
  addSide(at, i, j, vr, vi, bj, 1);
  if (i !== j) addSide(at, j, i, ur, ui, bi, -1);
}

/**
 * <Phi_i, D_j> for pole i's columns, and what pole j takes off the sums of the error at pole i.
 *
 * @param sign -1 where the pair's sums are those of (j, i), whose S are conjugates
 */
function addSide(at: usize, i: usize, j: usize, vr: f64, vi: f64, beta: f64, sign: f64): void {
  const q = errors + (i << 5);
  for (let p: usize = 1; p <= 2; p++) {
    const from = at + (p << 4);
    const s = load<f64>(from);
    const t = sign * load<f64>(from, 8);
    const xr = vr * s - vi * t;
    const xi = vr * t + vi * s;
    const tr = load<f64>(from, 48);
    const ti = load<f64>(from, 56);
    const yr = vr * tr - vi * ti;
    const yi = vr * ti + vi * tr;
    const to = q + ((p - 1) << 4);
    store<f64>(to, load<f64>(to) - (yr + xr));
    store<f64>(to, load<f64>(to, 8) - (yi - xi), 8);
    if (p === 2) return;
    const top = mixed + ((i * n + j) << 3);
    const bottom = mixed + (((i + r) * n + j) << 3);
    store<f64>(top, beta * (xr + yr));
    store<f64>(top + (r << 3), -(xi + yi));
    store<f64>(bottom, beta * (xi - yi));
    store<f64>(bottom + (r << 3), xr - yr);
  }
}

function addDiagonal(beta: f64, j: usize): void {
  const q = errors + (j << 5);
  const q1r = load<f64>(q) / 2;
  const q1i = load<f64>(q, 8) / 2;
  const q2r = load<f64>(q, 16) / 2;
  const q2i = load<f64>(q, 24) / 2;
  const vr = load<f64>(weights + (j << 3));
  const vi = load<f64>(weights + ((j + r) << 3));
  const v1 = vr * q1r - vi * q1i;
  const v2r = vr * q2r - vi * q2i;
  const v2i = vr * q2i + vi * q2r;
  store<f64>(gradient + (j << 3), -2 * beta * v1);
  store<f64>(gradient + ((j + r) << 3), 2 * (vr * q1i + vi * q1r));
  addTo(hessian, j, j, -2 * (beta * beta * v2r + beta * v1));
  addTo(hessian, j, j + r, 2 * beta * v2i);
  addTo(hessian, j + r, j, 2 * beta * v2i);
  addTo(hessian, j + r, j + r, 2 * v2r);
  addTo(mixed, j, j, -2 * beta * q1r);
  addTo(mixed, j, j + r, 2 * q1i);
  addTo(mixed, j + r, j, 2 * beta * q1i);
  addTo(mixed, j + r, j + r, 2 * q1r);
}

function addTo(matrix: usize, i: usize, j: usize, value: f64): void {
  const at = matrix + ((i * n + j) << 3);
  store<f64>(at, load<f64>(at) + value);
}

/** hessian <- hessian - 1/2 mixed^T A^{-1} mixed: the weights follow the poles. */
function projectHessian(): void {
  const step = n << 3;
  for (let i: usize = 0; i < n; i++) {
    const row = mixed + i * step;
    scaleInto(row, row, 1 / load<f64>(scale + (i << 3)), n);
    const factors = lower + i * step;
    for (let k: usize = 0; k < i; k++) {
      addScaled(row, mixed + k * step, -load<f64>(factors + (k << 3)), n);
    }
    scaleInto(row, row, 1 / load<f64>(factors + (i << 3)), n);
  }
  for (let k: usize = 0; k < n; k++) {
    const row = mixed + k * step;
    for (let i: usize = 0; i < n; i++) {
      addScaled(hessian + i * step, row, -0.5 * load<f64>(row + (i << 3)), i + 1);
    }
  }
  for (let i: usize = 0; i < n; i++) {
    for (let j: usize = 0; j < i; j++) {
      store<f64>(hessian + j * step + (i << 3), load<f64>(hessian + i * step + (j << 3)));
    }
  }
}
