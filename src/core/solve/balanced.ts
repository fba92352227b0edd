import type { ComplexVector } from '../linalg/complex';
import { VariableProjection } from '../objective/varpro';
import { backwardElimination } from '../start/backwardElimination';
import { fillPoles } from '../start/fillSlots';
import { realBalancedPoles, type RealBalanced } from '../start/realBalanced';
import { poleSetOf } from '../systems/poleSet';
import type { ReducedSystem } from './solver';

const ridge = 1e-12;

/**
 * Balanced truncation of the real kernel over the horizon, its poles fitted into slots and their weights solved anew by
 * least squares, which never makes the h² error larger than truncation's own.
 */
export function balancedSolver(balanced: RealBalanced, slots: number): ReducedSystem {
  const { target } = balanced;
  const { poles: found, reflected } = realBalancedPoles(balanced, slots);
  const notes: string[] = [];
  if (reflected > 0) notes.push(`${reflected} unstable poles were reflected inside.`);
  let poles: ComplexVector = found;
  if (found.re.length < slots) {
    notes.push(
      `The Hankel operator has rank for ${found.re.length} slots only; the rest are poles of the original.`,
    );
    poles = fillPoles(found, backwardElimination(target, slots), slots);
  }
  const projection = new VariableProjection(target, slots, ridge);
  const value = projection.value(poleSetOf(poles, target.poles.horizon));
  return {
    poles,
    weights: { re: projection.weightRe.slice(), im: projection.weightIm.slice() },
    trace: { start: 'balanced truncation', stop: 'converged', objective: [value], notes },
  };
}
