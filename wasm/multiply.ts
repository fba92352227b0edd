/**
 * y = W x as in src/core/network/ops/multiply: W is rows × inner, x inner × length, y rows × length. Four rows and four
 * positions at a time; every sum runs over `inner` in order, so that the result has the reference's bits.
 *
 * @param panel room for 4 * inner numbers
 * @param length a multiple of four
 */
export function multiply(
  W: usize,
  x: usize,
  y: usize,
  panel: usize,
  rows: usize,
  inner: usize,
  length: usize,
): void {
  for (let t: usize = 0; t < length; t += 4) {
    pack(x + (t << 3), panel, inner, length << 3);
    const to = y + (t << 3);
    let i: usize = 0;
    for (; i + 4 <= rows; i += 4) {
      fourRows(W + ((i * inner) << 3), panel, inner, to + ((i * length) << 3), length << 3);
    }
    for (; i < rows; i++) oneRow(W + ((i * inner) << 3), panel, inner, to + ((i * length) << 3));
  }
}

function pack(x: usize, panel: usize, inner: usize, stride: usize): void {
  const end = panel + (inner << 5);
  for (let p = panel; p < end; p += 32, x += stride) {
    v128.store(p, v128.load(x));
    v128.store(p, v128.load(x, 16), 16);
  }
}

function fourRows(W: usize, panel: usize, inner: usize, y: usize, stride: usize): void {
  const row = inner << 3;
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  const end = W + row;
  for (; W < end; W += 8, panel += 32) {
    const x0 = v128.load(panel);
    const x1 = v128.load(panel, 16);
    const a = v128.load_splat<f64>(W);
    a0 = f64x2.add(a0, f64x2.mul(a, x0));
    a1 = f64x2.add(a1, f64x2.mul(a, x1));
    const b = v128.load_splat<f64>(W + row);
    b0 = f64x2.add(b0, f64x2.mul(b, x0));
    b1 = f64x2.add(b1, f64x2.mul(b, x1));
    const c = v128.load_splat<f64>(W + 2 * row);
    c0 = f64x2.add(c0, f64x2.mul(c, x0));
    c1 = f64x2.add(c1, f64x2.mul(c, x1));
    const d = v128.load_splat<f64>(W + 3 * row);
    d0 = f64x2.add(d0, f64x2.mul(d, x0));
    d1 = f64x2.add(d1, f64x2.mul(d, x1));
  }
  v128.store(y, a0);
  v128.store(y, a1, 16);
  v128.store(y + stride, b0);
  v128.store(y + stride, b1, 16);
  v128.store(y + 2 * stride, c0);
  v128.store(y + 2 * stride, c1, 16);
  v128.store(y + 3 * stride, d0);
  v128.store(y + 3 * stride, d1, 16);
}

function oneRow(W: usize, panel: usize, inner: usize, y: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  const end = W + (inner << 3);
  for (; W < end; W += 8, panel += 32) {
    const a = v128.load_splat<f64>(W);
    a0 = f64x2.add(a0, f64x2.mul(a, v128.load(panel)));
    a1 = f64x2.add(a1, f64x2.mul(a, v128.load(panel, 16)));
  }
  v128.store(y, a0);
  v128.store(y, a1, 16);
}
