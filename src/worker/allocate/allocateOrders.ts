import {
  allocateBudget,
  allocateTolerance,
  allocationFrontier,
  evaluateChoice,
  type Allocation,
  type LayerOptions,
} from '../../core/allocate/allocate';
import { SsmError } from '../../core/errors';
import type {
  AllocatedOrders,
  AllocationRecord,
  AllocationWeights,
} from '../../protocol/allocation';
import type { Bounds } from '../bound/tasks';
import { uniformChoice, type LayerLadder } from './ladder';
import { ordersOf, parametersAround, priceOptions, type AllocationBasis } from './priceOptions';
import { boundsOf, errorOf, outputSize, type Weighing, type WeighTools } from './weights';

/** What orders are shared out for. */
export interface AllocationRequest extends AllocationBasis {
  readonly goal: AllocationGoal;
}

/**
 * A budget: the states that one order for all would have, or the parameters of the model that may be left with the one
 * order that fits them. Or the fewest parameters of which the weights foretell at most this share of the output, or at
 * most this error in the output's own unit.
 */
export type AllocationGoal =
  | { readonly order: number }
  | { readonly parameters: number; readonly order: number }
  | { readonly outputError: number }
  | { readonly outputBound: number };

/**
 * Shares orders out over the layers: exactly, by dynamic programming over what each option of each layer costs by the
 * evidence asked for. The options are balanced reductions. The result is kept only where it is better than one order for
 * all layers by the same kind of evidence.
 *
 * @throws SsmError `bad-request` where evidence is asked for that only sample data gives, or nothing fits
 */
export async function allocateOrders(
  request: AllocationRequest,
  tools: WeighTools,
): Promise<AllocationRecord> {
  const { goal, weights, sequences } = request;
  const unit = 'order' in goal && !('parameters' in goal) ? 'states' : 'parameters';
  const priced = await priceOptions(request, unit, 'order' in goal ? [goal.order] : [], tools);
  const { ladders, options, weighing } = priced;
  const around = unit === 'states' ? 0 : parametersAround(request);
  const limit = await limitOf(goal, weighing, tools);
  const uniform = uniformFor(goal, ladders, options, limit);
  const budget =
    'parameters' in goal ? goal.parameters - around : evaluateChoice(options, uniform).price;
  const evidenceOf = (choice: readonly number[]): Promise<number> =>
    evidenceFor(weighing, choice, weights, tools);
  const found =
    limit === undefined
      ? allocateBudget(options, budget)
      : 'outputBound' in goal
        ? await keepBound(options, limit, evidenceOf)
        : allocateTolerance(options, limit);
  const allocated = weights === 'uniform' ? uniform : (found?.choice ?? uniform);

  const describe = async (choice: readonly number[]): Promise<Judged> => {
    const { price, value } = evaluateChoice(options, choice);
    const bounds = await boundsOf(weighing, choice, weights, tools);
    const measured = sequences.length > 0 ? await errorOf(weighing, choice, tools) : undefined;
    const certified = finite(bounds.certified.bound);
    const figures = {
      ...{ orders: ordersOf(ladders, choice), price: price + around },
      ...{ predicted: finite(value), certified },
    };
    return {
      record: { ...figures, ...(measured === undefined ? {} : { measured }) },
      evidence: evidenceIn(bounds, measured, weights),
    };
  };
  const [one, other] = [await describe(allocated), await describe(uniform)];
  const better =
    limit === undefined
      ? one.evidence < other.evidence
      : one.record.price < other.record.price ||
        ('outputBound' in goal && other.evidence > limit && one.evidence <= limit);
  return {
    ...{ weights, unit, sequences: sequences.length },
    budget: limit === undefined ? budget + around : null,
    ...('outputError' in goal ? { tolerance: goal.outputError } : {}),
    ...('outputBound' in goal ? { limit: goal.outputBound } : {}),
    kept: better ? 'allocated' : 'uniform',
    ...{ allocated: one.record, uniform: other.record },
  };
}

/** The error that may be, in the output's own unit; undefined where a budget is given. */
async function limitOf(
  goal: AllocationGoal,
  weighing: Weighing,
  tools: WeighTools,
): Promise<number | undefined> {
  if ('outputBound' in goal) return goal.outputBound;
  return 'outputError' in goal ? goal.outputError * (await outputSize(weighing, tools)) : undefined;
}

/**
 * The cheapest choice whose bound, with all layers at their choices together, is at most the limit: what the weights
 * foretell layer by layer ranks the choices, and the bound, which falls along them, is found by halving.
 */
async function keepBound(
  options: readonly LayerOptions[],
  limit: number,
  evidenceOf: (choice: readonly number[]) => Promise<number>,
): Promise<Allocation> {
  const all = allocationFrontier(options, Infinity).filter((one) => !isWhole(options, one));
  let found: Allocation | undefined;
  let [low, high] = [0, all.length]; // below `low` all exceed it, from `high` on all keep it
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await evidenceOf(all[middle].choice)) <= limit) {
      found = all[middle];
      high = middle;
    } else low = middle + 1;
  }
  if (found !== undefined) return found;
  throw new SsmError(
    'bad-request',
    `None of the orders that these weights propose keeps an error of the output of at most ${Number(limit.toPrecision(4))}.`,
  );
}

/** Whether every layer stays as it is: its last option. */
function isWhole(options: readonly LayerOptions[], { choice }: Allocation): boolean {
  return choice.every((one, l) => one === options[l].prices.length - 1);
}

/** The error by the kind of evidence that weighs. */
async function evidenceFor(
  weighing: Weighing,
  choice: readonly number[],
  weights: AllocationWeights,
  tools: WeighTools,
): Promise<number> {
  if (weights !== 'certified' && weights !== 'calibrated') {
    return errorOf(weighing, choice, tools);
  }
  return evidenceIn(await boundsOf(weighing, choice, weights, tools), undefined, weights);
}

function evidenceIn(
  { certified, calibrated }: Bounds,
  measured: number | undefined,
  weights: AllocationWeights,
): number {
  if (weights === 'certified') return certified.bound;
  return (weights === 'calibrated' ? calibrated?.bound : measured) ?? Infinity;
}

interface Judged {
  readonly record: AllocatedOrders;
  /** The error by the kind of evidence that weighs. */
  readonly evidence: number;
}

/** One order for all: the one given, or the smallest whose weights keep the limit. */
function uniformFor(
  goal: AllocationGoal,
  ladders: readonly LayerLadder[],
  options: readonly LayerOptions[],
  limit = Infinity,
): number[] {
  if ('order' in goal) return uniformChoice(ladders, goal.order);
  const orders = [...new Set(ladders.flatMap((ladder) => ladder.orders))].sort((a, b) => a - b);
  const kept = orders
    .map((order) => uniformChoice(ladders, order))
    .find((choice) => evaluateChoice(options, choice).value <= limit);
  return kept ?? uniformChoice(ladders, Infinity);
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
