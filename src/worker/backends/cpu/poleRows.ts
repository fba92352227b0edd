import type { PoleSet } from '../../../core/systems/poleSet';

/** Horizons shorter than this are left to the reference: most of their sums need its special cases. */
export const shortest = 32;

/** The horizon as the module takes it: 0 for an infinite one. */
export function steps({ horizon }: PoleSet): number {
  return horizon === Infinity ? 0 : horizon;
}

/** Six rows of `stride` numbers; what is left of a row is filled with the last. */
export function placePoles(numbers: Float64Array, at: number, set: PoleSet, stride: number): void {
  const { count, re, im, expRe, expIm, endRe, endIm } = set;
  for (let i = 0; i < stride; i++) {
    const from = Math.min(i, count - 1);
    const to = at + i;
    numbers[to] = re[from];
    numbers[to + stride] = im[from];
    numbers[to + 2 * stride] = expRe[from];
    numbers[to + 3 * stride] = expIm[from];
    numbers[to + 4 * stride] = endRe[from];
    numbers[to + 5 * stride] = endIm[from];
  }
}

/** Two rows more behind those of the poles. */
export function placeWeights(
  numbers: Float64Array,
  at: number,
  re: Float64Array,
  im: Float64Array,
  stride: number,
): void {
  numbers.set(re, at + 6 * stride);
  numbers.set(im, at + 7 * stride);
}
