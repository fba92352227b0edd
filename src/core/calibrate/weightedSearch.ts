import type { ComplexVector } from '../linalg/complex';
import { newtonSearch, type NewtonResult } from '../solve/newtonSearch';
import { appendPole } from '../start/greedy';
import { poleSetOf } from '../systems/poleSet';
import { bestInsertion, type WeighedCandidates } from './insertion';
import { WeightedProjection } from './weightedProjection';
import type { WeightedTarget } from './weightedTarget';

/** How hard to look for a better minimum of the weighted error than the first one found. */
export interface WeightedEffort {
  /** Newton steps after each pole that the greedy start adds. */
  readonly growth: number;
  /** Newton steps that every start gets, before the best goes on alone. */
  readonly scout: number;
  /** Consecutive fruitless swaps after which the search ends; 0 for no swaps. */
  readonly swapFailures: number;
  /** Newton steps after each swap. */
  readonly swapSteps: number;
  /** Newton steps of the last search. */
  readonly finish: number;
}

export const defaultEffort: WeightedEffort = {
  growth: 3,
  scout: 8,
  swapFailures: 2,
  swapSteps: 8,
  finish: 40,
};

/** A swap counts where it lowers the squared error by more than this share. */
const worthwhile = 1e-3;

/** A named start: reduced log-poles. */
export interface WeightedStart {
  readonly name: string;
  readonly poles: ComplexVector;
}

/** Reduced log-poles and weights with the skip weight that goes with them. */
export interface WeightedResult {
  readonly poles: ComplexVector;
  readonly weights: ComplexVector;
  /** The fitted skip weight; undefined where it was not free. */
  readonly skip: number | undefined;
  /** The weighted squared error, its ridge included. */
  readonly value: number;
  readonly start: string;
  readonly history: readonly number[];
  readonly stop: NewtonResult['stop'];
}

/**
 * Minimises the weighted error over r poles from several starts: greedy growth by the weighted gain, and those given;
 * then swaps. Never worse than any of the starts; deterministic.
 */
export function searchWeighted(
  target: WeightedTarget,
  slots: number,
  freeSkip: boolean,
  candidates: readonly WeighedCandidates[],
  given: readonly WeightedStart[] = [],
  effort: WeightedEffort = defaultEffort,
): WeightedResult {
  const projection = new WeightedProjection(target, slots, freeSkip);
  const greedy = {
    name: 'weighted greedy',
    poles: grow(target, slots, freeSkip, candidates, effort),
  };
  const scouted = [greedy, ...given].map(({ name, poles }) => ({
    name,
    result: newtonSearch(projection, poles, effort.scout),
  }));
  const winner = scouted.reduce((a, b) => (b.result.value < a.result.value ? b : a));
  let best = improveBySwaps(projection, freeSkip, candidates, winner.result, effort);
  best = joined(best, newtonSearch(projection, best.poles, effort.finish));
  projection.value(poleSetOf(best.poles, target.poles.horizon));
  return {
    poles: best.poles,
    weights: best.weights,
    skip: freeSkip ? projection.skip : undefined,
    value: best.value,
    start: winner.name,
    history: best.history,
    stop: best.stop,
  };
}

/** Goes on from poles that were found on another target, which differs in its weights, or in less precision. */
export function continueWeighted(
  target: WeightedTarget,
  freeSkip: boolean,
  from: Pick<WeightedResult, 'poles' | 'start'>,
  effort: WeightedEffort,
): WeightedResult {
  const projection = new WeightedProjection(target, from.poles.re.length, freeSkip);
  const found = newtonSearch(projection, from.poles, effort.finish);
  projection.value(poleSetOf(found.poles, target.poles.horizon));
  return { ...from, ...found, skip: freeSkip ? projection.skip : undefined };
}

/** Grows a start pole by pole: the candidate with the largest gain, then a few steps of all poles. */
function grow(
  target: WeightedTarget,
  slots: number,
  freeSkip: boolean,
  candidates: readonly WeighedCandidates[],
  effort: WeightedEffort,
): ComplexVector {
  let poles: ComplexVector = { re: new Float64Array(0), im: new Float64Array(0) };
  for (let r = 0; r < slots; r++) {
    const projection = new WeightedProjection(target, r, freeSkip);
    if (r > 0) poles = newtonSearch(projection, poles, effort.growth).poles;
    projection.value(poleSetOf(poles, target.poles.horizon));
    poles = appendPole(poles, bestInsertion(projection, candidates));
  }
  return poles;
}

/** Takes out the pole whose loss costs least, puts in the candidate with the largest gain, and keeps what is better. */
function improveBySwaps(
  projection: WeightedProjection,
  freeSkip: boolean,
  candidates: readonly WeighedCandidates[],
  found: NewtonResult,
  effort: WeightedEffort,
): NewtonResult {
  const { target, slots } = projection;
  const smaller = new WeightedProjection(target, slots - 1, freeSkip);
  let best = found;
  let failures = 0;
  for (
    let round = 0;
    round < 2 * slots && failures < Math.min(slots, effort.swapFailures);
    round++
  ) {
    projection.value(poleSetOf(best.poles, target.poles.horizon));
    const costs = projection.removalCosts();
    const order = [...costs.keys()].sort((i, j) => costs[i] - costs[j]);
    const kept = without(best.poles, order[failures]);
    smaller.value(poleSetOf(kept, target.poles.horizon));
    const trial = appendPole(kept, bestInsertion(smaller, candidates));
    const result = newtonSearch(projection, trial, effort.swapSteps);
    if (result.value < best.value * (1 - worthwhile)) {
      best = { ...result, history: [...best.history, result.value] };
      failures = 0;
    } else failures++;
  }
  return best;
}

function without({ re, im }: ComplexVector, deleted: number): ComplexVector {
  const keep = (_: number, j: number): boolean => j !== deleted;
  return { re: re.filter(keep), im: im.filter(keep) };
}

function joined(before: NewtonResult, after: NewtonResult): NewtonResult {
  return { ...after, history: [...before.history, ...after.history.slice(1)] };
}
