import { eigen } from '../linalg/eigen';
import { solve } from '../linalg/lu';
import { type ComplexMatrix, complexMatrix, transpose } from '../linalg/matrix';
import { multiply } from '../linalg/multiply';
import { multiplyReal, multiplyTransposed } from '../linalg/realMatrix';
import { symmetricEigen } from '../linalg/symmetricEigen';
import { type MimoTarget, placeModes } from '../objective/mimoProjection';
import {
  createCrossProducts,
  createInputModes,
  fillCrossProducts,
} from '../objective/realResponses';
import { type DiagonalSystem, fromWeights } from '../systems/diagonal';
import { discrete } from '../systems/timeSpan';
import { dynamicsOf, polesOf } from '../systems/dynamics';
import { largest, modalScores, pickModes } from './modal';

/** Hankel singular values below this fraction of the largest are rounding: Gramians hold their squares. */
const resolved = 1e-7;

/**
 * The balanced form over the horizon of the real system of 2N states (Re x, Im x) that the responses Re(C e^{ak} B)
 * come from, by symmetric eigenproblems of its real Gramians P = L L^T and Q: L^T Q L = U diag(s²) U^T, T = L U s^{-1/2},
 * W = Q L U s^{-3/2}, W^T T = I.
 */
export interface RealMimoBalanced {
  /** Hankel singular values, descending, two for every mode. */
  readonly hankel: Float64Array;
  readonly target: MimoTarget;
  /** How many values are more than rounding. */
  readonly rank: number;
  /** T and W, 2N × 2N, columns in the order of `hankel`. */
  readonly T: Float64Array;
  readonly W: Float64Array;
}

export function balanceRealMimo(full: DiagonalSystem, target: MimoTarget): RealMimoBalanced {
  const n = target.order;
  const size = 2 * n;
  // of the functions (Re b e^{ak}, -Im b e^{ak}); states have Im with the other sign
  const P = target.own.products.map((x, k) => (signOf(k, n) < 0 ? -x : x));
  const dual = createInputModes(n, full.C.rows, target.horizon);
  placeModes(dual, full.poles, transpose(full.C));
  const cross = createCrossProducts(n, n, full.C.rows);
  fillCrossProducts(cross, dual, dual, 0);
  const Q = cross.products;
  const { values, vectors } = symmetricEigen(P, size);
  // rows of `vectors` are eigenvectors: L^T = diag(sqrt) V
  const Lt = vectors;
  for (let i = 0; i < size; i++) {
    const root = Math.sqrt(Math.max(0, values[i]));
    for (let j = 0; j < size; j++) Lt[i * size + j] *= root;
  }
  const LtQ = new Float64Array(size * size);
  multiplyReal(Lt, Q, LtQ, size, size, size);
  const product = new Float64Array(size * size);
  const L = transposed(Lt, size);
  multiplyReal(LtQ, L, product, size, size, size);
  const found = symmetricEigen(product, size);
  const order = Array.from({ length: size }, (_, i) => size - 1 - i);
  const hankel = Float64Array.from(order, (i) => Math.sqrt(Math.max(0, found.values[i])));
  const rank = hankel.filter((s) => s > resolved * hankel[0]).length;
  const U = new Float64Array(size * size);
  order.forEach((from, j) => {
    for (let i = 0; i < size; i++) U[i * size + j] = found.vectors[from * size + i];
  });
  const [T, W] = [new Float64Array(size * size), new Float64Array(size * size)];
  multiplyReal(L, U, T, size, size, size);
  multiplyTransposed(LtQ, U, W, size, size, size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < rank; j++) {
      T[i * size + j] *= hankel[j] ** -0.5;
      W[i * size + j] *= hankel[j] ** -1.5;
    }
  }
  return { hankel, target, rank, T, W };
}

/** Sign of entry k of a 2n × 2n matrix under D . D, D = diag(1, -1). */
function signOf(k: number, n: number): number {
  const [i, j] = [Math.floor(k / (2 * n)), k % (2 * n)];
  return i < n === j < n ? 1 : -1;
}

function transposed(A: Float64Array, n: number): Float64Array {
  const At = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) At[j * n + i] = A[i * n + j];
  return At;
}

/**
 * Balanced truncation of the real system to 2 r states, as at most r slots: of a complex pair one fills a slot, a real
 * pole fills one alone; where that makes too many, those of most energy stay. It may be unstable.
 */
export function truncateRealMimo(
  form: RealMimoBalanced,
  full: DiagonalSystem,
  r: number,
): DiagonalSystem {
  const { target, T, W, rank } = form;
  const n = target.order;
  const size = 2 * n;
  const k = Math.min(2 * r, rank);
  const dynamics = dynamicsOf(full.poles, 'discrete');
  const A = complexMatrix(k, k);
  for (let m = 0; m < n; m++) {
    const [zr, zi] = [dynamics.re[m], dynamics.im[m]];
    for (let j = 0; j < k; j++) {
      const [x, y] = [T[m * size + j], T[(m + n) * size + j]];
      const [ax, ay] = [zr * x - zi * y, zi * x + zr * y];
      for (let i = 0; i < k; i++) {
        A.re[i * k + j] += W[m * size + i] * ax + W[(m + n) * size + i] * ay;
      }
    }
  }
  const { values, X } = eigen(A);
  const B = solve(X, realInput(W, full.B, size, k));
  const C = multiply(realOutput(T, full.C, size, k), X);
  const poles = polesOf(values, 'discrete');
  const whole = { poles, B: B ?? fromWeights(poles, poles).B, C };
  const upper = Array.from({ length: k }, (_, i) => i).filter((i) => values.im[i] > -1e-12);
  const slots = pickModes(whole, upper);
  if (upper.length <= r) return slots;
  const stable = {
    ...slots,
    poles: { re: slots.poles.re.map((x) => Math.min(x, -1e-8)), im: slots.poles.im },
  };
  return pickModes(slots, largest(modalScores(stable, discrete(target.horizon), 'energy'), r));
}

/** W^T [Re B; Im B], k × m. */
function realInput(W: Float64Array, B: ComplexMatrix, size: number, k: number): ComplexMatrix {
  const n = size / 2;
  const out = complexMatrix(k, B.cols);
  for (let m = 0; m < n; m++) {
    for (let i = 0; i < k; i++) {
      const [u, v] = [W[m * size + i], W[(m + n) * size + i]];
      for (let j = 0; j < B.cols; j++) {
        out.re[i * B.cols + j] += u * B.re[m * B.cols + j] + v * B.im[m * B.cols + j];
      }
    }
  }
  return out;
}

/** [Re C, -Im C] T, p × k. */
function realOutput(T: Float64Array, C: ComplexMatrix, size: number, k: number): ComplexMatrix {
  const n = size / 2;
  const out = complexMatrix(C.rows, k);
  for (let i = 0; i < C.rows; i++) {
    for (let m = 0; m < n; m++) {
      const [u, v] = [C.re[i * n + m], -C.im[i * n + m]];
      for (let j = 0; j < k; j++) {
        out.re[i * k + j] += u * T[m * size + j] + v * T[(m + n) * size + j];
      }
    }
  }
  return out;
}
