import { SsmError } from '../errors';
import type { ComplexVector } from '../linalg/complex';
import { type DoubleDoubles, add, addProduct, doubleDoubles, invert } from '../linalg/doubleDouble';
import { type SecularEquation, evaluate } from './secularEquation';

const coarseSteps = 200;
const fineSteps = 30;
/** Relative step to go over to double-doubles at: the iteration is cubic, so what remains is far smaller. */
const coarseTolerance = 1e-8;
/** Relative error to stop at. */
const fineTolerance = 1e-25;

/** Im s / |s| down to which a root counts as real as long as it is known to doubles alone. */
const nearlyReal = 1e-6;

/**
 * The roots of a secular equation by the Ehrlich-Aberth iteration, as in Bini and Robol, "Solving secular and polynomial
 * equations: a multiprecision algorithm" (2014): in doubles first, from the diagonal of D - P Q^T, then in
 * double-doubles. Of a symmetric equation those above the real axis and on it, possibly some below. One number each.
 * @throws SsmError `bad-parameters` where they do not converge
 */
export function secularRoots(equation: SecularEquation): DoubleDoubles[] {
  if (equation.active.length === 0) return [];
  const { re, im } = coarseRoots(equation);
  const roots: DoubleDoubles[] = [];
  const places: number[] = [];
  re.forEach((x, i) => {
    if (equation.symmetric && im[i] < -nearlyReal * Math.hypot(x, im[i])) return;
    roots.push(Float64Array.of(x, 0, im[i], 0));
    places.push(i);
  });
  for (let step = 0; step < fineSteps; step++) {
    let largest = 0;
    roots.forEach((root, k) => {
      const away = repulsion(re, im, places[k]);
      const size = improve(equation, root, away);
      re[places[k]] = root[0];
      im[places[k]] = root[2];
      // what a cubic iteration leaves, relative to the root
      largest = Math.max(largest, (size * away[2]) ** 2 * (size / Math.hypot(root[0], root[2])));
    });
    if (largest < fineTolerance) return roots;
  }
  throw new SsmError(
    'bad-parameters',
    'The poles of the dense states cannot be computed: the iteration for them does not converge.',
  );
}

/** One Ehrlich-Aberth step in double-doubles for a root away from the others; its length. */
function improve(
  equation: SecularEquation,
  root: DoubleDoubles,
  away: readonly [number, number, number],
): number {
  const { inverses, determinant, slope } = evaluate(equation, root);
  // 1 / step = (log f)' - sum_j 1 / (s_i - s_j) with f the characteristic polynomial; only (log f)' needs the digits
  const rate = doubleDoubles(1);
  invert(determinant, 0, rate, 0);
  if (!Number.isFinite(rate[0])) return 0;
  const ratio = doubleDoubles(1);
  addProduct(rate, 0, slope, 0, ratio, 0);
  for (const k of equation.active) add(ratio, 0, inverses, k, 1, ratio, 0);
  add(ratio, 0, Float64Array.of(away[0], 0, away[1], 0), 0, -1, ratio, 0);
  invert(ratio, 0, ratio, 0);
  add(root, 0, ratio, 0, -1, root, 0);
  return Math.hypot(ratio[0], ratio[2]);
}

/** sum_j 1 / (s_i - s_j) over the other roots, and the largest of the moduli. */
function repulsion(re: Float64Array, im: Float64Array, i: number): [number, number, number] {
  const [x, y] = [re[i], im[i]];
  let [sumRe, sumIm, closest] = [0, 0, Infinity];
  for (let j = 0; j < re.length; j++) {
    const u = x - re[j];
    const v = y - im[j];
    const size = u * u + v * v;
    if (size === 0) continue;
    closest = Math.min(closest, size);
    sumRe += u / size;
    sumIm -= v / size;
  }
  return [sumRe, sumIm, 1 / Math.sqrt(closest)];
}

/** The equation's active states in plain doubles. */
interface Plain {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly ranks: number;
  /** (Q^T)_a P_b of each state as re, im; number a * ranks + b. */
  readonly products: readonly Float64Array[];
}

function coarseRoots(equation: SecularEquation): ComplexVector {
  const plain = plainEquation(equation);
  const count = plain.re.length;
  const re = plain.re.slice();
  const im = plain.im.slice();
  for (let i = 0; i < count; i++) {
    for (let a = 0; a < plain.ranks; a++) {
      const own = plain.products[a * (plain.ranks + 1)];
      re[i] -= own[2 * i];
      im[i] -= own[2 * i + 1];
    }
    // off the axis of symmetry, on which pairs could not become real
    const size = Math.hypot(re[i], im[i]) * 1e-3;
    re[i] += size * Math.cos(1 + 2.4 * i);
    im[i] += size * Math.sin(1 + 2.4 * i);
  }
  for (let step = 0; step < coarseSteps; step++) {
    let largest = 0;
    for (let i = 0; i < count; i++) {
      const ratio = logarithmicSlope(plain, re[i], im[i]);
      if (ratio === undefined) continue;
      const away = repulsion(re, im, i);
      const [x, y] = [ratio[0] - away[0], ratio[1] - away[1]];
      const size = x * x + y * y;
      if (!(size > 0) || !Number.isFinite(size)) continue;
      re[i] -= x / size;
      im[i] += y / size;
      largest = Math.max(largest, 1 / Math.sqrt(size) / Math.hypot(re[i], im[i]));
    }
    if (largest < coarseTolerance) break;
  }
  return { re, im };
}

function plainEquation({ diagonal, P, Q, active }: SecularEquation): Plain {
  const products: Float64Array[] = [];
  for (const q of Q) {
    for (const p of P) {
      const product = new Float64Array(2 * active.length);
      active.forEach((i, k) => {
        product[2 * k] = q[4 * i] * p[4 * i] - q[4 * i + 2] * p[4 * i + 2];
        product[2 * k + 1] = q[4 * i] * p[4 * i + 2] + q[4 * i + 2] * p[4 * i];
      });
      products.push(product);
    }
  }
  return {
    re: Float64Array.from(active, (i) => diagonal[4 * i]),
    im: Float64Array.from(active, (i) => diagonal[4 * i + 2]),
    ranks: P.length,
    products,
  };
}

const matrix = new Float64Array(8);
const slopes = new Float64Array(8);

/** (log f)' of the characteristic polynomial f at x + iy; undefined where x + iy is a root to working precision. */
function logarithmicSlope(
  { re, im, ranks, products }: Plain,
  x: number,
  y: number,
): [number, number] | undefined {
  matrix.fill(0);
  slopes.fill(0);
  let [sumRe, sumIm] = [0, 0];
  for (let i = 0; i < re.length; i++) {
    const [u, v] = [x - re[i], y - im[i]];
    const size = u * u + v * v;
    if (size === 0) return undefined;
    const [ir, ii] = [u / size, -v / size];
    sumRe += ir;
    sumIm += ii;
    for (let at = 0; at < products.length; at++) {
      const product = products[at];
      const tr = product[2 * i] * ir - product[2 * i + 1] * ii;
      const ti = product[2 * i] * ii + product[2 * i + 1] * ir;
      matrix[2 * at] += tr;
      matrix[2 * at + 1] += ti;
      slopes[2 * at] -= tr * ir - ti * ii;
      slopes[2 * at + 1] -= tr * ii + ti * ir;
    }
  }
  for (let a = 0; a < ranks; a++) matrix[2 * a * (ranks + 1)] += 1;
  const [dr, di, sr, si] = ranks === 1 ? ofOne() : ofTwo();
  const size = dr * dr + di * di;
  if (!(size > 0)) return undefined;
  return [sumRe + (sr * dr + si * di) / size, sumIm + (si * dr - sr * di) / size];
}

/** Determinant of the matrix and its derivative for R = 1. */
function ofOne(): [number, number, number, number] {
  return [matrix[0], matrix[1], slopes[0], slopes[1]];
}

/** The same for R = 2: t0 t3 - t1 t2 and t0' t3 + t0 t3' - t1' t2 - t1 t2'. */
function ofTwo(): [number, number, number, number] {
  const times = (a: Float64Array, i: number, b: Float64Array, j: number): [number, number] => [
    a[2 * i] * b[2 * j] - a[2 * i + 1] * b[2 * j + 1],
    a[2 * i] * b[2 * j + 1] + a[2 * i + 1] * b[2 * j],
  ];
  const [main, side] = [times(matrix, 0, matrix, 3), times(matrix, 1, matrix, 2)];
  const [a, b] = [times(slopes, 0, matrix, 3), times(matrix, 0, slopes, 3)];
  const [c, d] = [times(slopes, 1, matrix, 2), times(matrix, 1, slopes, 2)];
  return [
    main[0] - side[0],
    main[1] - side[1],
    a[0] + b[0] - c[0] - d[0],
    a[1] + b[1] - c[1] - d[1],
  ];
}
