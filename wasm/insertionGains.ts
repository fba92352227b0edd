import { found, modeSums } from './modeSums';

/**
 * `insertionGains` of src/core/objective/insertionGains, two candidates at a time.
 *
 * @param b six rows of poles, `count` of them, and their weights in two rows more
 * @param candidates six rows of poles; their number `many` is even
 * @param correlation four numbers a candidate, `norms` three
 * @param scale,lower of the scaled factor, 2 count and its square
 * @param room for 4 count vectors
 * @param gains added to
 */
export function insertionGains(
  b: usize,
  count: usize,
  bStride: usize,
  candidates: usize,
  many: usize,
  stride: usize,
  correlation: usize,
  norms: usize,
  scale: usize,
  lower: usize,
  horizon: f64,
  room: usize,
  gains: usize,
): void {
  const n: usize = count << 1;
  const first = room;
  const second = room + (n << 4);
  const half = f64x2.splat(0.5);
  for (let c: usize = 0; c < many << 3; c += 16) {
    const at = candidates + c;
    const x = v128.load(at);
    const y = v128.load(at + stride);
    const er = v128.load(at + 2 * stride);
    const ei = v128.load(at + 3 * stride);
    const fr = v128.load(at + 4 * stride);
    const fi = v128.load(at + 5 * stride);
    const g0 = v128.load(correlation + 4 * c);
    const h0 = v128.load(correlation + 4 * c, 16);
    const g1 = v128.load(correlation + 4 * c, 32);
    const h1 = v128.load(correlation + 4 * c, 48);
    let gr = v128.shuffle<f64>(g0, g1, 0, 2);
    let gi = v128.shuffle<f64>(g0, g1, 1, 3);
    let hr = v128.shuffle<f64>(h0, h1, 0, 2);
    let hi = v128.shuffle<f64>(h0, h1, 1, 3);
    for (let j: usize = 0; j < count; j++) {
      const pole = b + (j << 3);
      const re = f64x2.add(x, v128.load_splat<f64>(pole));
      const im = v128.load_splat<f64>(pole + bStride);
      const c0 = v128.load_splat<f64>(pole + 2 * bStride);
      const d0 = v128.load_splat<f64>(pole + 3 * bStride);
      const e0 = v128.load_splat<f64>(pole + 4 * bStride);
      const f0 = v128.load_splat<f64>(pole + 5 * bStride);
      const vr = v128.load_splat<f64>(pole + 6 * bStride);
      const vi = v128.load_splat<f64>(pole + 7 * bStride);
      // with conj b_j
      modeSums(
        re,
        f64x2.sub(y, im),
        f64x2.add(f64x2.mul(c0, er), f64x2.mul(d0, ei)),
        f64x2.sub(f64x2.mul(c0, ei), f64x2.mul(d0, er)),
        f64x2.add(f64x2.mul(e0, fr), f64x2.mul(f0, fi)),
        f64x2.sub(f64x2.mul(e0, fi), f64x2.mul(f0, fr)),
        horizon,
        0,
      );
      const sr = v128.load(found);
      const si = v128.load(found, 16);
      modeSums(
        re,
        f64x2.add(y, im),
        f64x2.sub(f64x2.mul(c0, er), f64x2.mul(d0, ei)),
        f64x2.add(f64x2.mul(c0, ei), f64x2.mul(d0, er)),
        f64x2.sub(f64x2.mul(e0, fr), f64x2.mul(f0, fi)),
        f64x2.add(f64x2.mul(e0, fi), f64x2.mul(f0, fr)),
        horizon,
        0,
      );
      const tr = v128.load(found);
      const ti = v128.load(found, 16);
      gr = f64x2.sub(gr, f64x2.add(f64x2.mul(sr, vr), f64x2.mul(si, vi)));
      gi = f64x2.sub(gi, f64x2.sub(f64x2.mul(sr, vi), f64x2.mul(si, vr)));
      hr = f64x2.sub(hr, f64x2.sub(f64x2.mul(tr, vr), f64x2.mul(ti, vi)));
      hi = f64x2.sub(hi, f64x2.add(f64x2.mul(tr, vi), f64x2.mul(ti, vr)));
      v128.store(first + (j << 4), f64x2.mul(half, f64x2.add(sr, tr)));
      v128.store(first + ((j + count) << 4), f64x2.mul(half, f64x2.sub(si, ti)));
      v128.store(second + (j << 4), f64x2.neg(f64x2.mul(half, f64x2.add(si, ti))));
      v128.store(second + ((j + count) << 4), f64x2.mul(half, f64x2.sub(sr, tr)));
    }
    const n0 = v128.load(norms + 3 * c);
    const n1 = v128.load(norms + 3 * c, 16);
    const n2 = v128.load(norms + 3 * c, 32);
    const a11 = v128.shuffle<f64>(n0, n1, 0, 3);
    const a22 = v128.shuffle<f64>(n1, n2, 0, 3);
    let b11 = a11;
    let b12 = v128.shuffle<f64>(n0, n2, 1, 2);
    let b22 = a22;
    for (let i: usize = 0; i < n; i++) {
      const s = v128.load_splat<f64>(scale + (i << 3));
      let u = f64x2.div(v128.load(first + (i << 4)), s);
      let v = f64x2.div(v128.load(second + (i << 4)), s);
      const row = lower + ((i * n) << 3);
      for (let k: usize = 0; k < i; k++) {
        const l = v128.load_splat<f64>(row + (k << 3));
        u = f64x2.sub(u, f64x2.mul(l, v128.load(first + (k << 4))));
        v = f64x2.sub(v, f64x2.mul(l, v128.load(second + (k << 4))));
      }
      const inverse = f64x2.div(f64x2.splat(1), v128.load_splat<f64>(row + (i << 3)));
      u = f64x2.mul(u, inverse);
      v = f64x2.mul(v, inverse);
      v128.store(first + (i << 4), u);
      v128.store(second + (i << 4), v);
      b11 = f64x2.sub(b11, f64x2.mul(u, u));
      b12 = f64x2.sub(b12, f64x2.mul(u, v));
      b22 = f64x2.sub(b22, f64x2.mul(v, v));
    }
    const determinant = f64x2.sub(f64x2.mul(b11, b22), f64x2.mul(b12, b12));
    const least = f64x2.mul(f64x2.splat(1e-6), f64x2.mul(a11, a22));
    const counts = v128.and(
      f64x2.gt(determinant, least),
      f64x2.gt(b11, f64x2.mul(f64x2.splat(1e-3), a11)),
    );
    const p = f64x2.mul(half, f64x2.add(gr, hr));
    const q = f64x2.mul(half, f64x2.sub(gi, hi));
    const cross = f64x2.mul(f64x2.splat(2), f64x2.mul(f64x2.mul(p, q), b12));
    const gain = f64x2.div(
      f64x2.add(f64x2.sub(f64x2.mul(f64x2.mul(p, p), b22), cross), f64x2.mul(f64x2.mul(q, q), b11)),
      determinant,
    );
    const added = v128.and(gain, counts);
    v128.store(gains + c, f64x2.add(v128.load(gains + c), added));
  }
}
