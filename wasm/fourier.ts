/**
 * Two discrete Fourier transforms at once, one a vector lane: X_m = sum_t x_t e^{-2 pi i m t / size} for a power of two.
 * An element takes 32 bytes: real parts of both, then imaginary parts. Stockham's algorithm with radix 4: no reordering,
 * from one buffer to the other and back.
 *
 * @param turns e^{-2 pi i k / size} as (re, im) for k < 3/4 size
 * @returns the buffer that holds the result, `data` or `other`
 */
export function transformPair(data: usize, other: usize, turns: usize, size: usize): usize {
  let from = data;
  let to = other;
  let step: usize = 1;
  let left = size;
  for (; left >= 4; left >>= 2, step <<= 2) {
    quarterStage(from, to, turns, left >> 2, step);
    const kept = from;
    from = to;
    to = kept;
  }
  if (left === 1) return from;
  lastHalf(from, to, step);
  return to;
}

function quarterStage(x: usize, y: usize, turns: usize, quarter: usize, step: usize): void {
  const run = step << 5;
  const apart = quarter * run;
  for (let p: usize = 0; p < quarter; p++) {
    const first = turns + ((p * step) << 4);
    const second = turns + ((2 * p * step) << 4);
    const third = turns + ((3 * p * step) << 4);
    const c1 = v128.load_splat<f64>(first);
    const s1 = v128.load_splat<f64>(first, 8);
    const c2 = v128.load_splat<f64>(second);
    const s2 = v128.load_splat<f64>(second, 8);
    const c3 = v128.load_splat<f64>(third);
    const s3 = v128.load_splat<f64>(third, 8);
    let to = y + 4 * p * run;
    const end = x + (p + 1) * run;
    for (let at = x + p * run; at < end; at += 32, to += 32) {
      const ar = v128.load(at);
      const ai = v128.load(at, 16);
      const cr = v128.load(at + 2 * apart);
      const ci = v128.load(at + 2 * apart, 16);
      const br = v128.load(at + apart);
      const bi = v128.load(at + apart, 16);
      const dr = v128.load(at + 3 * apart);
      const di = v128.load(at + 3 * apart, 16);
      const er = f64x2.add(ar, cr);
      const ei = f64x2.add(ai, ci);
      const fr = f64x2.sub(ar, cr);
      const fi = f64x2.sub(ai, ci);
      const gr = f64x2.add(br, dr);
      const gi = f64x2.add(bi, di);
      // -i (b - d)
      const hr = f64x2.sub(bi, di);
      const hi = f64x2.sub(dr, br);
      v128.store(to, f64x2.add(er, gr));
      v128.store(to, f64x2.add(ei, gi), 16);
      storeTurned(to + run, f64x2.add(fr, hr), f64x2.add(fi, hi), c1, s1);
      storeTurned(to + 2 * run, f64x2.sub(er, gr), f64x2.sub(ei, gi), c2, s2);
      storeTurned(to + 3 * run, f64x2.sub(fr, hr), f64x2.sub(fi, hi), c3, s3);
    }
  }
}

function storeTurned(to: usize, re: v128, im: v128, c: v128, s: v128): void {
  v128.store(to, f64x2.sub(f64x2.mul(re, c), f64x2.mul(im, s)));
  v128.store(to, f64x2.add(f64x2.mul(re, s), f64x2.mul(im, c)), 16);
}

function lastHalf(x: usize, y: usize, step: usize): void {
  const apart = step << 5;
  for (let at: usize = 0; at < apart; at += 16) {
    const a = v128.load(x + at);
    const b = v128.load(x + apart + at);
    v128.store(y + at, f64x2.add(a, b));
    v128.store(y + apart + at, f64x2.sub(a, b));
  }
}
