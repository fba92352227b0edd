import type { FixedPointOptions } from '../start/fixedPoint';
import type { ModalSystem } from '../systems/modal';
import { fixedPointSolver } from './fixedPointSolver';
import type { ReducedSystem } from './solver';

/**
 * IRKA (Gugercin, Antoulas and Beattie, 2008), as the two-sided fixed-point iteration for infinite time on the real
 * system: interpolation of the transfer function at the mirror images of the reduced poles. The trace shows the squared
 * real h² error over `horizon`, which IRKA itself does not know.
 * @throws SsmError `bad-request`, `bad-parameters`, `unstable`, `cancelled`
 */
export function irkaSolver(
  system: ModalSystem,
  slots: number,
  horizon: number,
  options: FixedPointOptions = {},
): ReducedSystem {
  return fixedPointSolver(system, slots, horizon, Infinity, options);
}
