import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import type { SystemGradient } from '../objective/pairing';
import { pickModes } from '../start/modal';
import { type DiagonalSystem, sum } from '../systems/diagonal';
import { type BfgsOptions, minimise } from './bfgs';
import type { SolverTrace } from './solver';

/** A reduction problem whose outputs are optimal in closed form for given poles and B^ (variable projection). */
export interface ProjectedProblem<Reduced extends DiagonalSystem> {
  readonly full: DiagonalSystem;
  /** Squared norm of the full system, the scale of the objective. */
  readonly norm2: number;
  /** The best outputs for poles and B^, and the squared error with them. */
  solve(
    poles: ComplexVector,
    B: ComplexMatrix,
  ): { readonly reduced: Reduced; readonly value: number };
  /** The same with the gradient in poles and B^ at that point. */
  differentiate(
    poles: ComplexVector,
    B: ComplexMatrix,
  ): { readonly value: number; readonly gradient: Pick<SystemGradient, 'poles' | 'B'> };
}

export interface Found<Reduced extends DiagonalSystem> {
  readonly reduced: Reduced;
  readonly trace: SolverTrace;
}

/** A named start: stable poles and B^ (C is not used). */
export interface SearchStart {
  readonly name: string;
  readonly system: DiagonalSystem;
}

/** Iterations of a search that only tells promising starts from others. */
const scout = 15;
/** A swap counts where it lowers the objective by more than this share. */
const worthwhile = 1e-4;
/** Largest number of trial modes that all swaps of one reduction may evaluate. */
const swapBudget = 2000;

/**
 * Searches from every start, then swaps poles of the best result for modes of the original as long as that helps.
 * Poles move as (log(-Re b), Im b), so that they stay stable; B^ moves where there are several inputs, for one input it
 * is 1. The result is never worse than any start; its trace is that of the search that led to it.
 */
export function projectedSearch<Reduced extends DiagonalSystem>(
  problem: ProjectedProblem<Reduced>,
  starts: readonly SearchStart[],
  notes: readonly string[],
  options: BfgsOptions,
): Found<Reduced> {
  const found = starts.map((start) => searchFrom(problem, start, options)).reduce(better);
  const { best, swaps } = improvedBySwaps(problem, found, options);
  const swapped = `${swaps} poles were swapped for modes of the original.`;
  return { ...best, trace: { ...best.trace, notes: swaps > 0 ? [...notes, swapped] : notes } };
}

/** One search by BFGS from one start. */
export function searchFrom<Reduced extends DiagonalSystem>(
  problem: ProjectedProblem<Reduced>,
  { name, system }: SearchStart,
  options: BfgsOptions,
): Found<Reduced> {
  const layout = layoutOf(system);
  const evaluate = (x: Float64Array, gradient: Float64Array): number => {
    const { poles, B } = layout.read(x);
    const at = problem.differentiate(poles, B);
    layout.write(gradient, poles, at.gradient);
    return at.value;
  };
  const { x, history, stop } = minimise(evaluate, layout.start, {
    scale: problem.norm2,
    ...options,
  });
  const { poles, B } = layout.read(x);
  const { reduced } = problem.solve(poles, B);
  return { reduced, trace: { start: name, stop, objective: history, notes: [] } };
}

function improvedBySwaps<Reduced extends DiagonalSystem>(
  problem: ProjectedProblem<Reduced>,
  found: Found<Reduced>,
  options: BfgsOptions,
): { best: Found<Reduced>; swaps: number } {
  const r = found.reduced.poles.re.length;
  const rounds = Math.min(3 * r, Math.floor(swapBudget / problem.full.poles.re.length));
  let best = found;
  let swaps = 0;
  for (let round = 0, failures = 0; round < rounds && failures < r; round++) {
    const system = bestSwap(problem, best.reduced, round % r);
    const name = best.trace.start;
    const tried = searchFrom(problem, { name, system }, { ...options, iterations: scout });
    failures++;
    if (!(last(tried) < (1 - worthwhile) * last(best))) continue;
    best = tried;
    swaps++;
    failures = 0;
  }
  return { best: swaps === 0 ? best : better(best, continued(problem, best, options)), swaps };
}

/** The reduced system with pole j replaced by the mode of the original that then fits best. */
function bestSwap<Reduced extends DiagonalSystem>(
  problem: ProjectedProblem<Reduced>,
  reduced: DiagonalSystem,
  j: number,
): DiagonalSystem {
  const others = Array.from(reduced.poles.re.keys()).filter((i) => i !== j);
  const kept = pickModes(reduced, others);
  let best = reduced;
  let least = Infinity;
  for (let i = 0; i < problem.full.poles.re.length; i++) {
    const trial = sum(kept, pickModes(problem.full, [i]));
    const { value } = problem.solve(trial.poles, inputOf(trial));
    if (value < least) [best, least] = [trial, value];
  }
  return best;
}

/** A search that goes on where another ended, their traces joined. */
function continued<Reduced extends DiagonalSystem>(
  problem: ProjectedProblem<Reduced>,
  from: Found<Reduced>,
  options: BfgsOptions,
): Found<Reduced> {
  const { start, objective } = from.trace;
  const { reduced, trace } = searchFrom(problem, { name: start, system: from.reduced }, options);
  return { reduced, trace: { ...trace, objective: [...objective, ...trace.objective.slice(1)] } };
}

function better<Reduced extends DiagonalSystem>(
  a: Found<Reduced>,
  b: Found<Reduced>,
): Found<Reduced> {
  return last(b) < last(a) ? b : a;
}

function last({ trace }: { readonly trace: SolverTrace }): number {
  return trace.objective[trace.objective.length - 1];
}

/** B^ of a start: for one input the scale of every mode belongs to the outputs, and B^ = 1. */
function inputOf({ B }: DiagonalSystem): ComplexMatrix {
  if (B.cols > 1) return B;
  const ones = complexMatrix(B.rows, 1);
  ones.re.fill(1);
  return ones;
}

/** How poles and B^ lie in the vector of variables; frequencies are measured in decay rates of the start. */
function layoutOf(start: DiagonalSystem) {
  const r = start.poles.re.length;
  const rate = start.poles.re.map((x) => -x);
  const B = inputOf(start);
  const moves = B.cols > 1;
  const size = B.re.length;
  const x = new Float64Array(2 * r + (moves ? 2 * size : 0));
  x.set(rate.map(Math.log));
  x.set(
    start.poles.im.map((y, j) => y / rate[j]),
    r,
  );
  if (moves) {
    x.set(B.re, 2 * r);
    x.set(B.im, 2 * r + size);
  }
  return {
    start: x,
    read(at: Float64Array): { poles: ComplexVector; B: ComplexMatrix } {
      const poles = {
        re: at.slice(0, r).map((v) => -Math.exp(v)),
        im: at.slice(r, 2 * r).map((v, j) => v * rate[j]),
      };
      if (!moves) return { poles, B };
      const re = at.slice(2 * r, 2 * r + size);
      return { poles, B: { ...B, re, im: at.slice(2 * r + size) } };
    },
    write(
      gradient: Float64Array,
      poles: ComplexVector,
      g: Pick<SystemGradient, 'poles' | 'B'>,
    ): void {
      for (let j = 0; j < r; j++) {
        gradient[j] = g.poles.re[j] * poles.re[j];
        gradient[r + j] = g.poles.im[j] * rate[j];
      }
      if (!moves) return;
      gradient.set(g.B.re, 2 * r);
      gradient.set(g.B.im, 2 * r + size);
    },
  };
}
