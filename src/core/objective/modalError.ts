import type { Modes } from '../systems/diagonal';
import { poleSetOf } from '../systems/poleSet';
import { pairSums } from './pairSums';
import { type Target, squaredNorm } from './varpro';

const sums = new Float64Array(4);

/**
 * The squared real h² error sum_{k<L} (Re sum_n w_n e^{a_n k} - Re sum_j v_j e^{b_j k})² of a reduced layer system in
 * closed form; noise below 1e-15 of the squared norm of the full system, not below 0.
 * @param reduced log-poles b and weights v
 */
export function modalError2(target: Target, reduced: Modes): number {
  const b = poleSetOf(reduced.poles, target.poles.horizon);
  const { re: vr, im: vi } = reduced.weights;
  let cross = 0;
  for (let i = 0; i < target.poles.count; i++) {
    const [wr, wi] = [target.weightRe[i], target.weightIm[i]];
    for (let j = 0; j < b.count; j++) {
      pairSums(target.poles, i, b, j, 0, sums, 0, 2);
      cross += (wr * vr[j] + wi * vi[j]) * sums[0] - (wr * vi[j] - wi * vr[j]) * sums[1];
      cross += (wr * vr[j] - wi * vi[j]) * sums[2] - (wr * vi[j] + wi * vr[j]) * sums[3];
    }
  }
  return Math.max(0, target.norm2 + squaredNorm(b, vr, vi) - cross);
}
