import { SsmError } from '../errors';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { multiply, timesAdjoint } from '../linalg/multiply';
import { floorLogPoles } from '../systems/check';
import { difference } from '../systems/diagonal';
import { type LqoSystem, realLqo } from '../systems/lqo';
import { denseForm, formMatrix } from '../systems/quadraticForm';
import { realNormBounds, sameSystem } from './certifiedMimo';
import { type Bounds, boundedSums, rootBounds, roundoff } from './pairBounds';

/** Bounds for the two kernels of a system with quadratic outputs. */
export interface LqoBounds {
  readonly linear: Bounds;
  readonly quadratic: Bounds;
}

/**
 * Bounds of the norms of the real kernels Re(C A^k B) and Re(B^T A^k1 M_i A^k2 B) over the horizon. The quadratic one is
 * sum_i tr(M_i^H conj(P) M_i P) for the system closed under conjugation, P its controllability Gramian; its rounding is
 * bounded with the moduli of all entries.
 */
export function lqoNormBounds(system: LqoSystem, horizon: number): LqoBounds {
  const linear = realNormBounds(system, horizon);
  const closed = realLqo({ ...system, poles: floorLogPoles(system.poles) });
  const n = closed.poles.re.length;
  const { sums, error } = boundedSums(closed.poles, horizon, 'hermitian');
  const BB = timesAdjoint(closed.B, closed.B);
  const rows = inputSizes(closed.B);
  const P = complexMatrix(n, n);
  const modulus = new Float64Array(n * n);
  const uncertain = new Float64Array(n * n);
  for (let i = 0, k = 0; i < n; i++) {
    for (let j = 0; j < n; j++, k++) {
      // sums stands at conj a_i + a_j; P_ij needs a_i + conj a_j
      const [sr, si] = [sums.re[k], -sums.im[k]];
      P.re[k] = BB.re[k] * sr - BB.im[k] * si;
      P.im[k] = BB.re[k] * si + BB.im[k] * sr;
      const b = rows[i] * rows[j];
      modulus[k] = b * Math.hypot(sr, si);
      uncertain[k] = b * error[k] + (2 * closed.B.cols + 32) * roundoff * modulus[k];
    }
  }
  let value = 0;
  let rounding = 0;
  for (const form of closed.forms) {
    const M = formMatrix(form);
    value += quadraticNorm2(M, P);
    const size = Float64Array.from(M.re, (x, k) => Math.hypot(x, M.im[k]));
    const inner = realCongruence(size, modulus, n);
    let all = 0;
    let firstOrder = 0;
    for (let k = 0; k < n * n; k++) {
      all += inner[k] * modulus[k];
      firstOrder += inner[k] * uncertain[k];
    }
    rounding += 2.01 * firstOrder + (8 * n + 64) * roundoff * all;
  }
  if (!Number.isFinite(value) || !Number.isFinite(rounding)) {
    throw new SsmError('bad-parameters', 'The quadratic response is not finite.');
  }
  return { linear, quadratic: rootBounds(value, rounding * (1 + 1e-9)) };
}

/** Upper bounds, rounding included, of the errors of the two real kernels; 0 for equal systems. */
export function certifiedLqoError(
  original: LqoSystem,
  reduced: LqoSystem,
  horizon: number,
): { readonly linear: number; readonly quadratic: number } {
  const equalForms = original.forms.every((form, i) =>
    sameMatrix(formMatrix(form), formMatrix(reduced.forms[i])),
  );
  if (equalForms && sameSystem(original, reduced)) return { linear: 0, quadratic: 0 };
  const forms = original.forms.map((form, i) =>
    denseForm(blockDifference(formMatrix(form), formMatrix(reduced.forms[i]))),
  );
  const error = { ...difference(original, reduced), forms };
  const { linear, quadratic } = lqoNormBounds(error, horizon);
  return { linear: linear.above, quadratic: quadratic.above };
}

/** tr(M^H conj(P) M P). */
function quadraticNorm2(M: ComplexMatrix, P: ComplexMatrix): number {
  const conjugated = { ...P, im: P.im.map((y) => -y) };
  const product = multiply(multiply(conjugated, M), P);
  return product.re.reduce((sum, x, k) => sum + x * M.re[k] + product.im[k] * M.im[k], 0);
}

/** T^T A T for real n × n matrices, T symmetric. */
function realCongruence(T: Float64Array, A: Float64Array, n: number): Float64Array {
  return realProduct(realProduct(T, A, n), T, n);
}

function realProduct(A: Float64Array, B: Float64Array, n: number): Float64Array {
  const P = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const a = A[i * n + k];
      if (a === 0) continue;
      for (let j = 0; j < n; j++) P[i * n + j] += a * B[k * n + j];
    }
  }
  return P;
}

function inputSizes({ rows, cols, re, im }: ComplexMatrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let b2 = 0;
    for (let k = i * cols; k < (i + 1) * cols; k++) b2 += re[k] ** 2 + im[k] ** 2;
    return Math.sqrt(b2) * (1 + (cols + 8) * roundoff);
  });
}

/** blockdiag(A, -B). */
function blockDifference(A: ComplexMatrix, B: ComplexMatrix): ComplexMatrix {
  const n = A.rows + B.rows;
  const D = complexMatrix(n, n);
  for (let i = 0; i < A.rows; i++) {
    D.re.set(A.re.subarray(i * A.cols, (i + 1) * A.cols), i * n);
    D.im.set(A.im.subarray(i * A.cols, (i + 1) * A.cols), i * n);
  }
  for (let i = 0; i < B.rows; i++) {
    for (let j = 0; j < B.cols; j++) {
      const to = (A.rows + i) * n + A.cols + j;
      D.re[to] = -B.re[i * B.cols + j];
      D.im[to] = -B.im[i * B.cols + j];
    }
  }
  return D;
}

function sameMatrix(A: ComplexMatrix, B: ComplexMatrix): boolean {
  return (
    A.re.length === B.re.length &&
    A.re.every((x, k) => x === B.re[k]) &&
    A.im.every((y, k) => y === B.im[k])
  );
}
