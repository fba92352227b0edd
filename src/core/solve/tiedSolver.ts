import { throwIfCancelled } from '../errors';
import type { ComplexVector } from '../linalg/complex';
import { sameSize } from '../linalg/matrix';
import { certifiedError } from '../norms/certified';
import {
  type SharedProjection,
  type SharedTargets,
  sharedProjection,
} from '../objective/sharedProjection';
import { createTarget } from '../objective/varpro';
import { modeEnergies } from '../start/energyModal';
import {
  type SharedCandidates,
  cheapestShared,
  sharedCandidates,
  withBestInsertion,
  withoutPole,
} from '../start/sharedInsertion';
import {
  type SharedStart,
  balancedStart,
  eliminationStart,
  energyStart,
} from '../start/sharedStarts';
import { checkCount, checkOrder, checkSpan, checkedModal } from '../systems/check';
import { poleSetOf } from '../systems/poleSet';
import { type TiedSystem, channelModes, channelSteps } from '../systems/tied';
import { discrete } from '../systems/timeSpan';
import {
  type NewtonPoint,
  type NewtonProblem,
  boundedNewton,
  continueNewton,
} from './boundedNewton';
import { coordinatesOf, polesAt, sharedProblem } from './sharedProblem';
import type { SolverTrace } from './solver';

/** Bounds the weights while searching; see `newton.ts`. */
const searchRidge = 1e-8;
const finalRidge = 1e-13;

/** Below this share of the squared norm the closed form of the error is rounding noise (math reference, 8.1). */
const closedFormLimit = 1e-6;
/** The longest horizon over which kernels are compared step by step then. */
const directLimit = 1 << 17;
/** e^{-42} lies below the rounding of 1. */
const decayed = 42;

/** A swap counts where it lowers the objective by more than this share. */
const leastGain = 1e-4;
const swapIterations = 12;

/** How hard to look for a better minimum than the first one found. */
export interface TiedEffort {
  /** Newton steps after the search among the starts. */
  readonly iterations?: number;
  /** Consecutive fruitless swaps after which the search ends; 0 for no swaps. */
  readonly swapFailures?: number;
  readonly signal?: AbortSignal;
}

export interface TiedReduction {
  readonly reduced: TiedSystem;
  /** Its objective is the sum of the channels' squared real h² errors. */
  readonly trace: SolverTrace;
  /** The channels' shares of the last value. */
  readonly channelErrors2: Float64Array;
}

/** What the solvers of tied systems begin with: a checked system and its prepared channels. */
interface Prepared {
  readonly full: TiedSystem;
  readonly shared: SharedTargets;
  readonly horizon: number;
  readonly order: number;
}

/**
 * Reduces channels that share their poles (layers such as DSS and S4 with tied state) to `order` shared poles: the sum
 * of the channels' squared real h² errors is minimised over the poles by Newton's method with the exact Hessian of the
 * variable projection, from several starts, then by swaps of poles (math reference, 7.1); the weights of each channel
 * are optimal by linear least squares. The result is stable by construction and never worse than a start.
 * @param horizon steps of the impulse responses, an integer >= 1 or Infinity
 * @throws SsmError `bad-request`, `bad-parameters`, `unstable`, `cancelled`
 */
export function tiedSolver(
  given: TiedSystem,
  order: number,
  horizon: number,
  { iterations = 100, swapFailures = 4, signal }: TiedEffort = {},
): TiedReduction {
  const prepared = prepare(given, order, horizon);
  if (isSilent(prepared)) return silent(prepared);
  const { full, shared } = prepared;
  const projection = sharedProjection(shared, order, searchRidge);
  const problem = sharedProblem(full, projection);
  const elimination = eliminationStart(full, shared, order);
  const balanced = balancedStart(full, elimination.poles, order, horizon);
  const starts: SharedStart[] = [balanced, elimination, energyStart(full, shared, order)];
  const candidates = sharedCandidates(full, shared);
  starts.push({ name: 'greedy', poles: greedyPoles(prepared, candidates) });
  const winner = tournament(problem, starts, signal);
  let best = winner.point;
  if (swapFailures > 0) {
    best = improveBySwaps(prepared, projection, candidates, best, swapFailures, signal);
  }
  throwIfCancelled(signal);
  best = continueNewton(problem, best, iterations);
  return finish(prepared, { ...winner, point: best }, starts, balanced.notes);
}

/** Balanced truncation of the channels as outputs of one system, with the weights solved anew. */
export function tiedBalanced(given: TiedSystem, order: number, horizon: number): TiedReduction {
  const prepared = prepare(given, order, horizon);
  if (isSilent(prepared)) return silent(prepared);
  const { full, shared } = prepared;
  const spare = energyStart(full, shared, order);
  const { name, poles, notes } = balancedStart(full, spare.poles, order, horizon);
  const projection = sharedProjection(shared, order, finalRidge);
  const point = boundedNewton(sharedProblem(full, projection), coordinatesOf(poles), 0);
  return assemble(prepared, projection, { name, point: { ...point, stop: 'converged' } }, notes);
}

function prepare(full: TiedSystem, order: number, horizon: number): Prepared {
  checkSpan(discrete(horizon));
  checkCount(full.steps.length);
  sameSize(full.weights.rows, full.steps.length, 'channels');
  checkOrder(order, full.poles.re.length);
  const modes = Array.from(full.steps, (_, h) => checkedModal(channelModes(full, h)));
  const shared = {
    targets: modes.map((system) => createTarget(system, horizon)),
    steps: modes.map((_, h) => channelSteps(full, h)),
  };
  return { full, shared, horizon, order };
}

/** A squared norm below this share of the modes' own energies is rounding error: the modes cancel. */
const vanishing = 1e-15;

function isSilent({ full, shared }: Prepared): boolean {
  return shared.targets.every((target) => {
    const energy = modeEnergies(target).reduce((sum, part) => sum + part, 0);
    return !(target.norm2 > vanishing * full.poles.re.length * energy);
  });
}

/** Channels whose real responses are all 0 keep the first poles, at weight 0. */
function silent({ full, order }: Prepared): TiedReduction {
  const head = (part: Float64Array): Float64Array => part.slice(0, order);
  const { rows } = full.weights;
  const [re, im] = [new Float64Array(rows * order), new Float64Array(rows * order)];
  return {
    reduced: {
      ...full,
      poles: { re: head(full.poles.re), im: head(full.poles.im) },
      weights: { rows, cols: order, re, im },
    },
    trace: { start: 'the system itself', stop: 'exact', objective: [0], notes: [] },
    channelErrors2: new Float64Array(rows),
  };
}

interface Contender {
  readonly name: string;
  readonly point: NewtonPoint;
}

/** Newton steps for each start still in, how many go on, and how much larger than the best their value may be. */
const rounds = [
  { steps: 4, keep: 4, within: 1.5 },
  { steps: 12, keep: 3, within: 1.2 },
  { steps: 60, keep: 1, within: 1 },
];

/** Searches from all starts, fewer of them in every round. */
function tournament(
  problem: NewtonProblem,
  starts: readonly SharedStart[],
  signal: AbortSignal | undefined,
): Contender {
  let contenders: Contender[] = starts.map(({ name, poles }) => ({
    name,
    point: boundedNewton(problem, coordinatesOf(poles), 0),
  }));
  for (const { steps, keep, within } of rounds) {
    throwIfCancelled(signal);
    const searched = contenders.map(({ name, point }) => ({
      name,
      point: continueNewton(problem, point, steps),
    }));
    searched.sort((p, q) => p.point.value - q.point.value);
    const worst = within * searched[0].point.value;
    contenders = searched
      .slice(0, keep)
      .filter(({ point }, rank) => rank === 0 || point.value <= worst);
  }
  return contenders[0];
}

/** Greedy growth: the best candidate is put in, and all poles settle by a few steps, until there are enough of them. */
function greedyPoles(
  { full, shared, order }: Prepared,
  candidates: SharedCandidates,
): ComplexVector {
  let x = withBestInsertion(candidates, shared, undefined, new Float64Array(0));
  for (let r = 1; ; r++) {
    const projection = sharedProjection(shared, r, searchRidge);
    ({ x } = boundedNewton(sharedProblem(full, projection), x, 2));
    if (r === order) return polesAt(x);
    x = withBestInsertion(candidates, shared, projection, x);
  }
}

/**
 * Leaves local minima by swaps: takes out the pole whose loss costs least, puts in the candidate of the largest gain,
 * lets Newton settle, and keeps the result if the objective fell; else tries the pole of the next least cost.
 */
function improveBySwaps(
  { full, shared, order }: Prepared,
  projection: SharedProjection,
  candidates: SharedCandidates,
  found: NewtonPoint,
  mostFailures: number,
  signal: AbortSignal | undefined,
): NewtonPoint {
  const problem = sharedProblem(full, projection);
  const smaller = order > 1 ? sharedProjection(shared, order - 1, searchRidge) : undefined;
  let best = found;
  let failures = 0;
  for (let round = 0; round < 2 * order && failures < Math.min(order, mostFailures); round++) {
    throwIfCancelled(signal);
    const cheapest = cheapestShared(shared, projection, best.x)[failures];
    const kept = withoutPole(best.x, cheapest);
    const trial = withBestInsertion(candidates, shared, smaller, kept);
    const point = boundedNewton(problem, trial, swapIterations);
    if (point.value < best.value * (1 - leastGain)) {
      best = { ...point, history: [...best.history, point.value] };
      failures = 0;
    } else failures++;
  }
  return best;
}

/**
 * The result with hardly any ridge, which can only be better; where errors are below what the closed form resolves,
 * whichever of the results and the starts is best by direct comparison of the kernels.
 */
function finish(
  prepared: Prepared,
  found: Contender,
  starts: readonly SharedStart[],
  notes: readonly string[],
): TiedReduction {
  const { full, shared, order, horizon } = prepared;
  const projection = sharedProjection(shared, order, finalRidge);
  const problem = sharedProblem(full, projection);
  const at = ({ name, point }: Contender, ridge: number): TiedReduction => {
    const weighing = ridge === finalRidge ? projection : sharedProjection(shared, order, ridge);
    weighing.value(point.x);
    return assemble(prepared, weighing, { name, point }, notes);
  };
  const polished = { ...found, point: continueNewton(problem, found.point, 10) };
  const length = Math.min(horizon, decayed / slowestDecayOf(prepared));
  if (found.point.value < closedFormLimit * projection.norm2 && length <= directLimit) {
    const settled = starts.map(({ name, poles }) =>
      at({ name, point: boundedNewton(problem, coordinatesOf(poles), 0) }, finalRidge),
    );
    const finalists = [at(found, searchRidge), at(polished, finalRidge), ...settled];
    const errors = finalists.map(({ reduced }) => directError2(full, reduced, horizon));
    return finalists[errors.indexOf(Math.min(...errors))];
  }
  const result = at(polished, finalRidge);
  const better = polished.point.value <= found.point.value && isCredible(prepared, result);
  return better ? result : at(found, searchRidge);
}

function slowestDecayOf({ shared }: Prepared): number {
  return shared.targets.reduce(
    (least, { poles }) => poles.re.reduce((low, x) => Math.min(low, -x), least),
    Infinity,
  );
}

/** The sum of the channels' squared errors by comparison of the kernels, step by step. */
function directError2(full: TiedSystem, reduced: TiedSystem, horizon: number): number {
  return full.steps.reduce(
    (sum, _, h) =>
      sum + certifiedError(channelModes(full, h), channelModes(reduced, h), horizon) ** 2,
    0,
  );
}

/** Whether the value of a result is more than the rounding of its closed form, which grows with cancelling weights. */
function isCredible({ shared, horizon }: Prepared, { reduced, trace }: TiedReduction): boolean {
  let energy = 0;
  let norm2 = 0;
  shared.targets.forEach((target, h) => {
    const { poles, weights } = channelModes(reduced, h);
    const modes = { poles: poleSetOf(poles, horizon), weightRe: weights.re, weightIm: weights.im };
    energy += modeEnergies(modes).reduce((sum, part) => sum + part, 0);
    norm2 += target.norm2;
  });
  return energy < 16 * norm2 || 1e-13 * energy < trace.objective[trace.objective.length - 1];
}

/** The result at the last point that the projection was evaluated at. */
function assemble(
  { full }: Prepared,
  { weights, channelValues }: SharedProjection,
  { name, point }: Contender,
  notes: readonly string[],
): TiedReduction {
  const poles: ComplexVector = polesAt(point.x);
  return {
    reduced: {
      ...full,
      poles,
      weights: { ...weights, re: weights.re.slice(), im: weights.im.slice() },
    },
    trace: { start: name, stop: point.stop, objective: point.history, notes },
    // the closed form of an error of next to nothing may come out below it
    channelErrors2: channelValues.map((value) => Math.max(0, value)),
  };
}
