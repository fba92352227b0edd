import { throwIfCancelled } from '../errors';
import { hotLoops } from '../hotLoops';
import type { ComplexVector } from '../linalg/complex';
import { bestInsertion, createCandidates, type Candidates } from '../objective/insertion';
import { cheapestDeletions } from '../objective/realGram';
import { VariableProjection, type Target } from '../objective/varpro';
import { energyModalPoles } from '../start/energyModal';
import { appendPole, greedyPoles } from '../start/greedy';
import { backwardElimination } from '../start/backwardElimination';
import { realBalancedPoles, type RealBalanced } from '../start/realBalanced';
import { poleSetOf } from '../systems/poleSet';
import type { NewtonResult } from './newtonSearch';

const ridge = 1e-10;
/** Newton steps from each start, and after the best of them was chosen. */
const scout = 6;
const settle = 30;
/** Between two insertions on the way from one order to the next. */
const inner = 2;

/** The best reduced system found for one number of slots. */
export interface CurvePoint {
  readonly slots: number;
  readonly poles: ComplexVector;
  readonly weights: ComplexVector;
  /** Squared h² error (estimated; closed form, so not below 1e-15 of the squared norm). */
  readonly error2: number;
}

/**
 * Error against order: the best reduced systems for several numbers of slots in one pass, each warm-started from its
 * neighbours. First upwards from several starts of the least, inserting the poles with the largest gain; then downwards, deleting those whose loss costs
 * least; then upwards again where a larger order was left behind, so that the error never rises with the order.
 * @param slots numbers of slots, each 1 … N; sorted and made distinct here
 * Where an engine has searched too, what it found counts where it is lower.
 * @param searched where an engine came to from `curveStarts`, a list for each of those numbers that is below N
 */
export function errorCurve(
  balanced: RealBalanced,
  slots: readonly number[],
  { searched, signal }: CurveOptions = {},
): CurvePoint[] {
  return hotLoops().scoped(() => curve(balanced, slots, searched, signal));
}

export interface CurveOptions {
  readonly searched?: readonly (readonly ComplexVector[])[] | undefined;
  readonly signal?: AbortSignal;
}

/** Starts for an engine to search from before the processor goes on: one list for each number of slots, ascending. */
export function curveStarts(balanced: RealBalanced, slots: readonly number[]): ComplexVector[][] {
  const { target } = balanced;
  return hotLoops().scoped(() => {
    const candidates = createCandidates(target);
    return slots.map((order) =>
      [
        backwardElimination(target, order),
        realBalancedPoles(balanced, order).poles,
        greedyPoles(target, candidates, order, ridge),
      ].filter(({ re }) => re.length === order),
    );
  });
}

function curve(
  balanced: RealBalanced,
  slots: readonly number[],
  searched: CurveOptions['searched'],
  signal: AbortSignal | undefined,
): CurvePoint[] {
  const { target } = balanced;
  const orders = [...new Set(slots)].sort((a, b) => a - b);
  const below = orders.filter((order) => order < target.poles.count);
  const candidates = createCandidates(target);
  const found: NewtonResult[] = [];
  below.forEach((order, i) => {
    throwIfCancelled(signal);
    const starts = [backwardElimination(target, order), realBalancedPoles(balanced, order).poles];
    if (i > 0) starts.push(grow(target, candidates, found[i - 1], order));
    else
      starts.push(greedyPoles(target, candidates, order, ridge), energyModalPoles(target, order));
    found.push(bestFrom(target, order, starts));
  });
  for (let i = below.length - 2; i >= 0; i--) {
    throwIfCancelled(signal);
    const start = shrink(target, found[i + 1], below[i]);
    const shrunk = hotLoops().searchPoles(projectionOf(target, below[i]), start, settle);
    if (shrunk.value < found[i].value) found[i] = shrunk;
  }
  const growAgain = (): void => {
    for (let i = 1; i < below.length; i++) {
      throwIfCancelled(signal);
      if (found[i].value <= found[i - 1].value) continue;
      const start = grow(target, candidates, found[i - 1], below[i]);
      const grown = hotLoops().searchPoles(projectionOf(target, below[i]), start, settle);
      if (grown.value < found[i].value) found[i] = grown;
    }
  };
  growAgain();
  if (searched !== undefined) {
    below.forEach((_, i) => (found[i] = lowest(target, found[i], searched[i])));
    growAgain();
  }
  const points = found.map(({ poles, weights, value }, i) => ({
    slots: below[i],
    poles,
    weights,
    error2: Math.max(0, value),
  }));
  return orders.length > below.length ? [...points, whole(target)] : points;
}

/** The system itself, the last point of every curve. */
function whole(target: Target): CurvePoint {
  const { re, im } = target.poles;
  const weights = { re: target.weightRe, im: target.weightIm };
  return { slots: target.poles.count, poles: { re, im }, weights, error2: 0 };
}

function projectionOf(target: Target, slots: number): VariableProjection {
  return new VariableProjection(target, slots, ridge);
}

function bestFrom(target: Target, slots: number, starts: readonly ComplexVector[]): NewtonResult {
  const projection = projectionOf(target, slots);
  const scouted = starts
    .filter(({ re }) => re.length === slots)
    .map((start) => hotLoops().searchPoles(projection, start, scout))
    .sort((a, b) => a.value - b.value);
  return hotLoops().searchPoles(projection, scouted[0].poles, settle);
}

/** What was found, or the minimum that an engine came to if that is lower. */
function lowest(
  target: Target,
  found: NewtonResult,
  searched: readonly ComplexVector[],
): NewtonResult {
  const projection = projectionOf(target, found.poles.re.length);
  const best = searched
    .filter(({ re, im }) => re.every(Number.isFinite) && im.every(Number.isFinite))
    .map((poles) => hotLoops().searchPoles(projection, poles, 0))
    .filter(({ value }) => value < found.value)
    .sort((a, b) => a.value - b.value)
    .at(0);
  return best === undefined ? found : hotLoops().searchPoles(projection, best.poles, settle);
}

/** More poles by the largest gain, all settling in between. */
function grow(
  target: Target,
  candidates: Candidates,
  from: { readonly poles: ComplexVector; readonly weights: ComplexVector },
  slots: number,
): ComplexVector {
  let { poles, weights } = from;
  for (;;) {
    const set = poleSetOf(poles, target.poles.horizon);
    poles = appendPole(poles, bestInsertion(candidates, set, weights));
    if (poles.re.length === slots) return poles;
    ({ poles, weights } = hotLoops().searchPoles(
      projectionOf(target, poles.re.length),
      poles,
      inner,
    ));
  }
}

/** Fewer poles: each time without the one whose deletion costs least, the weights solved anew. */
function shrink(
  target: Target,
  from: { readonly poles: ComplexVector; readonly weights: ComplexVector },
  slots: number,
): ComplexVector {
  let { poles, weights } = from;
  while (poles.re.length > slots) {
    const [deleted] = cheapestDeletions(poleSetOf(poles, target.poles.horizon), weights);
    const keep = (part: Float64Array): Float64Array => part.filter((_, j) => j !== deleted);
    poles = { re: keep(poles.re), im: keep(poles.im) };
    const projection = projectionOf(target, poles.re.length);
    projection.value(poleSetOf(poles, target.poles.horizon));
    weights = { re: projection.weightRe.slice(), im: projection.weightIm.slice() };
  }
  return poles;
}
