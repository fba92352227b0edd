import type { HotLoops } from '../../../core/hotLoops';
import { insertionGains } from '../../../core/objective/insertionGains';
import { fitSums } from '../../../core/objective/pairSums';
import type { LoopExports } from './module';
import { placePoles, shortest, steps } from './poleRows';
import type { Workspace } from './workspace';

/** Sums over pairs of poles, two pairs at once. */
export function poleSumsWith(
  loops: LoopExports,
  workspace: Workspace,
): Pick<HotLoops, 'fitSums' | 'insertionGains'> {
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
      numbers.set(weightRe, a + 6 * N);
      numbers.set(weightIm, a + 7 * N);
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
      numbers.set(weights.re, P + 6 * r);
      numbers.set(weights.im, P + 7 * r);
      placePoles(numbers, Q, poles, many);
      placeRows(numbers, K, correlation, 4, many);
      placeRows(numbers, N, norms, 3, many);
      numbers.set(factor.scale, S);
      numbers.set(factor.lower, T);
      numbers.set(gains, G);
      loops.insertionGains(
        8 * P,
        r,
        8 * r,
        8 * Q,
        many,
        8 * many,
        8 * K,
        8 * N,
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

/** What lies entry after entry with `count` numbers each, as rows. */
function placeRows(
  numbers: Float64Array,
  at: number,
  values: Float64Array,
  count: number,
  stride: number,
): void {
  for (let i = 0; i < count; i++) {
    for (let from = i, to = at + i * stride; from < values.length; from += count) {
      numbers[to++] = values[from];
    }
  }
}
