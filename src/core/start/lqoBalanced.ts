import { modeFactor, weightedFactor } from '../gramians/factor';
import { stackRows } from '../linalg/matrix';
import type { DiagonalSystem } from '../systems/diagonal';
import type { LqoSystem } from '../systems/lqo';
import { timesForm } from '../systems/quadraticForm';
import type { TimeSpan } from '../systems/timeSpan';
import { balance, truncate } from './balanced';

/**
 * Poles and B^ of the balanced truncation of a system with quadratic outputs: its observability Gramian has the output
 * weight W = C^H C + sum_i M_i^H conj(P) M_i (math reference 3.1), and with P = R^T conj(R) that is C~^H C~ for the
 * stacked outputs C~ = [C; R M_1; …; R M_p], a linear system. The outputs C of the result belong to C~; take optimal
 * ones instead. Over a finite span it may be unstable.
 */
export function lqoBalanced(full: LqoSystem, order: number, span: TimeSpan): DiagonalSystem {
  return truncate(balance(stacked(full, span), span), order);
}

/** Hankel singular values of a system with quadratic outputs over a span, descending. */
export function lqoHankel(full: LqoSystem, span: TimeSpan): Float64Array {
  return balance(stacked(full, span), span).hankel;
}

/** The linear system with the outputs C~. */
function stacked(full: LqoSystem, span: TimeSpan): DiagonalSystem {
  const R = weightedFactor(modeFactor(full.poles, span), full.B);
  const C = full.forms.reduce((rows, form) => stackRows(rows, timesForm(R, form)), full.C);
  return { poles: full.poles, B: full.B, C };
}
