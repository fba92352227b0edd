import type { FixedPointOptions } from '../start/fixedPoint';
import type { ModalSystem } from '../systems/modal';
import { fixedPointSolver } from './fixedPointSolver';
import type { ReducedSystem } from './solver';

/**
 * The time-limited counterpart of IRKA (TL-TSIA of Goyal and Redmann): the same fixed-point iteration with Gramians over
 * the horizon. It loses stability now and then; see `fixedPoint` for what happens then.
 * @throws SsmError `bad-request`, `bad-parameters`, `unstable`, `cancelled`
 */
export function tfIrkaSolver(
  system: ModalSystem,
  slots: number,
  horizon: number,
  options: FixedPointOptions = {},
): ReducedSystem {
  return fixedPointSolver(system, slots, horizon, horizon, options);
}
