import type { HotLoops } from '../../../core/hotLoops';
import { correlate } from '../../../core/objective/insertion';
import { insertionGains } from '../../../core/objective/insertionGains';
import { fitSums } from '../../../core/objective/pairSums';
import type { PoleSet } from '../../../core/systems/poleSet';
import type { LoopExports } from './module';
import { placePoles, placeWeights, shortest, steps } from './poleRows';
import type { Workspace } from './workspace';

/** Sums over pairs of poles, two pairs at once. */
export function poleSumsWith(
  loops: LoopExports,
  workspace: Workspace,
): Pick<HotLoops, 'fitSums' | 'correlate' | 'insertionGains'> {
  const resident = (x: Float64Array, room: number): number => {
    const place = workspace.placeOf(x);
    if (place === undefined) workspace.numbers().set(x, room);
    return 8 * (place ?? room);
  };
  /** Poles whose rows are even in length: where they lie if that is in the module's memory, else in `room`. */
  const residentPoles = (set: PoleSet, stride: number, room: number): number => {
    const place = workspace.placeOf(set.re);
    const following = workspace.placeOf(set.im);
    if (place !== undefined && following === place + stride) return 8 * place;
    placePoles(workspace.numbers(), room, set, stride);
    return 8 * room;
  };
  return {
    fitSums(b, target, order, cross, own) {
      const { poles, weightRe, weightIm } = target;
      if (b.horizon < shortest || b.count === 0) {
        fitSums(b, target, order, cross, own);
        return;
      }
      const r = b.count;
      const stride = r + (r % 2);
      const N = poles.count;
      const [a, B, C, D] = workspace.room(8 * N, 6 * stride, 12 * stride, 12 * r * r);
      const numbers = workspace.numbers();
      placePoles(numbers, a, poles, N);
      placeWeights(numbers, a, weightRe, weightIm, N);
      placePoles(numbers, B, b, stride);
      loops.fitSums(
        8 * a,
        N,
        8 * N,
        8 * (a + 6 * N),
        8 * B,
        r,
        8 * stride,
        steps(b),
        order,
        8 * C,
        8 * D,
      );
      cross.set(numbers.subarray(C, C + 12 * r));
      own.set(numbers.subarray(D, D + 12 * r * r));
    },

    correlate(target, c, correlation, norms) {
      const { count, horizon } = c;
      if (horizon < shortest || count === 0) {
        correlate(target, c, correlation, norms);
        return;
      }
      const N = target.poles.count;
      const stride = count + (count % 2);
      const [a, rows, K, squares] = workspace.room(8 * N, 6 * stride, 4 * stride, 3 * stride);
      const numbers = workspace.numbers();
      placePoles(numbers, a, target.poles, N);
      placeWeights(numbers, a, target.weightRe, target.weightIm, N);
      const at = residentPoles(c, stride, rows);
      const common = workspace.placeOf(correlation);
      const lengths = workspace.placeOf(norms);
      loops.correlate(
        8 * a,
        N,
        8 * N,
        at,
        count,
        8 * stride,
        steps(c),
        8 * (common ?? K),
        8 * (lengths ?? squares),
      );
      if (common === undefined) correlation.set(numbers.subarray(K, K + 4 * count));
      if (lengths === undefined) norms.set(numbers.subarray(squares, squares + 3 * count));
    },

    insertionGains(candidates, b, weights, factor, gains) {
      const { poles, correlation, norms } = candidates;
      const [r, count] = [b.count, poles.count];
      if (b.horizon < shortest || factor === undefined) {
        insertionGains(candidates, b, weights, factor, gains);
        return;
      }
      const many = count + (count % 2);
      const [P, Q, K, N, S, T, room, G] = workspace.room(
        8 * r,
        6 * many,
        4 * many,
        3 * many,
        2 * r,
        4 * r * r,
        8 * r,
        many,
      );
      const numbers = workspace.numbers();
      placePoles(numbers, P, b, r);
      placeWeights(numbers, P, weights.re, weights.im, r);
      const rows = residentPoles(poles, many, Q);
      const common = resident(correlation, K);
      const squares = resident(norms, N);
      numbers.set(factor.scale, S);
      numbers.set(factor.lower, T);
      numbers.set(gains, G);
      loops.insertionGains(
        8 * P,
        r,
        8 * r,
        rows,
        many,
        8 * many,
        common,
        squares,
        8 * S,
        8 * T,
        steps(b),
        8 * room,
        8 * G,
      );
      gains.set(numbers.subarray(G, G + count));
    },
  };
}
