import { modeFactor, weightedFactor } from '../gramians/factor';
import { controllability, crossControllability } from '../gramians/gramians';
import type { ComplexVector } from '../linalg/complex';
import {
  type ComplexMatrix,
  adjoint,
  columns,
  conjugate,
  frobeniusNorm,
  sameSize,
  transpose,
} from '../linalg/matrix';
import { combine, inner, multiply, timesAdjoint } from '../linalg/multiply';
import { difference } from '../systems/diagonal';
import type { LqoSystem } from '../systems/lqo';
import { congruence, denseForm, formMatrix, formNorm2, timesForm } from '../systems/quadraticForm';
import type { TimeSpan } from '../systems/timeSpan';
import { norm2, objective } from './h2';
import { gramianInverse } from './optimalOutput';
import { type SystemGradient, pairingTerms } from './pairing';

/**
 * H² quantities of diagonal systems with quadratic outputs, over finite or infinite spans (arXiv 2606.31585; math
 * reference 3). A squared norm is the sum of that of the linear kernel and that of the quadratic one.
 */
export interface LqoSplit {
  readonly linear: number;
  readonly quadratic: number;
}

/** Gradient in all parameters of the reduced system; that of each M^_i is symmetric, entry by entry. */
export interface LqoGradient extends SystemGradient {
  readonly forms: readonly ComplexMatrix[];
}

/** Squared norms of the two kernels: tr(C P C^H) and sum_i tr(M_i^H conj(P) M_i P). */
export function lqoNorm2(system: LqoSystem, span: TimeSpan): LqoSplit {
  const P = controllability(system, span);
  return {
    linear: norm2(system, span),
    quadratic: system.forms.reduce((sum, form) => sum + formNorm2(form, P), 0),
  };
}

/** Squared errors less the squared norms of the full system: what a reduction minimises, split. */
export function lqoObjective(full: LqoSystem, reduced: LqoSystem, span: TimeSpan): LqoSplit {
  sameSize(full.forms.length, reduced.forms.length, 'quadratic outputs');
  const X = crossControllability(full, reduced, span);
  const cross = reduced.forms.reduce(
    (sum, form, i) => sum + inner(formMatrix(form), congruence(full.forms[i], X))[0],
    0,
  );
  return {
    linear: objective(full, reduced, span),
    quadratic: lqoNorm2(reduced, span).quadratic - 2 * cross,
  };
}

/**
 * Errors (not squared) of the two kernels by a square root R of the joint Gramian, P = R^T conj(R): ||C_e R^T|| and
 * ||R M_e R^T||, accurate where the closed form has cancelled.
 */
export function lqoErrorNorm(full: LqoSystem, reduced: LqoSystem, span: TimeSpan): LqoSplit {
  sameSize(full.forms.length, reduced.forms.length, 'quadratic outputs');
  const error = difference(full, reduced);
  const R = weightedFactor(modeFactor(error.poles, span), error.B);
  const n = full.poles.re.length;
  const ofFull = transpose(columns(R, 0, n));
  const ofReduced = transpose(columns(R, n, R.cols));
  const quadratic = full.forms.map((form, i) =>
    frobeniusNorm(
      combine(1, congruence(form, ofFull), -1, congruence(reduced.forms[i], ofReduced)),
    ),
  );
  return {
    linear: frobeniusNorm(timesAdjoint(error.C, conjugate(R))),
    quadratic: Math.hypot(...quadratic),
  };
}

/** Gradient of the sum of both parts of `lqoObjective` (math reference 3.3). */
export function lqoGradient(full: LqoSystem, reduced: LqoSystem, span: TimeSpan): LqoGradient {
  sameSize(full.forms.length, reduced.forms.length, 'quadratic outputs');
  const terms = pairingTerms(full, reduced, 'hermitian', span);
  const { Phat, X } = terms;
  const starC = adjoint(reduced.C);
  let R = multiply(starC, reduced.C);
  let V = multiply(starC, full.C);
  const forms = reduced.forms.map((form, i) => {
    const M = formMatrix(form);
    R = combine(1, R, 2, multiply(multiply(adjoint(M), conjugate(Phat)), M));
    V = combine(1, V, 2, multiply(adjoint(M), timesForm(transpose(X), full.forms[i])));
    const own = multiply(multiply(conjugate(Phat), M), Phat);
    return combine(2, own, -2, congruence(full.forms[i], X));
  });
  const C = combine(2, multiply(reduced.C, Phat), -2, multiply(full.C, X));
  return { poles: terms.poles({ R, V }), B: terms.B({ R, V }), C, forms };
}

/**
 * The reduced system with the given poles and B^ whose outputs are optimal (math reference 3.4), a convex problem in
 * closed form: C^ = C X Phat^{-1}, M^_i = Phat^{-T} X^T M_i X Phat^{-1}.
 */
export function withOptimalOutputs(
  full: LqoSystem,
  poles: ComplexVector,
  B: ComplexMatrix,
  span: TimeSpan,
): LqoSystem {
  const trial = { poles, B, C: full.C };
  const X = crossControllability(full, trial, span);
  const projection = multiply(X, gramianInverse(controllability(trial, span)));
  return {
    poles,
    B,
    C: multiply(full.C, projection),
    forms: full.forms.map((form) => denseForm(congruence(form, projection))),
  };
}

/**
 * Largest output error sup_k ||y_k - y^_k|| over the span for inputs of energy ||u||² = `inputEnergy` over it, given the
 * norms of the two error kernels: ||h1|| ||u|| + ||h2|| ||u||² (math reference 3.5). Where the norms are evaluated in
 * rounded arithmetic the bound is as good as they are.
 */
export function lqoOutputBound({ linear, quadratic }: LqoSplit, inputEnergy: number): number {
  return linear * Math.sqrt(inputEnergy) + quadratic * inputEnergy;
}
