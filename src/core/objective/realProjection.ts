import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { combine, multiply } from '../linalg/multiply';
import { choleskyInPlace, solveLower, solveLowerTransposed } from '../linalg/realCholesky';
import type { DiagonalSystem } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';
import {
  type PairingTerms,
  type SystemGradient,
  combineGradients,
  gradientFrom,
  pairingTerms,
} from './pairing';

/** The real objective at poles and B^ with the best C^ for them, and its gradient in poles and B^. */
export interface ProjectedValue {
  readonly reduced: DiagonalSystem;
  /** J_R - sum_k ||Re K_k||_F², ridge excluded; Infinity where the least-squares problem has no solution. */
  readonly f: number;
  readonly gradient: SystemGradient;
}

/**
 * Variable projection of the real-part objective J_R for any number of inputs and outputs: for given poles b and B^ the
 * rows of C^ solve independent real least-squares problems with one 2r × 2r matrix. Columns Re(alpha B^_j e^{b_j k}),
 * alpha in {1, i}:
 *     A  = 1/2 Re(conj(alpha) beta conj(Phat) + alpha beta Ptilde),   rhs = 1/2 Re(conj(alpha) C X + alpha C Xtilde)
 * with the Hermitian Gramians Phat, X and the bilinear ones Ptilde, Xtilde (math reference 2.1, 7.1). By the envelope
 * theorem the gradient in b and B^ is that of J_R at the solution.
 * @param ridge raises the squared norm of each column by this share, which bounds the weights of nearly equal poles
 */
export function projectReal(
  full: DiagonalSystem,
  poles: ComplexVector,
  B: ComplexMatrix,
  span: TimeSpan,
  ridge = 1e-10,
): ProjectedValue {
  const trial = { poles, B, C: complexMatrix(full.C.rows, poles.re.length) };
  const hermitian = pairingTerms(full, trial, 'hermitian', span);
  const bilinear = pairingTerms(full, trial, 'bilinear', span);
  const rhs = rightHandSides(multiply(full.C, hermitian.X), multiply(full.C, bilinear.X));
  const A = gramMatrix(hermitian, bilinear);
  const solution = solveRows(A, rhs, ridge);
  const reduced = { ...trial, C: solution };
  const gradient = combineGradients(
    0.5,
    gradientFrom(hermitian, full, reduced, 'hermitian'),
    0.5,
    gradientFrom(bilinear, full, reduced, 'bilinear'),
  );
  return { reduced, f: objectiveAt(A, rhs, solution), gradient };
}

/** p rows of 2r numbers: Re(C X + C Xtilde) / 2, then Im(C X - C Xtilde) / 2. */
function rightHandSides(CX: ComplexMatrix, CXt: ComplexMatrix): Float64Array {
  const plus = combine(0.5, CX, 0.5, CXt).re;
  const minus = combine(0.5, CX, -0.5, CXt).im;
  const r = CX.cols;
  const rhs = new Float64Array(2 * plus.length);
  for (let i = 0; i < CX.rows; i++) {
    rhs.set(plus.subarray(i * r, (i + 1) * r), 2 * i * r);
    rhs.set(minus.subarray(i * r, (i + 1) * r), (2 * i + 1) * r);
  }
  return rhs;
}

function gramMatrix({ Phat: P }: PairingTerms, { Phat: T }: PairingTerms): Float64Array {
  const r = P.rows;
  const n = 2 * r;
  const A = new Float64Array(n * n);
  for (let i = 0, k = 0; i < r; i++) {
    for (let j = 0; j < r; j++, k++) {
      // conj(P) because the columns of i stand on the conjugated side
      A[i * n + j] = (P.re[k] + T.re[k]) / 2;
      A[i * n + j + r] = (P.im[k] - T.im[k]) / 2;
      A[(i + r) * n + j] = -(P.im[k] + T.im[k]) / 2;
      A[(i + r) * n + j + r] = (P.re[k] - T.re[k]) / 2;
    }
  }
  return A;
}

/** C^ (p × r) from the normal equations, scaled to unit diagonal; NaN where the matrix is not positive definite. */
function solveRows(A: Float64Array, rhs: Float64Array, ridge: number): ComplexMatrix {
  const n = Math.sqrt(A.length);
  const r = n / 2;
  const scale = new Float64Array(n);
  for (let i = 0; i < r; i++) {
    // both columns of a slot share a scale: a real pole has a vanishing second one
    const size = Math.sqrt(Math.max(A[i * n + i] + A[(i + r) * n + i + r], 1e-300));
    scale[i] = scale[i + r] = size;
  }
  const L = A.map((x, k) => x / (scale[Math.floor(k / n)] * scale[k % n]));
  for (let i = 0; i < n; i++) L[i * n + i] += ridge;
  const C = complexMatrix(rhs.length / n, r);
  if (!choleskyInPlace(L, n)) {
    C.re.fill(NaN);
    return C;
  }
  const x = new Float64Array(n);
  for (let i = 0; i < C.rows; i++) {
    for (let j = 0; j < n; j++) x[j] = rhs[i * n + j] / scale[j];
    solveLower(L, n, x);
    solveLowerTransposed(L, n, x);
    for (let j = 0; j < r; j++) {
      C.re[i * r + j] = x[j] / scale[j];
      C.im[i * r + j] = x[j + r] / scale[j + r];
    }
  }
  return C;
}

/** sum over the rows u of C^ of u.A u - 2 u.rhs. */
function objectiveAt(A: Float64Array, rhs: Float64Array, C: ComplexMatrix): number {
  const r = C.cols;
  const n = 2 * r;
  const u = new Float64Array(n);
  let f = 0;
  for (let i = 0; i < C.rows; i++) {
    u.set(C.re.subarray(i * r, (i + 1) * r));
    u.set(C.im.subarray(i * r, (i + 1) * r), r);
    for (let j = 0; j < n; j++) {
      let row = 0;
      for (let k = 0; k < n; k++) row += A[j * n + k] * u[k];
      f += u[j] * (row - 2 * rhs[i * n + j]);
    }
  }
  return Number.isFinite(f) ? f : Infinity;
}
