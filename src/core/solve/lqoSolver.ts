import { lqoGradient, lqoNorm2, lqoObjective, withOptimalOutputs } from '../objective/lqo';
import { lqoBalanced } from '../start/lqoBalanced';
import { modalTruncation } from '../start/modal';
import { stableStart } from '../start/stableStart';
import { checkOrder, checkSpan } from '../systems/check';
import { type LqoSystem, checkLqo } from '../systems/lqo';
import type { TimeSpan } from '../systems/timeSpan';
import type { BfgsOptions } from './bfgs';
import { type Found, type ProjectedProblem, projectedSearch } from './projectedSearch';

/**
 * Reduces a diagonal system with quadratic outputs to `order` poles: the squared error of the linear and the quadratic
 * kernels together is minimised over poles and, for several inputs, B^; C^ and M^ are optimal in closed form (math
 * reference 3.4). Starts are balanced truncation and the modes of most energy; see `projectedSearch`. Weigh linear
 * against quadratic with `weightQuadratic` first.
 * @throws SsmError `bad-request`, `bad-parameters`, `unstable`, `cancelled`
 */
export function lqoSolver(
  full: LqoSystem,
  order: number,
  span: TimeSpan,
  options: BfgsOptions = {},
): Found<LqoSystem> {
  checkSpan(span);
  checkLqo(full);
  checkOrder(order, full.poles.re.length);
  const modal = modalTruncation(full, order, span);
  const { system, notes } = stableStart(lqoBalanced(full, order, span), modal, order);
  const starts = [
    { name: 'balanced', system },
    { name: 'modal', system: modal },
  ];
  return projectedSearch(lqoProblem(full, span), starts, notes, options);
}

/** Balanced truncation, unstable poles reflected, with optimal outputs. */
export function lqoBalancedFit(full: LqoSystem, order: number, span: TimeSpan): Found<LqoSystem> {
  checkSpan(span);
  checkLqo(full);
  checkOrder(order, full.poles.re.length);
  const spare = modalTruncation(full, order, span);
  const { system, notes } = stableStart(lqoBalanced(full, order, span), spare, order);
  const { reduced, value } = lqoProblem(full, span).solve(system.poles, system.B);
  const trace = { start: 'balanced', stop: 'converged', objective: [value], notes } as const;
  return { reduced, trace };
}

/** The problem of reducing an LQO system, for `projectedSearch` and `searchFrom`. */
export function lqoProblem(full: LqoSystem, span: TimeSpan): ProjectedProblem<LqoSystem> {
  const { linear, quadratic } = lqoNorm2(full, span);
  const norm2 = linear + quadratic;
  const solve: ProjectedProblem<LqoSystem>['solve'] = (poles, B) => {
    const reduced = withOptimalOutputs(full, poles, B, span);
    const f = lqoObjective(full, reduced, span);
    return { reduced, value: norm2 + f.linear + f.quadratic };
  };
  return {
    full,
    norm2,
    solve,
    differentiate: (poles, B) => {
      const { reduced, value } = solve(poles, B);
      return { value, gradient: lqoGradient(full, reduced, span) };
    },
  };
}
