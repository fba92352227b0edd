import {
  type DoubleDoubles,
  add,
  addProduct,
  doubleDoubles,
  invert,
  multiply,
} from '../linalg/doubleDouble';

/** det(I + Q^T (s - D)^{-1} P) = 0, whose roots are eigenvalues of D - P Q^T. */
export interface SecularEquation {
  readonly diagonal: DoubleDoubles;
  /** R = 1 or 2 columns of P and of Q. */
  readonly P: readonly DoubleDoubles[];
  readonly Q: readonly DoubleDoubles[];
  /** Whether everything is closed under conjugation; then roots below the real axis are conjugates of others. */
  readonly symmetric: boolean;
  /** The states that both P and Q reach; there are as many roots. */
  readonly active: readonly number[];
}

/** The equation's matrix T = I + Q^T (s - D)^{-1} P at a point. */
export interface Evaluation {
  /** 1 / (s - d_i). */
  readonly inverses: DoubleDoubles;
  /** adj(T), R × R by rows. */
  readonly adjugate: DoubleDoubles;
  readonly determinant: DoubleDoubles;
  /** The derivative of the determinant. */
  readonly slope: DoubleDoubles;
}

/**
 * Evaluates the equation in double-double arithmetic.
 * @param without a state that is left out, and with it any other of the same pole: their inverses are 0
 */
export function evaluate(
  { diagonal, P, Q, active }: SecularEquation,
  s: DoubleDoubles,
  without?: number,
): Evaluation {
  const size = diagonal.length / 4;
  const ranks = P.length;
  const inverses = doubleDoubles(size);
  for (let i = 0; i < size; i++) {
    if (i === without) continue;
    add(s, 0, diagonal, i, -1, inverses, i);
    if (without !== undefined && inverses[4 * i] === 0 && inverses[4 * i + 2] === 0) continue;
    invert(inverses, i, inverses, i);
  }
  const T = doubleDoubles(ranks * ranks);
  const slopes = doubleDoubles(ranks * ranks);
  const term = doubleDoubles(1);
  for (const i of active) {
    for (let a = 0; a < ranks; a++) {
      for (let b = 0; b < ranks; b++) {
        const at = a * ranks + b;
        multiply(Q[a], i, P[b], i, term, 0);
        multiply(term, 0, inverses, i, term, 0);
        add(T, at, term, 0, 1, T, at);
        multiply(term, 0, inverses, i, term, 0);
        add(slopes, at, term, 0, -1, slopes, at);
      }
    }
  }
  for (let a = 0; a < ranks; a++) add(T, a * ranks + a, one, 0, 1, T, a * ranks + a);
  return { inverses, ...determinants(T, slopes, ranks) };
}

const one = Float64Array.of(1, 0, 0, 0);
const minusOne = Float64Array.of(-1, 0, 0, 0);

function determinants(
  T: DoubleDoubles,
  slopes: DoubleDoubles,
  ranks: number,
): Omit<Evaluation, 'inverses'> {
  if (ranks === 1) return { adjugate: one, determinant: T, slope: slopes };
  const adjugate = doubleDoubles(4);
  multiply(T, 3, one, 0, adjugate, 0);
  multiply(T, 1, minusOne, 0, adjugate, 1);
  multiply(T, 2, minusOne, 0, adjugate, 2);
  multiply(T, 0, one, 0, adjugate, 3);
  const determinant = doubleDoubles(1);
  addProduct(T, 0, adjugate, 0, determinant, 0);
  addProduct(T, 1, adjugate, 2, determinant, 0);
  // tr(adj(T) T')
  const slope = doubleDoubles(1);
  addProduct(adjugate, 0, slopes, 0, slope, 0);
  addProduct(adjugate, 1, slopes, 2, slope, 0);
  addProduct(adjugate, 2, slopes, 1, slope, 0);
  addProduct(adjugate, 3, slopes, 3, slope, 0);
  return { adjugate, determinant, slope };
}
