import { projectReal } from '../objective/realProjection';
import { realNorm2 } from '../objective/realPart';
import { balance, truncate } from '../start/balanced';
import { fixedPoint } from '../start/fixedPoint';
import { modalTruncation } from '../start/modal';
import { stableStart } from '../start/stableStart';
import { checkDiagonal, checkOrder, checkSpan } from '../systems/check';
import type { DiagonalSystem } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';
import type { BfgsOptions } from './bfgs';
import { type Found, type ProjectedProblem, projectedSearch } from './projectedSearch';

/**
 * Reduces a system with several inputs and outputs (layers such as S5 and LRU) to `order` poles: the squared error of
 * the real responses Re(C e^{ak} B), summed over inputs and outputs, is minimised over poles and B^; C^ is optimal by
 * linear least squares. Starts are balanced truncation and the modes of most energy; see `projectedSearch`. A factor 2
 * (y = 2 Re) is absorbed in C.
 * @throws SsmError `bad-request`, `bad-parameters`, `unstable`, `cancelled`
 */
export function mimoSolver(
  full: DiagonalSystem,
  order: number,
  span: TimeSpan,
  options: BfgsOptions = {},
): Found<DiagonalSystem> {
  checkSpan(span);
  checkDiagonal(full);
  checkOrder(order, full.poles.re.length);
  const modal = modalTruncation(full, order, span);
  const { system, notes } = stableStart(truncate(balance(full, span), order), modal, order);
  const starts = [
    { name: 'balanced', system },
    { name: 'modal', system: modal },
  ];
  return projectedSearch(mimoProblem(full, span), starts, notes, options);
}

/** Balanced truncation, unstable poles reflected, with the best outputs for the real responses. */
export function mimoBalanced(
  full: DiagonalSystem,
  order: number,
  span: TimeSpan,
): Found<DiagonalSystem> {
  checkSpan(span);
  checkDiagonal(full);
  checkOrder(order, full.poles.re.length);
  const spare = modalTruncation(full, order, span);
  const { system, notes } = stableStart(truncate(balance(full, span), order), spare, order);
  const { reduced, value } = mimoProblem(full, span).solve(system.poles, system.B);
  const trace = { start: 'balanced', stop: 'converged', objective: [value], notes } as const;
  return { reduced, trace };
}

/**
 * The two-sided fixed-point iteration (`fixedPoint`) on the complex system, each stable iterate with the best outputs
 * for the real responses over `span`; the best of them is returned. For comparison with the recommended solver.
 * @param iterationSpan span of the Gramians: infinite for IRKA, `span` itself for the time-limited form
 */
export function mimoFixedPoint(
  full: DiagonalSystem,
  order: number,
  span: TimeSpan,
  iterationSpan: TimeSpan,
): Found<DiagonalSystem> {
  const problem = mimoProblem(full, span);
  const start = mimoBalanced(full, order, span);
  let best = { reduced: start.reduced, value: start.trace.objective[0] };
  const objective: number[] = [];
  const { stop, reflected } = fixedPoint(full, start.reduced, iterationSpan, {}, (iterate) => {
    const fitted = problem.solve(iterate.poles, iterate.B);
    objective.push(fitted.value);
    if (fitted.value < best.value) best = fitted;
  });
  const notes = [...start.trace.notes, 'The result is the stable iterate of the least error.'];
  if (reflected > 0) notes.push(`${reflected} iterates lost stability and were reflected inside.`);
  return { reduced: best.reduced, trace: { start: 'balanced', stop, objective, notes } };
}

/** The problem of reducing the real responses of a system, for `projectedSearch` and `searchFrom`. */
export function mimoProblem(
  full: DiagonalSystem,
  span: TimeSpan,
): ProjectedProblem<DiagonalSystem> {
  const norm2 = realNorm2(full, span);
  const solve: ProjectedProblem<DiagonalSystem>['solve'] = (poles, B) => {
    const { reduced, f } = projectReal(full, poles, B, span);
    return { reduced, value: norm2 + f };
  };
  return {
    full,
    norm2,
    solve,
    differentiate: (poles, B) => {
      const { f, gradient } = projectReal(full, poles, B, span);
      return { value: norm2 + f, gradient };
    },
  };
}
