import {
  type ComplexMatrix,
  complexMatrix,
  conjugate,
  scaleColumns,
  stackColumns,
  transpose,
} from '../linalg/matrix';
import { combine, inner, multiply, timesAdjoint } from '../linalg/multiply';

/** A symmetric matrix M = M^T (plain transpose, entries may be complex), N × N. */
export interface DenseForm {
  readonly kind: 'dense';
  readonly matrix: ComplexMatrix;
}

/** M = 1/2 sum_c s_c (l_c q_c^T + q_c l_c^T), used through products only. */
export interface LowRankForm {
  readonly kind: 'low-rank';
  /** s_c, k of them. */
  readonly scales: Float64Array;
  /** Columns l_c, N × k. */
  readonly left: ComplexMatrix;
  /** Columns q_c, N × k. */
  readonly right: ComplexMatrix;
}

/** The matrix of a quadratic output x^T M x. */
export type QuadraticForm = DenseForm | LowRankForm;

/** A dense symmetric form. */
export function denseForm(matrix: ComplexMatrix): DenseForm {
  return { kind: 'dense', matrix };
}

/** Order N of the states that a form acts on. */
export function formOrder(form: QuadraticForm): number {
  return form.kind === 'dense' ? form.matrix.rows : form.left.rows;
}

/** A M, for A with N columns; O(rows N k) for a low-rank form. */
export function timesForm(A: ComplexMatrix, form: QuadraticForm): ComplexMatrix {
  if (form.kind === 'dense') return multiply(A, form.matrix);
  const { left, right } = form;
  const scaled = (F: ComplexMatrix): ComplexMatrix => scaleColumns(multiply(A, F), scalesOf(form));
  return combine(
    0.5,
    multiply(scaled(left), transpose(right)),
    0.5,
    multiply(scaled(right), transpose(left)),
  );
}

/** X^T M X (plain transpose), symmetric, for X with N rows. */
export function congruence(form: QuadraticForm, X: ComplexMatrix): ComplexMatrix {
  const Xt = transpose(X);
  if (form.kind === 'dense') return multiply(multiply(Xt, form.matrix), X);
  const left = scaleColumns(multiply(Xt, form.left), scalesOf(form));
  const half = multiply(left, transpose(multiply(Xt, form.right)));
  return combine(0.5, half, 0.5, transpose(half));
}

/** tr(M^H conj(P) M P) for a Hermitian P: the squared norm of the quadratic kernel of M. O(N² k) for low rank. */
export function formNorm2(form: QuadraticForm, P: ComplexMatrix): number {
  if (form.kind === 'dense') {
    const { matrix: M } = form;
    return inner(M, multiply(multiply(conjugate(P), M), P))[0];
  }
  // M = F K G^T with F = [l q], G = [q l], K = diag(s, s) / 2
  const F = stackColumns(form.left, form.right);
  const G = stackColumns(form.right, form.left);
  const inF = multiply(multiply(conjugate(transpose(F)), conjugate(P)), F);
  const inG = timesAdjoint(multiply(transpose(G), P), transpose(G));
  const k = form.scales.length;
  let sum = 0;
  for (let i = 0; i < 2 * k; i++) {
    for (let j = 0; j < 2 * k; j++) {
      const [a, b] = [i * 2 * k + j, j * 2 * k + i];
      const s = form.scales[i % k] * form.scales[j % k];
      sum += (s / 4) * (inF.re[a] * inG.re[b] - inF.im[a] * inG.im[b]);
    }
  }
  return sum;
}

/** The form as a dense matrix. */
export function formMatrix(form: QuadraticForm): ComplexMatrix {
  if (form.kind === 'dense') return form.matrix;
  const half = multiply(scaleColumns(form.left, scalesOf(form)), transpose(form.right));
  return combine(0.5, half, 0.5, transpose(half));
}

/** x M: a form multiplied by a real number. */
export function scaledForm(form: QuadraticForm, x: number): QuadraticForm {
  if (form.kind === 'low-rank') return { ...form, scales: form.scales.map((s) => x * s) };
  const { matrix } = form;
  return denseForm(combine(x, matrix, 0, matrix));
}

/** x blockdiag(M, conj M): the form on the states [z; conj z]. */
export function conjugatePairForm(form: QuadraticForm, x: number): DenseForm {
  const M = formMatrix(form);
  const n = M.rows;
  const both = complexMatrix(2 * n, 2 * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [from, to] = [i * n + j, i * 2 * n + j];
      const low = to + n * 2 * n + n;
      both.re[to] = both.re[low] = x * M.re[from];
      both.im[to] = x * M.im[from];
      both.im[low] = -x * M.im[from];
    }
  }
  return denseForm(both);
}

function scalesOf({ scales }: LowRankForm): { re: Float64Array; im: Float64Array } {
  return { re: scales, im: new Float64Array(scales.length) };
}
