import type { CurvePoint } from '../../protocol/calibration';
import { SsmError } from '../../core/errors';
import type { Evaluation, Measure } from '../../protocol/evaluation';
import type { OrderChoice, ToleranceTarget } from '../../protocol/worker';
import type { LayerPlan } from '../layerPlans';
import type { LayerSearch } from './searchLayers';
import type { CalibratedNetwork } from './calibrateNetwork';
import { calibrateAt, judge, type CalibrationSession, type SessionTools } from './session';

/** An order tried: what it gave. */
export interface TriedOrder extends CurvePoint {
  readonly calibrated: CalibratedNetwork;
}

/** The smallest order that keeps a tolerance, and all that were tried on the way. */
export interface OrderSearch {
  readonly order: number;
  readonly calibrated: CalibratedNetwork;
  /** Ascending. */
  readonly tried: readonly CurvePoint[];
  /** Where orders of single layers were looked for; `calibrated` has them where they were found. */
  readonly layers?: LayerSearch;
}

export interface SearchTools extends SessionTools {
  /** What becomes of the layers at an order. */
  readonly plansFor: (order: number) => readonly LayerPlan[];
  /** Hears before each run which of how many it is. */
  readonly onRun?: (run: number, runs: number) => void;
}

/** Calibrates at one order and measures on the held-out sequences. */
export async function tryOrder(
  session: CalibrationSession,
  { order, parameters }: OrderChoice,
  tools: SearchTools,
): Promise<TriedOrder> {
  const calibrated = await calibrateAt(session, tools.plansFor(order), tools);
  const evaluation = await judge(session, calibrated.network, tools);
  return { order, parameters, evaluation, calibrated };
}

/**
 * The smallest order whose measured loss on the held-out sequences keeps the tolerance, by halving the list of orders:
 * losses fall as orders grow, up to the noise of the measurement.
 *
 * @param choices orders that the model can have, ascending, all below its present one
 * @throws SsmError `bad-request` where even the largest does not keep it, or the data has no labels to measure by
 */
export async function searchOrder(
  session: CalibrationSession,
  choices: readonly OrderChoice[],
  target: ToleranceTarget,
  tools: SearchTools,
): Promise<OrderSearch> {
  const ladder = ordersToTry(choices);
  const runs = Math.ceil(Math.log2(ladder.length + 1));
  const tried: CurvePoint[] = [];
  let best: TriedOrder | undefined;
  let [low, high] = [0, ladder.length]; // below `low` all fail, from `high` on all keep it
  for (let run = 0; low < high; run++) {
    tools.onRun?.(run, runs);
    const middle = Math.floor((low + high) / 2);
    const { calibrated, ...point } = await tryOrder(session, ladder[middle], tools);
    tried.push(point);
    if (keeps(point.evaluation, target)) {
      best = { ...point, calibrated };
      high = middle;
    } else low = middle + 1;
  }
  tried.sort((a, b) => a.order - b.order);
  if (best === undefined) throw unreachable(target, tried);
  return { order: best.order, calibrated: best.calibrated, tried };
}

/** Few orders that cover all: 1, 2, 3, 4, 6, 8, 12, 16 … of the possible ones, by position. */
export function ordersToTry(choices: readonly OrderChoice[]): OrderChoice[] {
  const positions = new Set<number>([choices.length - 1]);
  for (let power = 1; power <= choices.length; power *= 2) {
    positions.add(power - 1);
    if (power >= 2) positions.add(power + power / 2 - 1);
  }
  return choices.filter((_, at) => positions.has(at));
}

/** Whether what was measured keeps a tolerance. Throws `bad-request` where it cannot be measured. */
export function keeps(evaluation: Evaluation, target: ToleranceTarget): boolean {
  return lossOf(evaluation, target) <= limitOf(target) + 1e-12;
}

function lossOf(evaluation: Evaluation, target: ToleranceTarget): number {
  if ('outputError' in target) return evaluation.outputError?.value ?? Infinity;
  const accuracy = accuracyOf(evaluation);
  if (accuracy === undefined) {
    throw new SsmError(
      'bad-request',
      'A loss of accuracy can be measured only with labels, and the sample data has none. Ask for an output error instead.',
    );
  }
  return (accuracy.original?.value ?? Infinity) - (accuracy.model.value ?? 0);
}

function accuracyOf({ measures }: Evaluation): Measure | undefined {
  return measures.find(({ id }) => id === 'accuracy');
}

function limitOf(target: ToleranceTarget): number {
  return 'outputError' in target ? target.outputError : target.accuracyLoss;
}

function unreachable(target: ToleranceTarget, tried: readonly CurvePoint[]): SsmError {
  const largest = tried.at(-1);
  const loss = largest === undefined ? NaN : lossOf(largest.evaluation, target);
  const what = 'outputError' in target ? 'an output error' : 'a loss of accuracy';
  const percent = (value: number): string => `${Number((100 * value).toPrecision(3))} %`;
  return new SsmError(
    'bad-request',
    `No smaller order keeps ${what} of at most ${percent(limitOf(target))}: order ${largest?.order ?? '?'} has ${percent(loss)} on the held-out sequences.`,
  );
}
