import type { HotLoops } from '../../../core/hotLoops';
import { newtonSearch, slowestSearched, usualTolerance } from '../../../core/solve/newtonSearch';
import type { StopReason } from '../../../core/solve/solver';
import type { LoopExports } from './module';
import { placePoles, placeWeights, shortest, steps } from './poleRows';
import type { Workspace } from './workspace';

/** As wasm/poleSearch numbers them. */
const stops: readonly StopReason[] = ['iteration-limit', 'converged', 'no-descent', 'stalled'];

/** Whole searches: nothing is allocated or copied between their iterations. */
export function searchesWith(
  loops: LoopExports,
  workspace: Workspace,
): Pick<HotLoops, 'searchPoles'> {
  return {
    searchPoles(projection, start, maxIterations, tolerance = usualTolerance) {
      const { target, slots: r, ridge } = projection;
      const { poles } = target;
      if (poles.horizon < shortest || r === 0) {
        return newtonSearch(projection, start, maxIterations, tolerance);
      }
      const N = poles.count;
      const [a, b, found, room] = workspace.room(
        8 * N,
        2 * r,
        2 * r + maxIterations + 1,
        36 * r * r + 54 * r + 24,
      );
      const numbers = workspace.numbers();
      placePoles(numbers, a, poles, N);
      placeWeights(numbers, a, target.weightRe, target.weightIm, N);
      numbers.set(start.re, b);
      numbers.set(start.im, b + r);
      const end = loops.searchPoles(
        8 * a,
        N,
        r,
        steps(poles),
        target.norm2,
        ridge,
        8 * b,
        slowestSearched(target),
        maxIterations,
        tolerance.value,
        tolerance.gradient,
        8 * found,
        8 * room,
      );
      const values = found + 2 * r;
      const history = Array.from(numbers.subarray(values, values + (end >> 2) + 1));
      return {
        poles: { re: numbers.slice(b, b + r), im: numbers.slice(b + r, b + 2 * r) },
        weights: {
          re: numbers.slice(found, found + r),
          im: numbers.slice(found + r, found + 2 * r),
        },
        value: history[history.length - 1],
        history,
        stop: stops[end & 3],
      };
    },
  };
}
