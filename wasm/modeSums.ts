import { nearlyConstantSums } from './nearlyConstant';

/**
 * Sums over the horizon S = sum_k e^{sk} of two poles s at once, one a lane, with S' and S'' (math reference, 0.1), as
 * `discreteSumsFrom` of src/core/scalars.
 */

/** |e^s - 1|² up to here takes the series of e^s - 1. */
const close: f64 = 0.01;
/** |L s|² below this takes the series of `nearlyConstantSums`. */
const nearlyConstant: f64 = 2.25;

/** The results of `modeSums`, as pairs of vectors: real parts, imaginary parts. */
export const found: usize = memory.data(96, 16);

/**
 * @param x,y the poles s, phases within a turn and a half
 * @param er,ei e^s
 * @param fr,fi e^{Ls}; 0 for an infinite horizon
 * @param horizon L >= 32; 0 for an infinite one
 * @param order how many derivatives, 0 or 2
 */
export function modeSums(
  x: v128,
  y: v128,
  er: v128,
  ei: v128,
  fr: v128,
  fi: v128,
  horizon: f64,
  order: i32,
): void {
  const one = f64x2.splat(1);
  let mr = f64x2.sub(er, one);
  let size = f64x2.add(f64x2.mul(mr, mr), f64x2.mul(ei, ei));
  const near = f64x2.le(size, f64x2.splat(close));
  let vanishing = i64x2.splat(0);
  if (v128.any_true(near)) {
    const phase = folded(y);
    const square = f64x2.add(f64x2.mul(x, x), f64x2.mul(phase, phase));
    // nothing is below the 0 of an infinite horizon
    const least = horizon === 0 ? 0 : nearlyConstant / (horizon * horizon);
    vanishing = f64x2.lt(square, f64x2.splat(least));
    mr = v128.bitselect(realOfDifference(x, phase), mr, near);
    size = f64x2.add(f64x2.mul(mr, mr), f64x2.mul(ei, ei));
  }
  const inverse = f64x2.div(one, size);
  const ir = f64x2.mul(mr, inverse);
  const ii = f64x2.neg(f64x2.mul(ei, inverse));
  const nr = f64x2.sub(fr, one);
  const sr = f64x2.sub(f64x2.mul(nr, ir), f64x2.mul(fi, ii));
  const si = f64x2.add(f64x2.mul(nr, ii), f64x2.mul(fi, ir));
  v128.store(found, sr);
  v128.store(found, si, 16);
  if (order === 0) {
    if (v128.any_true(vanishing)) replace(vanishing, x, folded(y), horizon, 0);
    return;
  }
  const L = f64x2.splat(horizon);
  let ar = f64x2.sub(f64x2.mul(L, fr), f64x2.sub(f64x2.mul(sr, er), f64x2.mul(si, ei)));
  let ai = f64x2.sub(f64x2.mul(L, fi), f64x2.add(f64x2.mul(sr, ei), f64x2.mul(si, er)));
  const pr = f64x2.sub(f64x2.mul(ar, ir), f64x2.mul(ai, ii));
  const pi = f64x2.add(f64x2.mul(ar, ii), f64x2.mul(ai, ir));
  v128.store(found, pr, 32);
  v128.store(found, pi, 48);
  const tr = f64x2.add(f64x2.add(pr, pr), sr);
  const ti = f64x2.add(f64x2.add(pi, pi), si);
  const L2 = f64x2.splat(horizon * horizon);
  ar = f64x2.sub(f64x2.mul(L2, fr), f64x2.sub(f64x2.mul(tr, er), f64x2.mul(ti, ei)));
  ai = f64x2.sub(f64x2.mul(L2, fi), f64x2.add(f64x2.mul(tr, ei), f64x2.mul(ti, er)));
  v128.store(found, f64x2.sub(f64x2.mul(ar, ir), f64x2.mul(ai, ii)), 64);
  v128.store(found, f64x2.add(f64x2.mul(ar, ii), f64x2.mul(ai, ir)), 80);
  if (v128.any_true(vanishing)) replace(vanishing, x, folded(y), horizon, order);
}

/** Puts other sums into the lanes in which the closed form is 0 / 0. */
function replace(lanes: v128, x: v128, y: v128, horizon: f64, order: i32): void {
  if (i64x2.extract_lane(lanes, 0) !== 0) {
    nearlyConstantSums(f64x2.extract_lane(x, 0), f64x2.extract_lane(y, 0), horizon, order, found);
  }
  if (i64x2.extract_lane(lanes, 1) !== 0) {
    const to = found + 8;
    nearlyConstantSums(f64x2.extract_lane(x, 1), f64x2.extract_lane(y, 1), horizon, order, to);
  }
}

/** Phases folded into (-pi, pi]. */
function folded(y: v128): v128 {
  const turns = f64x2.nearest(f64x2.mul(y, f64x2.splat(0.15915494309189535)));
  return f64x2.sub(y, f64x2.mul(turns, f64x2.splat(6.283185307179586)));
}

/** Re (e^{x + iy} - 1) = expm1(x) cos y - 2 sin²(y / 2) for small x and y. */
function realOfDifference(x: v128, y: v128): v128 {
  const one = f64x2.splat(1);
  // expm1(x) / x = 1 + x/2! + x²/3! + …, even and odd powers side by side
  const x2 = f64x2.mul(x, x);
  let even = f64x2.splat(1.0 / 39916800.0);
  even = f64x2.add(f64x2.mul(even, x2), f64x2.splat(1.0 / 362880.0));
  even = f64x2.add(f64x2.mul(even, x2), f64x2.splat(1.0 / 5040.0));
  even = f64x2.add(f64x2.mul(even, x2), f64x2.splat(1.0 / 120.0));
  even = f64x2.add(f64x2.mul(even, x2), f64x2.splat(1.0 / 6.0));
  even = f64x2.add(f64x2.mul(even, x2), one);
  let odd = f64x2.splat(1.0 / 479001600.0);
  odd = f64x2.add(f64x2.mul(odd, x2), f64x2.splat(1.0 / 3628800.0));
  odd = f64x2.add(f64x2.mul(odd, x2), f64x2.splat(1.0 / 40320.0));
  odd = f64x2.add(f64x2.mul(odd, x2), f64x2.splat(1.0 / 720.0));
  odd = f64x2.add(f64x2.mul(odd, x2), f64x2.splat(1.0 / 24.0));
  odd = f64x2.add(f64x2.mul(odd, x2), f64x2.splat(0.5));
  const e = f64x2.add(even, f64x2.mul(x, odd));
  // sin(h) / h
  const h = f64x2.mul(y, f64x2.splat(0.5));
  const h2 = f64x2.mul(h, h);
  let s = f64x2.splat(-1.0 / 39916800.0);
  s = f64x2.add(f64x2.mul(s, h2), f64x2.splat(1.0 / 362880.0));
  s = f64x2.add(f64x2.mul(s, h2), f64x2.splat(-1.0 / 5040.0));
  s = f64x2.add(f64x2.mul(s, h2), f64x2.splat(1.0 / 120.0));
  s = f64x2.add(f64x2.mul(s, h2), f64x2.splat(-1.0 / 6.0));
  s = f64x2.add(f64x2.mul(s, h2), one);
  s = f64x2.mul(s, h);
  const twice = f64x2.mul(f64x2.splat(2), f64x2.mul(s, s));
  return f64x2.sub(f64x2.mul(f64x2.mul(x, e), f64x2.sub(one, twice)), twice);
}
