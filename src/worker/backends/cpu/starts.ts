import type { HotLoops } from '../../../core/hotLoops';
import { eigenvalues } from '../../../core/linalg/eigenvalues';
import { eliminateModes, eliminationRidge } from '../../../core/start/backwardElimination';
import { projectedDynamics } from '../../../core/start/realProjection';
import { dynamicsOf } from '../../../core/systems/dynamics';
import { poleSetOf } from '../../../core/systems/poleSet';
import type { LoopExports } from './module';
import { placePoles, placeWeights, shortest, steps } from './poleRows';
import type { Workspace } from './workspace';

/** What the starts of a search are made of. Where an iteration of the module does not end the reference decides. */
export function startsWith(
  loops: LoopExports,
  workspace: Workspace,
): Pick<HotLoops, 'eigenvalues' | 'eliminateModes' | 'projectedDynamics'> {
  /** The first `count` real and imaginary parts. */
  const complexAt = (place: number, count: number): ReturnType<HotLoops['eigenvalues']> => {
    const numbers = workspace.numbers();
    return {
      re: numbers.slice(place, place + count),
      im: numbers.slice(place + count, place + 2 * count),
    };
  };
  return {
    eigenvalues(matrix, n) {
      const [a, room, values] = workspace.room(n * n, n, 2 * n);
      workspace.numbers().set(matrix, a);
      const ended = loops.eigenvalues(8 * a, n, 8 * room, 8 * values) !== 0;
      return ended ? complexAt(values, n) : eigenvalues(matrix, n);
    },

    eliminateModes(target, slots) {
      const { count, horizon } = target.poles;
      if (horizon < shortest) return eliminateModes(target, slots);
      const stride = count + (count % 2);
      const [a, room, alive] = workspace.room(8 * stride, 8 * count * count + 8 * count, stride);
      const numbers = workspace.numbers();
      placePoles(numbers, a, target.poles, stride);
      placeWeights(numbers, a, target.weightRe, target.weightIm, stride);
      const ended = loops.eliminateModes(
        8 * a,
        count,
        stride,
        slots,
        steps(target.poles),
        eliminationRidge,
        8 * room,
        8 * alive,
      );
      if (ended === 0) return eliminateModes(target, slots);
      const flags = new Int32Array(numbers.buffer, 8 * alive, count);
      return Array.from(flags.keys()).filter((i) => flags[i] !== 0);
    },

    projectedDynamics(full, poles) {
      const { count, horizon } = full.poles;
      const many = poles.re.length;
      if (horizon < shortest || many === 0) return projectedDynamics(full, poles);
      const stride = count + (count % 2);
      const [a, b, room, values] = workspace.room(
        10 * stride,
        6 * many,
        12 * many * stride + 8 * many * many,
        4 * many,
      );
      const numbers = workspace.numbers();
      placePoles(numbers, a, full.poles, stride);
      const dynamics = dynamicsOf(full.poles, 'discrete');
      const rows = [full.weightRe, full.weightIm, dynamics.re, dynamics.im];
      rows.forEach((row, i) => {
        const at = a + (6 + i) * stride;
        numbers.set(row, at);
        if (count < stride) numbers[at + count] = 0;
      });
      placePoles(numbers, b, poleSetOf(poles, horizon), many);
      const order = loops.realProjection(
        8 * a,
        count,
        stride,
        8 * b,
        many,
        steps(full.poles),
        8 * room,
        8 * values,
      );
      return order < 0 ? projectedDynamics(full, poles) : complexAt(values, order);
    },
  };
}
