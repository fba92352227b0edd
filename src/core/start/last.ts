import { checkOrder } from '../systems/check';
import type { DiagonalSystem } from '../systems/diagonal';
import { discrete } from '../systems/timeSpan';
import { largest, modalScores } from './modal';

/**
 * LAST scores of the states of one discrete layer system (layer-adaptive state pruning; math reference 6.6): with the
 * H-infinity norm h_i = ||c_i|| ||b_i|| / (1 - |z_i|) of each state,
 *     score_i = h_i^power / sum of h_j^power over the states not smaller than i,
 * so that every layer's largest state scores 1 and scores compare across layers. The description of the method leaves
 * open whether norms or their squares are summed; squares are the default.
 */
export function lastScores(system: DiagonalSystem, power: 1 | 2 = 2): Float64Array {
  const norms = modalScores(system, discrete(Infinity), 'gain');
  const scores = new Float64Array(norms.length);
  let sum = 0;
  for (const i of largest(norms, norms.length)) {
    const size = norms[i] ** power;
    sum += size;
    scores[i] = sum > 0 ? size / sum : 0;
  }
  return scores;
}

/**
 * Prunes globally: of all states of all layers the `keep` with the largest scores, at least one a layer; indices of the
 * states kept, layer by layer, in the order of the states.
 * @throws SsmError `bad-request` unless layers <= keep <= number of states
 */
export function lastSelection(scores: readonly Float64Array[], keep: number): number[][] {
  const all = scores.flatMap((layer, l) => Array.from(layer, (score, i) => ({ l, i, score })));
  checkOrder(keep, all.length);
  checkOrder(scores.length, keep);
  const first = scores.map((layer) => largest(layer, 1)[0]);
  const rest = all
    .filter(({ l, i }) => i !== first[l])
    .sort((a, b) => b.score - a.score)
    .slice(0, keep - scores.length);
  return scores.map((_, l) =>
    [first[l], ...rest.filter((state) => state.l === l).map(({ i }) => i)].sort((a, b) => a - b),
  );
}
