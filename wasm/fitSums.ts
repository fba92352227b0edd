import { found, modeSums } from './modeSums';

/*
 * A set of poles lies as six rows of `stride` numbers: re, im, Re e^a, Im e^a, Re e^{La}, Im e^{La}. Rows that are read
 * two poles at a time have one more where their number is odd, a copy of the last.
 */

/**
 * `fitSums` of src/core/objective/pairSums, two poles of b at a time: weighted sums of each with all poles of a, and sums
 * of all pairs of b.
 *
 * @param aStride,bStride bytes from one row to the next
 * @param weights real parts, and a row on imaginary parts
 * @param horizon 0 for an infinite one
 * @param cross 12 numbers a pole of b: S, S', S'' with conj b_j, then with b_j
 * @param own 12 numbers a pair, row-major, those with i <= j
 */
export function fitSums(
  a: usize,
  aCount: usize,
  aStride: usize,
  weights: usize,
  b: usize,
  bCount: usize,
  bStride: usize,
  horizon: f64,
  order: i32,
  cross: usize,
  own: usize,
): void {
  for (let j: usize = 0; j < bCount; j += 2) {
    const pole = b + (j << 3);
    const both = j + 1 < bCount;
    const to = cross + j * 96;
    weighted(a, aCount, aStride, weights, pole, bStride, horizon, order, to);
    for (let i: usize = 0; i < min(j + 2, bCount); i++) {
      const at = own + (i * bCount + j) * 96;
      pairs(b + (i << 3), pole, bStride, horizon, order, at, both);
    }
  }
}

/**
 * Sums of two poles of b with all of a, weighted and added up.
 *
 * @param to receives 12 numbers a pole: S, S', S'' with conj b_j, then with b_j
 */
export function weighted(
  a: usize,
  count: usize,
  aStride: usize,
  weights: usize,
  b: usize,
  stride: usize,
  horizon: f64,
  order: i32,
  to: usize,
): void {
  const x = v128.load(b);
  const r = v128.load(b + 2 * stride);
  const endRe = v128.load(b + 4 * stride);
  let sign = f64x2.splat(-1);
  for (let side = 0; side < 2; side++, to += 48) {
    const y = f64x2.mul(sign, v128.load(b + stride));
    const i = f64x2.mul(sign, v128.load(b + 3 * stride));
    const endIm = f64x2.mul(sign, v128.load(b + 5 * stride));
    let s0r = f64x2.splat(0);
    let s0i = s0r;
    let s1r = s0r;
    let s1i = s0r;
    let s2r = s0r;
    let s2i = s0r;
    const end = a + (count << 3);
    for (let at = a, w = weights; at < end; at += 8, w += 8) {
      const c = v128.load_splat<f64>(at + 2 * aStride);
      const d = v128.load_splat<f64>(at + 3 * aStride);
      const e = v128.load_splat<f64>(at + 4 * aStride);
      const f = v128.load_splat<f64>(at + 5 * aStride);
      modeSums(
        f64x2.add(x, v128.load_splat<f64>(at)),
        f64x2.add(y, v128.load_splat<f64>(at + aStride)),
        f64x2.sub(f64x2.mul(r, c), f64x2.mul(i, d)),
        f64x2.add(f64x2.mul(r, d), f64x2.mul(i, c)),
        f64x2.sub(f64x2.mul(endRe, e), f64x2.mul(endIm, f)),
        f64x2.add(f64x2.mul(endRe, f), f64x2.mul(endIm, e)),
        horizon,
        order,
      );
      const wr = v128.load_splat<f64>(w);
      const wi = v128.load_splat<f64>(w + aStride);
      let re = v128.load(found);
      let im = v128.load(found, 16);
      s0r = f64x2.add(s0r, f64x2.sub(f64x2.mul(re, wr), f64x2.mul(im, wi)));
      s0i = f64x2.add(s0i, f64x2.add(f64x2.mul(re, wi), f64x2.mul(im, wr)));
      if (order === 0) continue;
      re = v128.load(found, 32);
      im = v128.load(found, 48);
      s1r = f64x2.add(s1r, f64x2.sub(f64x2.mul(re, wr), f64x2.mul(im, wi)));
      s1i = f64x2.add(s1i, f64x2.add(f64x2.mul(re, wi), f64x2.mul(im, wr)));
      re = v128.load(found, 64);
      im = v128.load(found, 80);
      s2r = f64x2.add(s2r, f64x2.sub(f64x2.mul(re, wr), f64x2.mul(im, wi)));
      s2i = f64x2.add(s2i, f64x2.add(f64x2.mul(re, wi), f64x2.mul(im, wr)));
    }
    storePair(to, s0r, s0i);
    storePair(to + 16, s1r, s1i);
    storePair(to + 32, s2r, s2i);
    sign = f64x2.neg(sign);
  }
}

/** Numbers of the first lane go to `to`, of the second 12 numbers on: there is room for one more than there are poles. */
function storePair(to: usize, re: v128, im: v128): void {
  v128.store(to, v128.shuffle<f64>(re, im, 0, 2));
  v128.store(to + 96, v128.shuffle<f64>(re, im, 1, 3));
}

/** Sums of pole i with two poles. */
function pairs(
  one: usize,
  b: usize,
  stride: usize,
  horizon: f64,
  order: i32,
  to: usize,
  both: bool,
): void {
  const re = v128.load_splat<f64>(one);
  const c = v128.load_splat<f64>(one + 2 * stride);
  const e = v128.load_splat<f64>(one + 4 * stride);
  const x = f64x2.add(re, v128.load(b));
  const r = v128.load(b + 2 * stride);
  const s = v128.load(b + 3 * stride);
  const endRe = v128.load(b + 4 * stride);
  const endIm = v128.load(b + 5 * stride);
  let sign = f64x2.splat(-1);
  for (let side = 0; side < 2; side++, to += 48) {
    const y = f64x2.mul(sign, v128.load_splat<f64>(one + stride));
    const d = f64x2.mul(sign, v128.load_splat<f64>(one + 3 * stride));
    const f = f64x2.mul(sign, v128.load_splat<f64>(one + 5 * stride));
    modeSums(
      x,
      f64x2.add(y, v128.load(b + stride)),
      f64x2.sub(f64x2.mul(r, c), f64x2.mul(s, d)),
      f64x2.add(f64x2.mul(r, d), f64x2.mul(s, c)),
      f64x2.sub(f64x2.mul(endRe, e), f64x2.mul(endIm, f)),
      f64x2.add(f64x2.mul(endRe, f), f64x2.mul(endIm, e)),
      horizon,
      order,
    );
    for (let p = 0; p <= order; p++) {
      const realPart = v128.load(found + 32 * p);
      const imaginary = v128.load(found + 32 * p, 16);
      v128.store(to + 16 * p, v128.shuffle<f64>(realPart, imaginary, 0, 2));
      if (both) v128.store(to + 16 * p + 96, v128.shuffle<f64>(realPart, imaginary, 1, 3));
    }
    sign = f64x2.neg(sign);
  }
}
