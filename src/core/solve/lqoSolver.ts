import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix } from '../linalg/matrix';
import { lqoGradient, lqoNorm2, lqoObjective, withOptimalOutputs } from '../objective/lqo';
import { fillPoles } from '../start/fillSlots';
import { lqoBalanced } from '../start/lqoBalanced';
import { modalTruncation, pickModes } from '../start/modal';
import { reflect } from '../start/reflect';
import { checkOrder, checkSpan } from '../systems/check';
import { type DiagonalSystem, sum } from '../systems/diagonal';
import { type LqoSystem, checkLqo } from '../systems/lqo';
import type { TimeSpan } from '../systems/timeSpan';
import { type BfgsOptions, minimise } from './bfgs';
import type { SolverTrace } from './solver';

export interface LqoReduction {
  readonly reduced: LqoSystem;
  /** Its objective is the squared error of both kernels together. */
  readonly trace: SolverTrace;
}

/** Iterations of a search that only tells promising starts from others. */
const scout = 15;

/** A swap counts where it lowers the objective by more than this share. */
const worthwhile = 1e-4;

/**
 * Reduces a diagonal system with quadratic outputs to `order` poles. The outputs C^, M^ are optimal in closed form
 * (variable projection, math reference 3.4); poles, as (log(-Re b), Im b), and for several inputs B^ are searched by
 * BFGS with exact gradients, from balanced truncation and from the modes of most energy; then poles of the result are
 * swapped for modes of the original as long as that helps. Stable by construction and never worse than either start.
 * Weigh linear against quadratic with `weightQuadratic` first. The trace is that of the search that led to the result.
 * @throws SsmError `bad-request`, `bad-parameters`, `unstable`, `cancelled`
 */
export function lqoSolver(
  full: LqoSystem,
  order: number,
  span: TimeSpan,
  options: BfgsOptions = {},
): LqoReduction {
  checkSpan(span);
  checkLqo(full);
  checkOrder(order, full.poles.re.length);
  const modal = modalTruncation(full, order, span);
  const { system, notes } = stableBalanced(full, order, span, modal);
  const found = better(
    lqoSearch(full, system, span, 'balanced', options),
    lqoSearch(full, modal, span, 'modal', options),
  );
  const { best, swaps } = improvedBySwaps(full, found, span, options);
  if (swaps > 0) notes.push(`${swaps} poles were swapped for modes of the original.`);
  return { ...best, trace: { ...best.trace, notes } };
}

function improvedBySwaps(
  full: LqoSystem,
  found: LqoReduction,
  span: TimeSpan,
  options: BfgsOptions,
) {
  const r = found.reduced.poles.re.length;
  let best = found;
  let swaps = 0;
  for (let round = 0, failures = 0; round < 3 * r && failures < r; round++) {
    const start = bestSwap(full, best.reduced, round % r, span);
    const name = best.trace.start;
    const tried = lqoSearch(full, start, span, name, { ...options, iterations: scout });
    if (last(tried.trace.objective) < (1 - worthwhile) * last(best.trace.objective)) {
      best = tried;
      swaps++;
      failures = 0;
    } else {
      failures++;
    }
  }
  if (swaps === 0) return { best, swaps };
  return { best: better(best, continued(full, best, span, options)), swaps };
}

/** The reduced system with pole j replaced by the mode of the original that then fits best, outputs solved anew. */
function bestSwap(full: LqoSystem, reduced: LqoSystem, j: number, span: TimeSpan): DiagonalSystem {
  const others = Array.from(reduced.poles.re.keys()).filter((i) => i !== j);
  const kept = pickModes(reduced, others);
  let best: DiagonalSystem = reduced;
  let least = Infinity;
  for (let i = 0; i < full.poles.re.length; i++) {
    const mode = pickModes(full, [i]);
    const trial = sum(kept, full.B.cols > 1 ? mode : { ...mode, B: ones(1) });
    const f = lqoObjective(full, withOptimalOutputs(full, trial.poles, trial.B, span), span);
    if (f.linear + f.quadratic < least) [best, least] = [trial, f.linear + f.quadratic];
  }
  return best;
}

/** A search that goes on where another ended, their traces joined. */
function continued(full: LqoSystem, from: LqoReduction, span: TimeSpan, options: BfgsOptions) {
  const { start, objective } = from.trace;
  const { reduced, trace } = lqoSearch(full, from.reduced, span, start, options);
  return { reduced, trace: { ...trace, objective: [...objective, ...trace.objective.slice(1)] } };
}

function better(a: LqoReduction, b: LqoReduction): LqoReduction {
  return last(a.trace.objective) <= last(b.trace.objective) ? a : b;
}

/** The same search from given stable poles and B^ (its C is not used). */
export function lqoSearch(
  full: LqoSystem,
  start: DiagonalSystem,
  span: TimeSpan,
  name: string,
  options: BfgsOptions = {},
): LqoReduction {
  const { linear, quadratic } = lqoNorm2(full, span);
  const norm2 = linear + quadratic;
  const movable = full.B.cols > 1;
  const layout = layoutOf(start, movable);
  const evaluate = (x: Float64Array, gradient: Float64Array): number => {
    const { poles, B } = layout.read(x);
    const reduced = withOptimalOutputs(full, poles, B, span);
    const f = lqoObjective(full, reduced, span);
    layout.write(gradient, poles, lqoGradient(full, reduced, span));
    return norm2 + f.linear + f.quadratic;
  };
  const { x, history, stop } = minimise(evaluate, layout.start, { scale: norm2, ...options });
  const { poles, B } = layout.read(x);
  return {
    reduced: withOptimalOutputs(full, poles, B, span),
    trace: { start: name, stop, objective: history, notes: [] },
  };
}

/** How poles and B^ lie in the vector of variables; frequencies are measured in decay rates of the start. */
function layoutOf(start: DiagonalSystem, movable: boolean) {
  const r = start.poles.re.length;
  const rate = start.poles.re.map((x) => -x);
  // one input: every mode's scale belongs to C^, M^ and B^ = 1
  const B = movable ? start.B : ones(r);
  const x = Float64Array.of(
    ...rate.map(Math.log),
    ...start.poles.im.map((y, j) => y / rate[j]),
    ...(movable ? [...B.re, ...B.im] : []),
  );
  const size = B.re.length;
  return {
    start: x,
    read(at: Float64Array): { poles: ComplexVector; B: ComplexMatrix } {
      const poles = {
        re: at.slice(0, r).map((v) => -Math.exp(v)),
        im: at.slice(r, 2 * r).map((v, j) => v * rate[j]),
      };
      if (!movable) return { poles, B };
      const re = at.slice(2 * r, 2 * r + size);
      return { poles, B: { ...B, re, im: at.slice(2 * r + size) } };
    },
    write(
      gradient: Float64Array,
      poles: ComplexVector,
      g: { readonly poles: ComplexVector; readonly B: ComplexMatrix },
    ): void {
      gradient.set(g.poles.re.map((v, j) => v * poles.re[j]));
      gradient.set(
        g.poles.im.map((v, j) => v * rate[j]),
        r,
      );
      if (!movable) return;
      gradient.set(g.B.re, 2 * r);
      gradient.set(g.B.im, 2 * r + size);
    },
  };
}

/** Balanced truncation, reflected where unstable, filled up with modes where the numerical rank is lower. */
function stableBalanced(
  full: LqoSystem,
  order: number,
  span: TimeSpan,
  modal: DiagonalSystem,
): { system: DiagonalSystem; notes: string[] } {
  const truncated = lqoBalanced(full, order, span);
  const found = truncated.poles.re.length;
  const { poles, count } = reflect(truncated.poles);
  const notes: string[] = [];
  if (count > 0)
    notes.push(`${count} unstable poles of balanced truncation were reflected inside.`);
  if (found === order) return { system: { ...truncated, poles }, notes };
  notes.push(
    `Balanced truncation has numerical rank ${found}; the rest are modes of the original.`,
  );
  const B = complexMatrix(order, full.B.cols);
  B.re.set(truncated.B.re);
  B.im.set(truncated.B.im);
  B.re.set(modal.B.re.subarray(0, (order - found) * B.cols), found * B.cols);
  B.im.set(modal.B.im.subarray(0, (order - found) * B.cols), found * B.cols);
  return { system: { poles: fillPoles(poles, modal.poles, order), B, C: modal.C }, notes };
}

function ones(r: number): ComplexMatrix {
  const B = complexMatrix(r, 1);
  B.re.fill(1);
  return B;
}

function last(values: readonly number[]): number {
  return values[values.length - 1];
}
