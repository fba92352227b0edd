import { hotLoops } from '../hotLoops';
import type { ComplexVector } from '../linalg/complex';
import { bestInsertion, type Candidates } from '../objective/insertion';
import { VariableProjection, type Target } from '../objective/varpro';
import { createPoleSet, poleSetOf } from '../systems/poleSet';

/** The poles with one more at the end. */
export function appendPole(
  poles: ComplexVector,
  pole: { readonly re: number; readonly im: number },
): ComplexVector {
  return { re: Float64Array.of(...poles.re, pole.re), im: Float64Array.of(...poles.im, pole.im) };
}

/**
 * Greedy growth: starting from nothing, inserts the candidate pole with the largest orthogonalised gain and lets all
 * poles settle by a few Newton steps, until there are `slots` of them.
 */
export function greedyPoles(
  target: Target,
  candidates: Candidates,
  slots: number,
  ridge: number,
): ComplexVector {
  const none = { re: new Float64Array(0), im: new Float64Array(0) };
  const empty = createPoleSet(0, target.poles.horizon);
  let poles = appendPole(none, bestInsertion(candidates, empty, none));
  for (;;) {
    const projection = new VariableProjection(target, poles.re.length, ridge);
    const settled = hotLoops().searchPoles(projection, poles, 2);
    if (poles.re.length === slots) return settled.poles;
    const set = poleSetOf(settled.poles, target.poles.horizon);
    poles = appendPole(settled.poles, bestInsertion(candidates, set, settled.weights));
  }
}
