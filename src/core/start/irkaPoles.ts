import type { ComplexVector } from '../linalg/complex';
import type { Target } from '../objective/varpro';
import { poleSetOf } from '../systems/poleSet';
import { poleChange } from './fixedPoint';
import { asSlots, realProjection, upperHalf } from './realProjection';
import { reflect } from './reflect';

const rest = 1e-6;

/**
 * Iterates of IRKA on the real system over infinite time, fitted into slots. Far from a minimum it moves poles further
 * than any descent does and so reaches minima that a search from the same start does not; as starts its first iterates
 * serve as well as its last.
 * @param start log-poles with Im in [0, pi], as `realBalancedPoles` gives them
 * @param wanted after how many iterations, ascending
 * @returns the iterates wanted, fewer where the iteration came to rest or broke down before; unstable poles are
 * reflected, and an iterate may have fewer poles than slots
 */
export function irkaPoles(
  target: Target,
  start: ComplexVector,
  slots: number,
  wanted: readonly number[],
): ComplexVector[] {
  const { poles, weightRe, weightIm } = target;
  const full = { poles: poleSetOf(poles, Infinity), weightRe, weightIm };
  const found: ComplexVector[] = [];
  let current = start;
  for (let k = 1; found.length < wanted.length; k++) {
    const projected = realProjection(full, current);
    if (projected === undefined) break;
    const next = upperHalf(reflect(projected).poles);
    const resting = poleChange(current, next, 'discrete') < rest;
    if (resting || k === wanted[found.length]) found.push(asSlots(target, projected, slots));
    if (resting) break;
    current = next;
  }
  return found;
}
