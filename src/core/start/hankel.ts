import { createTarget } from '../objective/varpro';
import type { ModalSystem } from '../systems/modal';
import { balanceReal } from './realBalanced';

/**
 * Hankel singular values of the real kernel of a system over a horizon, descending; 2N of them for N slots. Accurate
 * to a few units in the last place of the largest one.
 */
export function hankelSingularValues(system: ModalSystem, horizon: number): Float64Array {
  return balanceReal(createTarget(system, horizon)).values.map(Math.abs);
}
