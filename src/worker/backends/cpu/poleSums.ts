import type { HotLoops } from '../../../core/hotLoops';
import { insertionGains } from '../../../core/objective/insertionGains';
import { fitSums, pairSums, type WeightedPoles } from '../../../core/objective/pairSums';
import type { PoleSet } from '../../../core/systems/poleSet';
import type { LoopExports } from './module';
import type { Workspace } from './workspace';

/** Horizons shorter than this are left to the reference: most of their sums need its special cases. */
const shortest = 32;
/** |L s| below which a sum needs them; see `nearlyConstantSums` of core/scalars. */
const nearlyConstant = 1.5;

/** Sums over pairs of poles, two pairs at once; the few that the closed form does not reach are left to the reference. */
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
      const L = steps(b);
      const [a, B, C, D, left] = workspace.room(
        8 * N,
        6 * stride,
        12 * stride,
        12 * r * r,
        6 * r * (N + r),
      );
      const numbers = workspace.numbers();
      placePoles(numbers, a, poles, N);
      numbers.set(weightRe, a + 6 * N);
      numbers.set(weightIm, a + 7 * N);
      placePoles(numbers, B, b, stride);
      const count = loops.fitSums(
        8 * a,
        N,
        8 * N,
        8 * (a + 6 * N),
        8 * B,
        r,
        8 * stride,
        L,
        limitOf(L),
        order,
        8 * C,
        8 * D,
        8 * left,
      );
      cross.set(numbers.subarray(C, C + 12 * r));
      own.set(numbers.subarray(D, D + 12 * r * r));
      for (let at = left; at < left + 3 * count; at += 3) {
        const [j, other, which] = [numbers[at], numbers[at + 1], numbers[at + 2]];
        if (which === 2) pairSums(b, other, b, j, order, own, 12 * (other * r + j), 6);
        else addWeighted(b, j, target, other, which, order, cross);
      }
    },

    insertionGains(candidates, b, weights, factor, gains) {
      const { poles, correlation, norms } = candidates;
      const [r, count] = [b.count, poles.count];
      if (b.horizon < shortest || factor === undefined) {
        insertionGains(candidates, b, weights, factor, gains);
        return;
      }
      const many = count + (count % 2);
      const L = steps(b);
      const [P, Q, K, N, S, T, room, G, failed] = workspace.room(
        8 * r,
        6 * many,
        4 * many,
        3 * many,
        2 * r,
        4 * r * r,
        8 * r,
        many,
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
        L,
        limitOf(L),
        8 * room,
        8 * G,
        8 * failed,
      );
      gains.set(numbers.subarray(G, G + count));
      for (let c = 0; c < count; c++) {
        if (numbers[failed + c] === 0) continue;
        insertionGains(candidates, b, weights, factor, gains, c, c + 1);
      }
    },
  };
}

const sums = new Float64Array(12);

/** Adds the sums of pole j of b with pole k of the target, the conjugated ones for side 0. */
function addWeighted(
  b: PoleSet,
  j: number,
  { poles, weightRe, weightIm }: WeightedPoles,
  k: number,
  side: number,
  order: 0 | 2,
  cross: Float64Array,
): void {
  pairSums(b, j, poles, k, order, sums, 0, 6);
  const [wr, wi] = [weightRe[k], weightIm[k]];
  const [from, to] = [6 * side, 12 * j + 6 * side];
  for (let p = 0; p <= 2 * order; p += 2) {
    const [re, im] = [sums[from + p], sums[from + p + 1]];
    cross[to + p] += re * wr - im * wi;
    cross[to + p + 1] += re * wi + im * wr;
  }
}

/** The horizon as the module takes it: 0 for an infinite one. */
function steps({ horizon }: PoleSet): number {
  return horizon === Infinity ? 0 : horizon;
}

/** |s|² below which the module's sums fail. */
function limitOf(steps: number): number {
  return steps === 0 ? 0 : (nearlyConstant / steps) ** 2;
}

/** Six rows of `stride` numbers; what is left of a row is filled with the last. */
function placePoles(numbers: Float64Array, at: number, set: PoleSet, stride: number): void {
  const { count, re, im, expRe, expIm, endRe, endIm } = set;
  for (let i = 0; i < stride; i++) {
    const from = Math.min(i, count - 1);
    const to = at + i;
    numbers[to] = re[from];
    numbers[to + stride] = im[from];
    numbers[to + 2 * stride] = expRe[from];
    numbers[to + 3 * stride] = expIm[from];
    numbers[to + 4 * stride] = endRe[from];
    numbers[to + 5 * stride] = endIm[from];
  }
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
