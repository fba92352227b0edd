import { throwIfCancelled } from '../errors';
import {
  type MimoProjection,
  type MimoTarget,
  mimoProjection,
  mimoTarget,
  reducedSystem,
} from '../objective/mimoProjection';
import { fixedPoint } from '../start/fixedPoint';
import { balanceRealMimo, truncateRealMimo } from '../start/mimoBalanced';
import { bestMode, cheapestSlots, mimoElimination } from '../start/mimoExchange';
import { modalTruncation, pickModes } from '../start/modal';
import { stableStart } from '../start/stableStart';
import { checkDiagonal, checkOrder, checkSpan } from '../systems/check';
import { type DiagonalSystem, sum } from '../systems/diagonal';
import { discrete } from '../systems/timeSpan';
import { type MimoPoint, continueMimo, mimoSearch, mimoValue } from './mimoSearch';
import type { Found } from './projectedSearch';

/** Bounds the outputs where modes nearly coincide (math reference 7.1). */
const ridge = 1e-10;

/** A swap counts where it lowers the objective by more than this share. */
const leastGain = 1e-4;
const swapIterations = 15;
const swapFailures = 3;

/** Descent steps for each start still in, how many go on, and how much larger than the best their value may be. */
const rounds = [
  { steps: 20, keep: 2, within: 1.3 },
  { steps: 60, keep: 1, within: 1 },
];

export interface MimoOptions {
  /** Steps of the last descent. */
  readonly iterations?: number;
  readonly signal?: AbortSignal;
}

/**
 * Reduces a system with several inputs and outputs (layers such as S5 and LRU) to `order` poles: the squared error of
 * the real responses Re(C e^{ak} B), summed over inputs and outputs, is minimised over poles and B^; C^ is optimal by
 * linear least squares. Starts are balanced truncation, the modes of most energy and backward elimination; the best is
 * improved by swaps of slots for modes of the original. The result is never worse than a start. A factor 2 (y = 2 Re) is
 * absorbed in C.
 * @param horizon steps of the impulse responses, an integer >= 1 or Infinity
 * @throws SsmError `bad-request`, `bad-parameters`, `unstable`, `cancelled`
 */
export function mimoSolver(
  full: DiagonalSystem,
  order: number,
  horizon: number,
  { iterations = 300, signal }: MimoOptions = {},
): Found<DiagonalSystem> {
  check(full, order, horizon);
  const target = mimoTarget(full, horizon);
  if (isSilent(target)) return silent(full, order);
  const projection = mimoProjection(target, order, ridge);
  const span = discrete(horizon);
  const modal = modalTruncation(full, order, span);
  const balanced = balanceRealMimo(full, target);
  const { system, notes } = stableStart(truncateRealMimo(balanced, full, order), modal, order);
  const starts = [
    { name: 'balanced', system },
    { name: 'modal', system: modal },
    { name: 'backward elimination', system: pickModes(full, mimoElimination(target, order)) },
  ];
  let contenders = starts.map(({ name, system: from }) => ({
    name,
    point: mimoSearch(projection, from, 0),
  }));
  for (const { steps, keep, within } of rounds) {
    throwIfCancelled(signal);
    contenders = contenders
      .map(({ name, point }) => ({ name, point: continueMimo(projection, point, steps, signal) }))
      .sort((p, q) => p.point.value - q.point.value);
    const worst = within * contenders[0].point.value;
    contenders = contenders.filter(
      ({ point }, rank) => rank === 0 || (rank < keep && point.value <= worst),
    );
  }
  const [{ name, point }] = contenders;
  const swapped = improveBySwaps(full, projection, point, signal);
  const found = continueMimo(projection, swapped, iterations, signal);
  mimoValue(projection, found.at);
  const trace = { start: name, stop: found.stop, objective: found.history, notes };
  return { reduced: reducedSystem(projection), trace };
}

/** The slot whose loss costs least goes, the best mode of the original comes, all settle; kept where that helps. */
function improveBySwaps(
  full: DiagonalSystem,
  projection: MimoProjection,
  found: MimoPoint,
  signal: AbortSignal | undefined,
): MimoPoint {
  const { target, slots: r } = projection;
  if (r === 1) return found;
  const smaller = mimoProjection(target, r - 1, ridge);
  let best = found;
  let failures = 0;
  for (let round = 0; round < 2 * r && failures < Math.min(r, swapFailures); round++) {
    throwIfCancelled(signal);
    mimoValue(projection, best.at);
    const gone = cheapestSlots(projection)[failures];
    const others = Array.from({ length: r }, (_, j) => j).filter((j) => j !== gone);
    const kept = pickModes(reducedSystem(projection), others);
    mimoValue(smaller, kept);
    const trial = sum(kept, pickModes(full, [bestMode(smaller)]));
    const point = mimoSearch(projection, trial, swapIterations, signal);
    if (point.value < best.value * (1 - leastGain)) {
      best = { ...point, history: [...best.history, point.value] };
      failures = 0;
    } else failures++;
  }
  return best;
}

/** Balanced truncation, unstable poles reflected, with the best outputs for the real responses. */
export function mimoBalanced(
  full: DiagonalSystem,
  order: number,
  horizon: number,
): Found<DiagonalSystem> {
  check(full, order, horizon);
  const target = mimoTarget(full, horizon);
  if (isSilent(target)) return silent(full, order);
  const span = discrete(horizon);
  const spare = modalTruncation(full, order, span);
  const balanced = balanceRealMimo(full, target);
  const { system, notes } = stableStart(truncateRealMimo(balanced, full, order), spare, order);
  const projection = mimoProjection(target, order, ridge);
  const value = mimoValue(projection, system);
  const trace = { start: 'balanced', stop: 'converged', objective: [value], notes } as const;
  return { reduced: reducedSystem(projection), trace };
}

/**
 * The two-sided fixed-point iteration (`fixedPoint`) on the complex system, each stable iterate with the best outputs
 * for the real responses over `horizon`; the best of them is returned. For comparison with the recommended solver.
 * @param iterationHorizon of the Gramians: Infinity for IRKA, `horizon` itself for the time-limited form
 */
export function mimoFixedPoint(
  full: DiagonalSystem,
  order: number,
  horizon: number,
  iterationHorizon: number,
): Found<DiagonalSystem> {
  const start = mimoBalanced(full, order, horizon);
  if (start.trace.stop === 'exact') return start;
  const projection = mimoProjection(mimoTarget(full, horizon), order, ridge);
  let best = start.reduced;
  let [least] = start.trace.objective;
  const objective: number[] = [];
  const span = discrete(iterationHorizon);
  const { stop, reflected } = fixedPoint(full, start.reduced, span, {}, (iterate) => {
    const value = mimoValue(projection, iterate);
    objective.push(value);
    if (value < least) [least, best] = [value, reducedSystem(projection)];
  });
  const notes = [...start.trace.notes, 'The result is the stable iterate of the least error.'];
  if (reflected > 0) notes.push(`${reflected} iterates lost stability and were reflected inside.`);
  return { reduced: best, trace: { start: 'balanced', stop, objective, notes } };
}

function check(full: DiagonalSystem, order: number, horizon: number): void {
  checkSpan(discrete(horizon));
  checkDiagonal(full);
  checkOrder(order, full.poles.re.length);
}

/** A squared norm below this share of the modes' own energies is rounding error: the modes cancel. */
const vanishing = 1e-15;

function isSilent({ order: n, own, readout, norm2 }: MimoTarget): boolean {
  const energy = readout.reduce((total, x, k) => {
    const i = k % (2 * n);
    return total + x * x * own.products[i * 2 * n + i];
  }, 0);
  return !(norm2 > vanishing * n * energy);
}

/** A system whose real responses are all 0 keeps its first modes, which then reach no output. */
function silent(full: DiagonalSystem, order: number): Found<DiagonalSystem> {
  const first = pickModes(
    full,
    Array.from({ length: order }, (_, j) => j),
  );
  const C = { ...first.C, re: first.C.re.map(() => 0), im: first.C.im.map(() => 0) };
  const trace = { start: 'the system itself', stop: 'exact', objective: [0], notes: [] } as const;
  return { reduced: { ...first, C }, trace };
}
