import { SsmError } from '../errors';
import { type ComplexVector, complexVector } from '../linalg/complex';
import {
  add,
  addProduct,
  doubleDoubles,
  fromDoubles,
  invert,
  multiply,
} from '../linalg/doubleDouble';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { type SecularEquation, evaluate } from './secularEquation';
import { secularRoots } from './secularRoots';

/**
 * A continuous system x' = A x + b u with A = diag(d) - sum_r p_r q_r^T (S4's NPLR and DPLR states); all vectors are rows
 * of n.
 */
export interface LowRankStates {
  /** Whether the vectors are the first halves of such of length 2n whose second halves are their conjugates. */
  readonly halves: boolean;
  readonly diagonal: ComplexVector;
  /** R × n, R = 1 or 2. */
  readonly P: ComplexMatrix;
  readonly Q: ComplexMatrix;
  readonly b: ComplexVector;
}

/**
 * Modes of Re c e^{At} b = Re sum_n w_n e^{pole_n t}: one for each pole; of halves one for a pair of conjugate poles and
 * one for a real pole.
 */
export interface LowRankModes {
  readonly poles: ComplexVector;
  /** One row for each output c. */
  readonly weights: ComplexMatrix;
}

/**
 * The modes of a system with low-rank states for the outputs `C` (rows c, like the others). The poles
 * are the roots of det(I + Q^T (s - D)^{-1} P) and the weights its residues
 *     w(s) = -c (s - D)^{-1} P adj(T) Q^T (s - D)^{-1} b / (det T)'(s),  T(s) = I + Q^T (s - D)^{-1} P,
 * in double-double arithmetic: the eigenvectors are nearly parallel and doubles alone lose most of their digits.
 * States that P or Q does not reach keep their own pole.
 *
 * @throws SsmError `bad-parameters` where the poles cannot be told apart
 */
export function lowRankModes(states: LowRankStates, C: ComplexMatrix): LowRankModes {
  const n = states.diagonal.re.length;
  const { halves } = states;
  const equation = secularEquation(states);
  const full = {
    equation,
    P: rowsOf(states.P, halves),
    Q: rowsOf(states.Q, halves),
    b: whole(states.b, halves),
    C: rowsOf(C, halves),
  };
  const modes: Mode[] = [];
  for (let i = 0; i < n; i++) {
    if (!equation.active.includes(i)) modes.push(ownMode(full, i, halves ? 2 : 1));
  }
  for (const s of secularRoots(equation)) {
    const real = halves && Math.abs(s[2]) < realTolerance * Math.hypot(s[0], s[2]);
    if (real) modes.push(asReal(sharedMode(full, s, 1)));
    else if (!halves || s[2] > 0) modes.push(sharedMode(full, s, halves ? 2 : 1));
  }
  const result = collected(modes, C.rows);
  requireComplete(result, full);
  return result;
}

/** Im s / |s| below which a root is real: far above what the arithmetic leaves, far below what matters. */
const realTolerance = 1e-18;

interface Full {
  readonly equation: SecularEquation;
  readonly P: readonly Float64Array[];
  readonly Q: readonly Float64Array[];
  readonly b: Float64Array;
  readonly C: readonly Float64Array[];
}

interface Mode {
  readonly pole: readonly [number, number];
  /** (re, im) for each output. */
  readonly weights: Float64Array;
}

function secularEquation({ halves, diagonal, P, Q }: LowRankStates): SecularEquation {
  const n = diagonal.re.length;
  const isZero = (M: ComplexMatrix, i: number): boolean => {
    for (let r = 0; r < M.rows; r++) {
      if (M.re[r * n + i] !== 0 || M.im[r * n + i] !== 0) return false;
    }
    return true;
  };
  const half = Array.from({ length: n }, (_, i) => i).filter((i) => !isZero(P, i) && !isZero(Q, i));
  return {
    diagonal: whole(separated(diagonal, half, halves), halves),
    P: rowsOf(P, halves),
    Q: rowsOf(Q, halves),
    symmetric: halves,
    active: halves ? [...half, ...half.map((i) => i + n)] : half,
  };
}

/** A relative change that makes equal numbers different, far below the precision that parameters are stored in. */
const nudge = 1e-11;

/**
 * The diagonal with equal entries of the active states moved apart: the secular equation has a pole for each. Of halves a
 * real entry would equal its own conjugate.
 */
function separated(
  { re, im }: ComplexVector,
  active: readonly number[],
  halves: boolean,
): ComplexVector {
  const apart = { re: re.slice(), im: im.slice() };
  const seen = new Set<string>();
  for (const i of active) {
    const size = Math.hypot(apart.re[i], apart.im[i]) || 1;
    if (halves && apart.im[i] === 0) apart.im[i] = nudge * size;
    while (seen.has(`${apart.re[i]} ${Math.abs(apart.im[i])}`)) apart.re[i] -= nudge * size;
    seen.add(`${apart.re[i]} ${Math.abs(apart.im[i])}`);
  }
  return apart;
}

/** The mode of a state with which the others do not share: its pole is d_i. It is counted `times`. */
function ownMode({ equation, P, Q, b, C }: Full, i: number, times: 1 | 2): Mode {
  const s = equation.diagonal.subarray(4 * i, 4 * i + 4);
  const { inverses, adjugate, determinant } = evaluate(equation, s, i);
  const scale = doubleDoubles(1);
  invert(determinant, 0, scale, 0);
  const right = projected(Q, inverses, b); // Q^T (s - D)^{-1} b without state i
  const weights = new Float64Array(2 * C.length);
  C.forEach((c, row) => {
    const left = projected(P, inverses, c);
    const w = doubleDoubles(1);
    multiply(c, i, b, i, w, 0);
    const cross = doubleDoubles(2);
    for (let a = 0; a < P.length; a++) {
      for (let k = 0; k < Q.length; k++) {
        // -c_i P_ia adj_ak right_k - left_a adj_ak Q_ik b_i
        const [first, second] = [doubleDoubles(1), doubleDoubles(1)];
        multiply(c, i, P[a], i, first, 0);
        multiply(first, 0, adjugate, a * Q.length + k, first, 0);
        addProduct(first, 0, right, k, cross, 0);
        multiply(left, a, adjugate, a * Q.length + k, second, 0);
        multiply(second, 0, Q[k], i, second, 0);
        addProduct(second, 0, b, i, cross, 0);
      }
    }
    multiply(cross, 0, scale, 0, cross, 0);
    add(w, 0, cross, 0, -1, w, 0);
    weights[2 * row] = times * w[0];
    weights[2 * row + 1] = times * w[2];
  });
  return { pole: [s[0], s[2]], weights };
}

/** The mode of a root of the secular equation, counted `times`. */
function sharedMode({ equation, P, Q, b, C }: Full, s: Float64Array, times: 1 | 2): Mode {
  const { inverses, adjugate, slope } = evaluate(equation, s);
  const right = projected(Q, inverses, b);
  const scale = doubleDoubles(1);
  invert(slope, 0, scale, 0);
  // v = adj(T) Q^T (s - D)^{-1} b / (det T)'
  const v = doubleDoubles(P.length);
  for (let a = 0; a < P.length; a++) {
    for (let k = 0; k < Q.length; k++) {
      addProduct(adjugate, a * Q.length + k, right, k, v, a);
    }
    multiply(v, a, scale, 0, v, a);
  }
  // the vector g with w = -c g, for all outputs alike
  const size = inverses.length / 4;
  const g = doubleDoubles(size);
  for (let i = 0; i < size; i++) {
    for (let a = 0; a < P.length; a++) addProduct(P[a], i, v, a, g, i);
    multiply(g, i, inverses, i, g, i);
  }
  const weights = new Float64Array(2 * C.length);
  C.forEach((c, row) => {
    const w = doubleDoubles(1);
    for (let i = 0; i < size; i++) addProduct(c, i, g, i, w, 0);
    weights[2 * row] = -times * w[0];
    weights[2 * row + 1] = -times * w[2];
  });
  return { pole: [s[0], s[2]], weights };
}

/** A mode of a real pole of a real system, without what rounding left of imaginary parts. */
function asReal({ pole, weights }: Mode): Mode {
  return { pole: [pole[0], 0], weights: weights.map((w, k) => (k % 2 === 0 ? w : 0)) };
}

/** sum_i rows_ri inverses_i x_i for each r. */
function projected(
  rows: readonly Float64Array[],
  inverses: Float64Array,
  x: Float64Array,
): Float64Array {
  const sums = doubleDoubles(rows.length);
  const term = doubleDoubles(1);
  for (let i = 0; i < x.length / 4; i++) {
    multiply(inverses, i, x, i, term, 0);
    rows.forEach((row, r) => {
      addProduct(row, i, term, 0, sums, r);
    });
  }
  return sums;
}

function collected(modes: readonly Mode[], outputs: number): LowRankModes {
  const poles = complexVector(modes.length);
  const weights = complexMatrix(outputs, modes.length);
  modes.forEach((mode, i) => {
    [poles.re[i], poles.im[i]] = mode.pole;
    for (let row = 0; row < outputs; row++) {
      weights.re[row * modes.length + i] = mode.weights[2 * row];
      weights.im[row * modes.length + i] = mode.weights[2 * row + 1];
    }
  });
  return { poles, weights };
}

/** At t = 0 the modes add up to c b, unless roots were lost or found twice. */
function requireComplete({ weights }: LowRankModes, { b, C }: Full): void {
  const modes = weights.cols;
  C.forEach((c, row) => {
    const expected = doubleDoubles(1);
    for (let i = 0; i < b.length / 4; i++) addProduct(c, i, b, i, expected, 0);
    let [sum, size] = [0, Math.abs(expected[0])];
    for (let i = row * modes; i < (row + 1) * modes; i++) {
      sum += weights.re[i];
      size += Math.hypot(weights.re[i], weights.im[i]);
    }
    if (Math.abs(sum - expected[0]) <= 1e-9 * size) return;
    throw new SsmError(
      'bad-parameters',
      'The poles of the dense states cannot be told apart to working precision.',
    );
  });
}

/** A vector in double-doubles; of halves, with the conjugates. */
function whole({ re, im }: ComplexVector, halves: boolean): Float64Array {
  if (!halves) return fromDoubles(re, im);
  const n = re.length;
  const both = complexVector(2 * n);
  both.re.set(re);
  both.re.set(re, n);
  both.im.set(im);
  for (let i = 0; i < n; i++) both.im[n + i] = -im[i];
  return fromDoubles(both.re, both.im);
}

function rowsOf(M: ComplexMatrix, halves: boolean): Float64Array[] {
  return Array.from({ length: M.rows }, (_, r) => {
    const [from, to] = [r * M.cols, (r + 1) * M.cols];
    return whole({ re: M.re.subarray(from, to), im: M.im.subarray(from, to) }, halves);
  });
}
