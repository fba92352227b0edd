/** Unit roundoff of float64. */
export const roundoff = 2 ** -53;

/**
 * A number computed with so many operations on numbers that are not negative, made so large that the exact one is below:
 * each operation is off by at most one unit of rounding, square roots and library functions by four.
 */
export function raised(value: number, operations: number): number {
  return value * (1 + 2 * (operations + 8) * roundoff);
}

/** An upper bound of the Euclidean norm. */
export function normAbove(values: Iterable<number>): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += (value / largest) ** 2;
    count++;
  }
  return raised(largest * Math.sqrt(sum), count);
}

/** An upper bound of the sum of absolute values. */
export function absoluteSumAbove(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += Math.abs(value);
    count++;
  }
  return raised(sum, count);
}

/** The largest absolute value. */
export function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

/** a b where an unbounded factor meets a zero: nothing is passed on, however large. */
export function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}
