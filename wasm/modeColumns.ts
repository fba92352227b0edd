/**
 * The transforms of modes on a grid of frequencies, as in src/core/calibrate/modeTransform: the lanes hold a pole and its conjugate. Frequencies too close to a pole are left out, listed, and done by the host.
 */

/** @returns how many frequencies were left out; their numbers are at `left` */
export function valueColumns(
  cos: usize,
  sin: usize,
  endCos: usize,
  endSin: usize,
  root: usize,
  points: usize,
  expRe: f64,
  expIm: f64,
  endRe: f64,
  endIm: f64,
  horizon: f64,
  taper: f64,
  limit: f64,
  first: usize,
  second: usize,
  left: usize,
): usize {
  const one = f64x2.splat(1);
  const er = f64x2.splat(expRe);
  const ei = bothSigns(expIm);
  const gr = f64x2.splat(endRe);
  const gi = bothSigns(endIm);
  const least = f64x2.splat(limit);
  const L = f64x2.splat(horizon);
  const k = f64x2.splat(taper / horizon);
  const column = points << 3;
  let count: usize = 0;
  for (let m: usize = 0; m < column; m += 8) {
    const c = v128.load_splat<f64>(cos + m);
    const s = v128.load_splat<f64>(sin + m);
    const ec = v128.load_splat<f64>(endCos + m);
    const es = v128.load_splat<f64>(endSin + m);
    // u = 1 - z, n = 1 - z^L
    const ur = f64x2.sub(one, f64x2.add(f64x2.mul(er, c), f64x2.mul(ei, s)));
    const ui = f64x2.sub(f64x2.mul(er, s), f64x2.mul(ei, c));
    const nr = f64x2.sub(one, f64x2.add(f64x2.mul(gr, ec), f64x2.mul(gi, es)));
    const ni = f64x2.sub(f64x2.mul(gr, es), f64x2.mul(gi, ec));
    const size = f64x2.add(f64x2.mul(ur, ur), f64x2.mul(ui, ui));
    if (v128.any_true(f64x2.lt(size, least))) {
      store<f64>(left + (count << 3), <f64>(m >> 3));
      count++;
      continue;
    }
    const inverse = f64x2.div(one, size);
    let pr = f64x2.mul(f64x2.add(f64x2.mul(nr, ur), f64x2.mul(ni, ui)), inverse);
    let pi = f64x2.mul(f64x2.sub(f64x2.mul(ni, ur), f64x2.mul(nr, ui)), inverse);
    if (taper > 0) {
      const zr = f64x2.sub(one, ur);
      const ar = f64x2.sub(
        f64x2.add(f64x2.mul(zr, pr), f64x2.mul(ui, pi)),
        f64x2.mul(L, f64x2.sub(one, nr)),
      );
      const ai = f64x2.add(f64x2.sub(f64x2.mul(zr, pi), f64x2.mul(ui, pr)), f64x2.mul(L, ni));
      const tr = f64x2.mul(f64x2.add(f64x2.mul(ar, ur), f64x2.mul(ai, ui)), inverse);
      const ti = f64x2.mul(f64x2.sub(f64x2.mul(ai, ur), f64x2.mul(ar, ui)), inverse);
      pr = f64x2.sub(pr, f64x2.mul(k, tr));
      pi = f64x2.sub(pi, f64x2.mul(k, ti));
    }
    const half = f64x2.mul(v128.load_splat<f64>(root + m), f64x2.splat(0.5));
    const p = v128.shuffle<f64>(pr, pi, 0, 2);
    const q = v128.shuffle<f64>(pr, pi, 1, 3);
    const even = f64x2.mul(f64x2.add(p, q), half);
    const odd = f64x2.mul(f64x2.sub(p, q), half);
    v128.store_lane<f64>(first + m, even, 0);
    v128.store_lane<f64>(first + column + m, even, 1);
    store<f64>(second + m, -f64x2.extract_lane(odd, 1));
    v128.store_lane<f64>(second + column + m, odd, 0);
  }
  return count;
}

/**
 * @param beta real part of the log-pole
 * @param products receives the four inner products, without the frequencies left out
 * @returns how many frequencies were left out; their numbers are at `left`
 */
export function derivativeColumns(
  cos: usize,
  sin: usize,
  endCos: usize,
  endSin: usize,
  root: usize,
  points: usize,
  expRe: f64,
  expIm: f64,
  endRe: f64,
  endIm: f64,
  horizon: f64,
  taper: f64,
  limit: f64,
  beta: f64,
  weightRe: f64,
  weightIm: f64,
  residual: usize,
  rho: usize,
  omega: usize,
  products: usize,
  left: usize,
): usize {
  const one = f64x2.splat(1);
  const two = f64x2.splat(2);
  const three = f64x2.splat(3);
  const er = f64x2.splat(expRe);
  const ei = bothSigns(expIm);
  const gr = f64x2.splat(endRe);
  const gi = bothSigns(endIm);
  const least = f64x2.splat(limit);
  const L = f64x2.splat(horizon);
  const L2 = f64x2.splat(horizon * horizon);
  const L3 = f64x2.splat(horizon * horizon * horizon);
  const k = f64x2.splat(taper / horizon);
  const wr = f64x2.splat(weightRe);
  const wi = f64x2.splat(weightIm);
  const scale = f64x2.splat(beta);
  const turn = f64x2(-1, 1);
  let c1 = f64x2.splat(0);
  let d1 = c1;
  let c2 = c1;
  let d2 = c1;
  const column = points << 3;
  let count: usize = 0;
  for (let m: usize = 0; m < column; m += 8) {
    const c = v128.load_splat<f64>(cos + m);
    const s = v128.load_splat<f64>(sin + m);
    const ec = v128.load_splat<f64>(endCos + m);
    const es = v128.load_splat<f64>(endSin + m);
    const zr = f64x2.add(f64x2.mul(er, c), f64x2.mul(ei, s));
    const zi = f64x2.sub(f64x2.mul(ei, c), f64x2.mul(er, s));
    const ur = f64x2.sub(one, zr);
    const size = f64x2.add(f64x2.mul(ur, ur), f64x2.mul(zi, zi));
    if (v128.any_true(f64x2.lt(size, least))) {
      store<f64>(left + (count << 3), <f64>(m >> 3));
      count++;
      continue;
    }
    // 1 / (1 - z), then the transforms of e^{mu l}, l e^{mu l}, l² e^{mu l} and, for the taper, l³ e^{mu l}
    const inverse = f64x2.div(one, size);
    const ir = f64x2.mul(ur, inverse);
    const ii = f64x2.mul(zi, inverse);
    const tr = f64x2.add(f64x2.mul(gr, ec), f64x2.mul(gi, es));
    const ti = f64x2.sub(f64x2.mul(gi, ec), f64x2.mul(gr, es));
    const nr = f64x2.sub(one, tr);
    const pr = f64x2.add(f64x2.mul(nr, ir), f64x2.mul(ti, ii));
    const pi = f64x2.sub(f64x2.mul(nr, ii), f64x2.mul(ti, ir));
    let ar = f64x2.sub(f64x2.sub(f64x2.mul(zr, pr), f64x2.mul(zi, pi)), f64x2.mul(L, tr));
    let ai = f64x2.sub(f64x2.add(f64x2.mul(zr, pi), f64x2.mul(zi, pr)), f64x2.mul(L, ti));
    let p1r = f64x2.sub(f64x2.mul(ar, ir), f64x2.mul(ai, ii));
    let p1i = f64x2.add(f64x2.mul(ar, ii), f64x2.mul(ai, ir));
    const vr = f64x2.add(pr, f64x2.mul(two, p1r));
    const vi = f64x2.add(pi, f64x2.mul(two, p1i));
    ar = f64x2.sub(f64x2.sub(f64x2.mul(zr, vr), f64x2.mul(zi, vi)), f64x2.mul(L2, tr));
    ai = f64x2.sub(f64x2.add(f64x2.mul(zr, vi), f64x2.mul(zi, vr)), f64x2.mul(L2, ti));
    let p2r = f64x2.sub(f64x2.mul(ar, ir), f64x2.mul(ai, ii));
    let p2i = f64x2.add(f64x2.mul(ar, ii), f64x2.mul(ai, ir));
    if (taper > 0) {
      const yr = f64x2.add(f64x2.add(pr, f64x2.mul(three, p1r)), f64x2.mul(three, p2r));
      const yi = f64x2.add(f64x2.add(pi, f64x2.mul(three, p1i)), f64x2.mul(three, p2i));
      ar = f64x2.sub(f64x2.sub(f64x2.mul(zr, yr), f64x2.mul(zi, yi)), f64x2.mul(L3, tr));
      ai = f64x2.sub(f64x2.add(f64x2.mul(zr, yi), f64x2.mul(zi, yr)), f64x2.mul(L3, ti));
      p1r = f64x2.sub(p1r, f64x2.mul(k, p2r));
      p1i = f64x2.sub(p1i, f64x2.mul(k, p2i));
      p2r = f64x2.sub(p2r, f64x2.mul(k, f64x2.sub(f64x2.mul(ar, ir), f64x2.mul(ai, ii))));
      p2i = f64x2.sub(p2i, f64x2.mul(k, f64x2.add(f64x2.mul(ar, ii), f64x2.mul(ai, ir))));
    }
    const half = f64x2.mul(v128.load_splat<f64>(root + m), f64x2.splat(0.5));
    // from here on the lanes hold real and imaginary part: of the sum over the pole and its conjugate, and of i times
    // their difference
    const p1 = v128.shuffle<f64>(p1r, p1i, 0, 2);
    const q1 = v128.shuffle<f64>(p1r, p1i, 1, 3);
    const even = f64x2.mul(f64x2.add(p1, q1), half);
    const odd = f64x2.mul(timesI(f64x2.sub(p1, q1), turn), half);
    const p2 = v128.shuffle<f64>(p2r, p2i, 0, 2);
    const q2 = v128.shuffle<f64>(p2r, p2i, 1, 3);
    const even2 = f64x2.mul(f64x2.add(p2, q2), half);
    const odd2 = f64x2.mul(timesI(f64x2.sub(p2, q2), turn), half);
    const alongRho = f64x2.mul(scale, f64x2.add(f64x2.mul(wr, even), f64x2.mul(wi, odd)));
    const alongOmega = f64x2.sub(f64x2.mul(wr, odd), f64x2.mul(wi, even));
    v128.store_lane<f64>(rho + m, alongRho, 0);
    v128.store_lane<f64>(rho + column + m, alongRho, 1);
    v128.store_lane<f64>(omega + m, alongOmega, 0);
    v128.store_lane<f64>(omega + column + m, alongOmega, 1);
    const x = v128.load_lane<f64>(residual + column + m, v128.load_zero<f64>(residual + m), 1);
    c1 = f64x2.add(c1, f64x2.mul(x, even));
    d1 = f64x2.add(d1, f64x2.mul(x, odd));
    c2 = f64x2.add(c2, f64x2.mul(x, even2));
    d2 = f64x2.add(d2, f64x2.mul(x, odd2));
  }
  storeSum(products, c1);
  storeSum(products + 8, d1);
  storeSum(products + 16, c2);
  storeSum(products + 24, d2);
  return count;
}

/**
 * out = values - sum_i u_i column_i, as `fillResidual` of src/core/calibrate/weightedProjection.
 *
 * @param rows length of a column, even
 * @returns the sum of squares of `out`
 */
export function residual(
  columns: usize,
  rows: usize,
  count: usize,
  u: usize,
  values: usize,
  out: usize,
): f64 {
  const column = rows << 3;
  let squares = f64x2.splat(0);
  for (let k: usize = 0; k < column; k += 16) {
    let rest = v128.load(values + k);
    let at = columns + k;
    for (let i: usize = 0; i < count; i++, at += column) {
      rest = f64x2.sub(rest, f64x2.mul(v128.load_splat<f64>(u + (i << 3)), v128.load(at)));
    }
    v128.store(out + k, rest);
    squares = f64x2.add(squares, f64x2.mul(rest, rest));
  }
  return f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1);
}

function bothSigns(x: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(x), 1, -x);
}

/** i times a complex number whose parts are the lanes; `turn` is (-1, 1). */
function timesI(x: v128, turn: v128): v128 {
  return f64x2.mul(v128.shuffle<f64>(x, x, 1, 0), turn);
}

function storeSum(to: usize, x: v128): void {
  store<f64>(to, f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1));
}
