import { hotLoops } from '../hotLoops';
import type { ComplexVector } from '../linalg/complex';
import { certifiedError } from '../norms/certified';
import { createCandidates, type Candidates } from '../objective/insertion';
import { VariableProjection, type Target } from '../objective/varpro';
import { backwardElimination } from '../start/backwardElimination';
import { energyModalPoles, modeEnergies } from '../start/energyModal';
import { greedyPoles } from '../start/greedy';
import { irkaPoles } from '../start/irkaPoles';
import { realBalancedPoles, type RealBalanced } from '../start/realBalanced';
import { poleSetOf } from '../systems/poleSet';
import { improveBySwaps } from './swaps';
import type { NewtonResult, Tolerance } from './newtonSearch';
import type { ReducedSystem, SolverTrace } from './solver';

/** Bounds the weights while searching; small enough to cost nothing, large enough to keep Cholesky safe. */
const searchRidge = 1e-8;
/** For what is stored: rounding to float32 acts on the weights like a ridge of this size anyway. */
const finalRidge = 1e-14;

/** Below this share of the squared norm the closed form of the error is rounding noise (math reference, 8.1). */
const closedFormLimit = 1e-6;
/** The longest horizon over which kernels are compared step by step then. */
const directLimit = 1 << 17;

/**
 * Up to here a search costs little beside what is prepared for all, and takes more starts: modal truncation, which hardly
 * ever wins above, and an early iterate of IRKA.
 */
const fewSlots = 8;

/** How hard to look for a better minimum than the first one found. */
export interface NewtonEffort {
  /** What each round of the search from several starts takes, the last to convergence. */
  readonly rounds: readonly Round[];
  /** Whether poles are also grown greedily from nothing. */
  readonly greedy: boolean;
  /** Consecutive fruitless swaps after which the search ends; 0 for no swaps. */
  readonly swapFailures: number;
}

/** One round of the tournament of starts. */
interface Round {
  /** Newton steps for each start still in. */
  readonly steps: number;
  /** How many go on, and how much larger than the best their value may be. */
  readonly keep: number;
  readonly within: number;
}

export const defaultEffort: NewtonEffort = {
  rounds: [
    { steps: 4, keep: 5, within: 1.5 },
    { steps: 12, keep: 4, within: 1.2 },
    { steps: 60, keep: 1, within: 1 },
  ],
  greedy: true,
  swapFailures: 2,
};

/** Where a search begins: reduced log-poles. */
export interface NewtonStart {
  readonly name: string;
  readonly poles: ComplexVector;
  /** Where a search in single precision came to from there. */
  readonly searched?: ComplexVector;
}

/** The starts of one system, and what had to be done to get them. */
export interface NewtonStarts {
  readonly starts: readonly NewtonStart[];
  readonly notes: readonly string[];
}

/** The tournament of poles that an engine has searched to: near a minimum most steps are not taken. */
const searchedRounds: readonly Round[] = [
  { steps: 2, keep: 3, within: 1.2 },
  { steps: 60, keep: 2, within: 1.1 },
];

/** Values that differ by less than this share are of the same minimum. */
const sameMinimum = 1e-6;

/** When the last search ends: those that come to a minimum by other ways end elsewhere in its flat bottom, and are compared. */
const lastTolerance: Tolerance = { value: 1e-12, gradient: 1e-9 };

/**
 * The recommended solver: variable projection with exact-Hessian Newton from several starts, then swaps (math
 * reference, 7.1). It minimises the discrete h² error of the real kernel over the horizon; its result is stable by
 * construction and never worse than the best of its starts.
 * @param balanced the full system, in the balanced form that one of the starts needs anyway
 */
export function newtonSolver(
  balanced: RealBalanced,
  slots: number,
  effort: NewtonEffort = defaultEffort,
): ReducedSystem {
  const { target } = balanced;
  const candidates =
    effort.greedy || effort.swapFailures > 0 ? createCandidates(target) : undefined;
  const starts = newtonStarts(balanced, slots, effort.greedy ? candidates : undefined);
  return newtonFrom(target, slots, starts, effort, candidates);
}

/** All starts of a system, greedy growth among them where there are candidates for it. */
export function newtonStarts(
  balanced: RealBalanced,
  slots: number,
  candidates: Candidates | undefined,
): NewtonStarts {
  const { target } = balanced;
  const notes: string[] = [];
  const starts = startPoles(balanced, slots, notes);
  if (candidates !== undefined) {
    starts.push({ name: 'greedy', poles: greedyPoles(target, candidates, slots, searchRidge) });
  }
  return { starts, notes };
}

/**
 * What `newtonSolver` does once its starts are known. Where an engine has searched from them too, its minimum is taken
 * where it is lower than the processor's own, so that the result is never worse than without.
 */
export function newtonFrom(
  target: Target,
  slots: number,
  { starts, notes }: NewtonStarts,
  effort: NewtonEffort,
  candidates = effort.swapFailures > 0 ? createCandidates(target) : undefined,
): ReducedSystem {
  const projection = new VariableProjection(target, slots, searchRidge);
  const search: Search = { projection, effort, candidates };
  const [first] = tournament(projection, starts, effort.rounds);
  const own = finished(search, improved(search, first), starts);
  const other = searchedFurther(search, starts, first);
  const { name, result } = other === undefined ? own : lower(search, own, other);
  return {
    ...{ poles: result.poles, weights: result.weights },
    trace: trace(name, result, notes),
  };
}

/** What a search works with. */
interface Search {
  readonly projection: VariableProjection;
  readonly effort: NewtonEffort;
  readonly candidates: Candidates | undefined;
}

/** From where an engine came to, if that is another minimum than the processor's: swaps may lead further from there. */
function searchedFurther(
  search: Search,
  starts: readonly NewtonStart[],
  first: Contender,
): Contender | undefined {
  const searched = starts.flatMap(({ searched: poles }) =>
    poles !== undefined && [...poles.re, ...poles.im].every(Number.isFinite)
      ? [{ name: 'engine', poles }]
      : [],
  );
  if (searched.length === 0) return undefined;
  const { value } = first.result;
  const found = tournament(search.projection, searched, searchedRounds).find(
    ({ result }) => Math.abs(result.value - value) > sameMinimum * value,
  );
  return found && finished(search, improved(search, found), searched);
}

/** The one with the smaller error; below what the closed form tells by direct comparison. */
function lower({ projection: { target } }: Search, a: Contender, b: Contender): Contender {
  if (!isTold(target, Math.min(a.result.value, b.result.value))) return closest(target, [a, b]);
  return b.result.value < a.result.value ? b : a;
}

/** Whether a squared error can be told from the rounding of its closed form, or nothing tells it better. */
function isTold({ norm2, poles: { horizon } }: Target, value: number): boolean {
  return value >= closedFormLimit * norm2 || horizon > directLimit;
}

function improved({ projection, effort, candidates }: Search, contender: Contender): Contender {
  if (candidates === undefined || effort.swapFailures === 0) return contender;
  const { slots } = projection;
  const most = Math.min(slots, effort.swapFailures);
  const result = improveBySwaps(projection, candidates, contender.result, 2 * slots, most);
  return { ...contender, result };
}

/** The last search; what it came to from the starts alone counts where errors are too small for the closed form. */
function finished(
  { projection }: Search,
  { name, result }: Contender,
  starts: readonly NewtonStart[],
): Contender {
  const { target, slots } = projection;
  const best = goOn(projection, result, 100, lastTolerance);
  const final = new VariableProjection(target, slots, finalRidge);
  const last = hotLoops().searchPoles(final, best.poles, 10, lastTolerance);
  // with the smaller ridge the value falls already where the poles stay
  const polished = { ...last, history: [...best.history, ...last.history] };
  if (!isTold(target, best.value)) {
    const settled = starts.map((start) => ({
      name: start.name,
      result: hotLoops().searchPoles(final, start.poles, 0),
    }));
    return closest(target, [{ name, result: best }, { name, result: polished }, ...settled]);
  }
  const isBetter = polished.value <= best.value && isCredible(target, polished);
  return { name, result: isBetter ? polished : best };
}

/** The contender with the smallest error by direct comparison of the kernels. */
function closest(target: Target, contenders: readonly Contender[]): Contender {
  const full = {
    poles: { re: target.poles.re, im: target.poles.im },
    weights: { re: target.weightRe, im: target.weightIm },
    step: 1,
  };
  const errors = contenders.map(({ result: { poles, weights, value } }) =>
    value < Infinity
      ? certifiedError(full, { poles, weights, step: 1 }, target.poles.horizon)
      : Infinity,
  );
  return contenders[errors.indexOf(Math.min(...errors))];
}

function startPoles(balanced: RealBalanced, slots: number, notes: string[]): NewtonStart[] {
  const { target } = balanced;
  const starts: NewtonStart[] = [
    { name: 'backward elimination', poles: backwardElimination(target, slots) },
  ];
  if (slots <= fewSlots) {
    starts.push({ name: 'modal truncation', poles: energyModalPoles(target, slots) });
  }
  const { poles, reflected } = realBalancedPoles(balanced, slots);
  if (reflected > 0) {
    notes.push(`${reflected} unstable poles of the balanced start were reflected inside.`);
  }
  if (poles.re.length === slots) starts.unshift({ name: 'balanced truncation', poles });
  for (const iterate of irkaPoles(target, poles, slots, irkaIterates(slots))) {
    if (iterate.re.length === slots) starts.push({ name: 'IRKA', poles: iterate });
  }
  return starts;
}

/** Which iterates of IRKA are starts: the further, the fewer slots there are, so that they cost little beside the search. */
function irkaIterates(slots: number): number[] {
  const last = Math.min(24, Math.ceil(64 / slots));
  return slots <= fewSlots ? [2, last] : [last];
}

interface Contender {
  readonly name: string;
  readonly result: NewtonResult;
}

/** Searches from all starts, fewer of them in every round; the survivors of the last, best first. */
function tournament(
  projection: VariableProjection,
  starts: readonly NewtonStart[],
  rounds: readonly Round[],
): Contender[] {
  let contenders: Contender[] = [];
  for (const [i, { steps, keep, within }] of rounds.entries()) {
    const searched =
      i === 0
        ? starts.map(({ name, poles }) => ({
            name,
            result: hotLoops().searchPoles(projection, poles, steps),
          }))
        : contenders.map(({ name, result }) => ({ name, result: goOn(projection, result, steps) }));
    searched.sort((p, q) => p.result.value - q.result.value);
    const worst = within * searched[0].result.value;
    contenders = searched
      .slice(0, keep)
      .filter(({ result }, rank) => rank === 0 || result.value <= worst);
  }
  return contenders;
}

/** Whether the value of a result is more than the rounding of its closed form, which grows with cancelling weights. */
function isCredible(target: Target, { poles, weights, value }: NewtonResult): boolean {
  const set = poleSetOf(poles, target.poles.horizon);
  const energies = modeEnergies({ poles: set, weightRe: weights.re, weightIm: weights.im });
  const energy = energies.reduce((sum, part) => sum + part, 0);
  return energy < 16 * target.norm2 || 1e-13 * energy < value;
}

/** Continues a search, its history joined to what came before. */
function goOn(
  projection: VariableProjection,
  from: NewtonResult,
  iterations: number,
  tolerance?: Tolerance,
): NewtonResult {
  const result = hotLoops().searchPoles(projection, from.poles, iterations, tolerance);
  return { ...result, history: [...from.history, ...result.history.slice(1)] };
}

function trace(start: string, result: NewtonResult, notes: readonly string[]): SolverTrace {
  return { start, stop: result.stop, objective: result.history, notes };
}
