import { weighted } from './fitSums';
import { found, modeSums } from './modeSums';

/** 12 numbers of each of two poles. */
const sums: usize = memory.data(192, 16);

/**
 * `correlate` of src/core/objective/insertion, two candidates at a time.
 *
 * @param a six rows of the full system's poles (see fitSums), then two of their weights
 * @param c six rows of candidates
 * @param correlation receives 4 numbers a candidate, `norms` 3
 */
export function correlate(
  a: usize,
  aCount: usize,
  aStride: usize,
  c: usize,
  count: usize,
  stride: usize,
  horizon: f64,
  correlation: usize,
  norms: usize,
): void {
  const weights = a + 6 * aStride;
  for (let j: usize = 0; j < count; j += 2) {
    const pole = c + (j << 3);
    const both = j + 1 < count;
    weighted(a, aCount, aStride, weights, pole, stride, horizon, 0, sums);
    const to = correlation + (j << 5);
    v128.store(to, v128.load(sums));
    v128.store(to, v128.load(sums, 48), 16);
    if (both) {
      v128.store(to, v128.load(sums, 96), 32);
      v128.store(to, v128.load(sums, 144), 48);
    }
    storeNorms(pole, stride, horizon, norms + j * 24, both);
  }
}

/** Squared norms and product of the columns Re e^{ck}, Re i e^{ck} of two candidates. */
function storeNorms(c: usize, stride: usize, horizon: f64, to: usize, both: bool): void {
  const zero = f64x2.splat(0);
  const x = v128.load(c);
  const y = v128.load(c + stride);
  const er = v128.load(c + 2 * stride);
  const ei = v128.load(c + 3 * stride);
  const fr = v128.load(c + 4 * stride);
  const fi = v128.load(c + 5 * stride);
  const twice = f64x2.add(x, x);
  const size = f64x2.add(f64x2.mul(er, er), f64x2.mul(ei, ei));
  const end = f64x2.add(f64x2.mul(fr, fr), f64x2.mul(fi, fi));
  modeSums(twice, zero, size, zero, end, zero, horizon, 0);
  const s = v128.load(found);
  const ee = f64x2.mul(er, ei);
  const ff = f64x2.mul(fr, fi);
  modeSums(
    twice,
    f64x2.add(y, y),
    f64x2.sub(f64x2.mul(er, er), f64x2.mul(ei, ei)),
    f64x2.add(ee, ee),
    f64x2.sub(f64x2.mul(fr, fr), f64x2.mul(fi, fi)),
    f64x2.add(ff, ff),
    horizon,
    0,
  );
  const half = f64x2.splat(0.5);
  const t = v128.load(found);
  const first = f64x2.mul(half, f64x2.add(s, t));
  const product = f64x2.mul(f64x2.splat(-0.5), v128.load(found, 16));
  const second = f64x2.mul(half, f64x2.sub(s, t));
  v128.store(to, v128.shuffle<f64>(first, product, 0, 2));
  store<f64>(to, f64x2.extract_lane(second, 0), 16);
  if (!both) return;
  v128.store(to, v128.shuffle<f64>(first, product, 1, 3), 24);
  store<f64>(to, f64x2.extract_lane(second, 1), 40);
}
