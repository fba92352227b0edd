import { raised } from './rounding';

/**
 * sqrt( max sum_c T_c² s_c² ) over 0 <= s_c <= r_c and sum s_c² <= R²: a fractional knapsack, filled by descending T_c.
 */
export function largestEnergy(T: Float64Array, r: Float64Array, R: number): number {
  const order = Array.from(T.keys()).sort((a, b) => T[b] - T[a]);
  let left = R * R;
  let total = 0;
  for (const c of order) {
    if (T[c] === 0) break;
    const share = Math.min(r[c] * r[c], left);
    total += T[c] * T[c] * share;
    if (share === left) break;
    left -= share;
  }
  // what is left is a difference, but of numbers below R²
  return raised(Math.sqrt(total), 8 * T.length);
}
