import { hotLoops } from '../hotLoops';
import type { ComplexVector } from '../linalg/complex';
import { bestInsertion, type Candidates } from '../objective/insertion';
import { cheapestDeletions } from '../objective/realGram';
import { VariableProjection, type Target } from '../objective/varpro';
import { appendPole } from '../start/greedy';
import { poleSetOf } from '../systems/poleSet';
import type { NewtonResult } from './newtonSearch';

const leastGain = 1e-4;
const innerIterations = 12;

/**
 * Leaves local minima by swaps: takes out the slot whose loss costs least, puts in the grid pole with the largest gain,
 * lets Newton settle, and keeps the result if the squared error fell by 1e-4 relative; else tries the slot with the
 * next least cost (math reference, 7.1).
 * @param maxFailures consecutive failures after which the search ends
 * @returns the best result, its history continuing the given one's
 */
export function improveBySwaps(
  projection: VariableProjection,
  candidates: Candidates,
  found: NewtonResult,
  maxRounds: number,
  maxFailures: number,
): NewtonResult {
  const { target, slots } = projection;
  let best = found;
  let failures = 0;
  const smaller =
    slots > 1 ? new VariableProjection(target, slots - 1, projection.ridge) : undefined;
  for (let round = 0; round < maxRounds && failures < maxFailures; round++) {
    const kept = withoutCheapest(target, best, failures);
    const set = poleSetOf(kept, target.poles.horizon);
    smaller?.value(set);
    const weights = { re: smaller?.weightRe ?? kept.re, im: smaller?.weightIm ?? kept.im };
    const trial = appendPole(kept, bestInsertion(candidates, set, weights));
    const result = hotLoops().searchPoles(projection, trial, innerIterations);
    if (result.value < best.value * (1 - leastGain)) {
      best = { ...result, history: [...best.history, result.value] };
      failures = 0;
    } else failures++;
  }
  return best;
}

/** The poles without the one whose deletion ranks `rank`-th among the cheapest. */
function withoutCheapest(target: Target, found: NewtonResult, rank: number): ComplexVector {
  const { poles, weights } = found;
  const order = cheapestDeletions(poleSetOf(poles, target.poles.horizon), weights);
  const deleted = order[Math.min(rank, order.length - 1)];
  return {
    re: poles.re.filter((_, j) => j !== deleted),
    im: poles.im.filter((_, j) => j !== deleted),
  };
}
