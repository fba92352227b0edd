import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ComplexVector } from '../../../src/core/linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../../../src/core/linalg/matrix';

/** A complex number in the golden files: [re, im]. */
export type Pair = [number, number];

/** The parsed JSON file test/<path>; the caller states its shape. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8'));
}

/** The cases of test/golden/<name>.json. */
export function goldenCases<Case>(name: string): Case[] {
  return (readJson(`golden/${name}.json`) as { cases: Case[] }).cases;
}

export function vector(pairs: readonly Pair[]): ComplexVector {
  return {
    re: Float64Array.from(pairs, ([re]) => re),
    im: Float64Array.from(pairs, ([, im]) => im),
  };
}

export function matrix(rows: readonly (readonly Pair[])[]): ComplexMatrix {
  return matrixOf(rows.length, rows[0].length, rows.flat());
}

export function matrixOf(rows: number, cols: number, pairs: readonly Pair[]): ComplexMatrix {
  return { rows, cols, ...vector(pairs) };
}

/** null in a golden file stands for an infinite horizon. */
export function horizonOf(value: number | null): number {
  return value ?? Infinity;
}

/** ||x - y|| / ||y|| (Frobenius), or ||x|| where y = 0. */
export function distance(x: ComplexVector, y: ComplexVector): number {
  if (x.re.length !== y.re.length) return Infinity;
  let gap = 0;
  let size = 0;
  for (let k = 0; k < y.re.length; k++) {
    gap += (x.re[k] - y.re[k]) ** 2 + (x.im[k] - y.im[k]) ** 2;
    size += y.re[k] ** 2 + y.im[k] ** 2;
  }
  return Math.sqrt(gap) / (size === 0 ? 1 : Math.sqrt(size));
}

/** The largest |x_i - y_j| when every y is given its nearest unused x: for spectra, whose order is free. */
export function spectralDistance(x: ComplexVector, y: ComplexVector): number {
  const used = new Set<number>();
  let worst = 0;
  for (let j = 0; j < y.re.length; j++) {
    let [best, at] = [Infinity, -1];
    for (let i = 0; i < x.re.length; i++) {
      const gap = Math.hypot(x.re[i] - y.re[j], x.im[i] - y.im[j]);
      if (!used.has(i) && gap < best) [best, at] = [gap, i];
    }
    used.add(at);
    worst = Math.max(worst, best);
  }
  return worst;
}

/** A deterministic generator of numbers uniform in (-1, 1), for test inputs only (Lehmer, modulus 2^31 - 1). */
export function generator(seed: number): () => number {
  let state = (seed * 48271 + 11) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}

export function randomMatrix(rows: number, cols: number, next: () => number): ComplexMatrix {
  const A = complexMatrix(rows, cols);
  for (let k = 0; k < A.re.length; k++) {
    A.re[k] = next();
    A.im[k] = next();
  }
  return A;
}
