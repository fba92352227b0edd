/** 1.5 * 2^52: added to a small integer as f64 it leaves the integer in the low bits. */
const magic: f64 = 6755399441055744.0;
const perTurn: f64 = 1.4426950408889634; // log2 e
/** log 2 in two parts, the first short enough that its products with exponents are exact. */
const logTwoHigh: f64 = 0.6931471803691238;
const logTwoLow: f64 = 1.9082149292705877e-10;

/** e^x of both lanes to about one unit in the last place; arguments are held between -708 and 709. */
export function exponential(x: v128): v128 {
  const held = f64x2.min(f64x2.max(x, f64x2.splat(-708)), f64x2.splat(709));
  const n = f64x2.nearest(f64x2.mul(held, f64x2.splat(perTurn)));
  const r = f64x2.sub(
    f64x2.sub(held, f64x2.mul(n, f64x2.splat(logTwoHigh))),
    f64x2.mul(n, f64x2.splat(logTwoLow)),
  );
  // Taylor's polynomial of degree 13 for |r| < 0.35, its halves summed side by side
  const r2 = f64x2.mul(r, r);
  let even = f64x2.splat(1.0 / 479001600.0);
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(1.0 / 3628800.0));
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(1.0 / 40320.0));
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(1.0 / 720.0));
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(1.0 / 24.0));
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(0.5));
  let odd = f64x2.splat(1.0 / 6227020800.0);
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(1.0 / 39916800.0));
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(1.0 / 362880.0));
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(1.0 / 5040.0));
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(1.0 / 120.0));
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(1.0 / 6.0));
  const tail = f64x2.add(f64x2.mul(r2, even), f64x2.mul(f64x2.mul(odd, r2), r));
  const value = f64x2.add(f64x2.splat(1), f64x2.add(r, tail));
  const exponent = i64x2.shl(f64x2.add(n, f64x2.splat(magic)), 52);
  return i64x2.add(value, exponent);
}
