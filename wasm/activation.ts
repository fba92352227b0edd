import { exponential } from './exponential';

/** Kinds of activations, as numbered by the host. */
const gelu: i32 = 0;
const geluTanh: i32 = 1;
const silu: i32 = 2;

/** y = activation(x) for `count` numbers, an even number. `erf` holds the Taylor polynomials of core's erf. */
export function activate(kind: i32, x: usize, y: usize, count: usize, erf: usize): void {
  const end = x + (count << 3);
  if (kind === gelu) {
    for (; x < end; x += 16, y += 16) v128.store(y, geluOf(v128.load(x), erf));
  } else if (kind === geluTanh) {
    for (; x < end; x += 16, y += 16) v128.store(y, geluTanhOf(v128.load(x)));
  } else if (kind === silu) {
    for (; x < end; x += 16, y += 16) {
      const a = v128.load(x);
      v128.store(y, f64x2.mul(a, sigmoidOf(a)));
    }
  } else {
    for (; x < end; x += 16, y += 16) v128.store(y, sigmoidOf(v128.load(x)));
  }
}

/** y = kept * activation(gates): the same with a product. */
export function gate(
  kind: i32,
  kept: usize,
  gates: usize,
  y: usize,
  count: usize,
  erf: usize,
): void {
  activate(kind, gates, y, count, erf);
  const end = y + (count << 3);
  for (; y < end; y += 16, kept += 16) v128.store(y, f64x2.mul(v128.load(kept), v128.load(y)));
}

/** 1 / (1 + e^-x) */
function sigmoidOf(x: v128): v128 {
  const one = f64x2.splat(1);
  return f64x2.div(one, f64x2.add(one, exponential(f64x2.neg(x))));
}

/** x/2 (1 + tanh z) = x / (1 + e^{-2z}) with z = sqrt(2 / pi) (x + 0.044715 x³). */
function geluTanhOf(x: v128): v128 {
  const cube = f64x2.mul(f64x2.mul(x, x), f64x2.mul(x, f64x2.splat(0.044715)));
  const twice = f64x2.mul(f64x2.splat(1.5957691216057308), f64x2.add(x, cube));
  return f64x2.mul(x, sigmoidOf(twice));
}

const nodesPerUnit: f64 = 16;
const degree: i32 = 10;
const stride: i32 = 11 << 3;
const lastNode: f64 = 96;

/** x/2 (1 + erf(x / sqrt 2)); erf by the polynomial around the next node, as core/network/ops/erf. */
function geluOf(x: v128, erf: usize): v128 {
  const z = f64x2.mul(x, f64x2.splat(0.7071067811865476));
  const size = f64x2.abs(z);
  const node = f64x2.min(
    f64x2.nearest(f64x2.mul(size, f64x2.splat(nodesPerUnit))),
    f64x2.splat(lastNode),
  );
  const d = f64x2.sub(size, f64x2.div(node, f64x2.splat(nodesPerUnit)));
  const nodes = i32x4.trunc_sat_f64x2_u_zero(node);
  let left = erf + i32x4.extract_lane(nodes, 0) * stride + degree * 8;
  let right = erf + i32x4.extract_lane(nodes, 1) * stride + degree * 8;
  let sum = v128.load_lane<f64>(right, v128.load_zero<f64>(left), 1);
  for (let n = 0; n < degree; n++) {
    left -= 8;
    right -= 8;
    const next = v128.load_lane<f64>(right, v128.load_zero<f64>(left), 1);
    sum = f64x2.add(f64x2.mul(sum, d), next);
  }
  const within = f64x2.lt(size, f64x2.splat(lastNode / nodesPerUnit));
  const isNumber = f64x2.eq(z, z);
  const held = v128.bitselect(sum, f64x2.splat(1), v128.or(within, v128.not(isNumber)));
  // erf is odd: the sign of z
  const odd = v128.xor(held, v128.and(z, i64x2.splat(i64.MIN_VALUE)));
  return f64x2.mul(f64x2.mul(f64x2.splat(0.5), x), f64x2.add(f64x2.splat(1), odd));
}
