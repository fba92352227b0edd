import { SsmError } from '../errors';
import { checkDiagonal } from './check';
import { type DiagonalSystem, closeUnderConjugation } from './diagonal';
import {
  type QuadraticForm,
  conjugatePairForm,
  formMatrix,
  formOrder,
  scaledForm,
} from './quadraticForm';

/**
 * A diagonal linear system with quadratic outputs: x+ = diag(e^a) x + B u (or its continuous counterpart),
 *     y_i = C_i x + x^T M_i x,   M_i = M_i^T, plain transpose.
 * Kernels over the span: linear h1(k) = C A^k B, quadratic h2_i(k1, k2) = B^T A^k1 M_i A^k2 B.
 */
export interface LqoSystem extends DiagonalSystem {
  /** M_1 … M_p. */
  readonly forms: readonly QuadraticForm[];
}

/** Throws as `checkDiagonal` does, and `bad-parameters` for forms of a wrong number or size or that are not symmetric. */
export function checkLqo(system: LqoSystem): void {
  checkDiagonal(system);
  const n = system.poles.re.length;
  if (system.forms.length !== system.C.rows) {
    throw new SsmError(
      'bad-parameters',
      `There are ${system.forms.length} quadratic forms for ${system.C.rows} outputs.`,
    );
  }
  system.forms.forEach((form, i) => {
    const M = formMatrix(form);
    if (formOrder(form) !== n || M.cols !== n) {
      throw new SsmError('bad-parameters', `Quadratic form ${i + 1} does not act on ${n} states.`);
    }
    if (!M.re.every(Number.isFinite) || !M.im.every(Number.isFinite)) {
      throw new SsmError('bad-parameters', `Quadratic form ${i + 1} is not finite.`);
    }
    if (!isSymmetric(M.re, n) || !isSymmetric(M.im, n)) {
      throw new SsmError('bad-parameters', `Quadratic form ${i + 1} is not symmetric.`);
    }
  });
}

function isSymmetric(part: Float64Array, n: number): boolean {
  const size = part.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(part[i * n + j] - part[j * n + i]) > 1e-10 * size) return false;
    }
  }
  return true;
}

/**
 * The same system with its quadratic outputs multiplied by a factor U: its squared error is err_lin² + U² err_quad²,
 * which weighs the two by the input energy U² they will see (math reference 3.5).
 */
export function weightQuadratic<System extends LqoSystem>(system: System, factor: number): System {
  return { ...system, forms: system.forms.map((form) => scaledForm(form, factor)) };
}

/**
 * The system on the states [x; conj x] whose output is Re(C x + x^T M x), exactly real: poles a and conj a, C / 2 and
 * conj(C) / 2, M / 2 and conj(M) / 2 on the diagonal (math reference 3.6).
 */
export function realLqo(system: LqoSystem): LqoSystem {
  return {
    ...closeUnderConjugation(system),
    forms: system.forms.map((form) => conjugatePairForm(form, 0.5)),
  };
}
