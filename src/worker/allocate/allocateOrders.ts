import {
  allocateBudget,
  allocateTolerance,
  evaluateChoice,
  type LayerOptions,
} from '../../core/allocate/allocate';
import { SsmError, throwIfCancelled } from '../../core/errors';
import type { Network, StateSpaceLayer } from '../../core/network/network';
import type { Sequence } from '../../core/network/program';
import type { LayerSite } from '../../families/family';
import { familyOf } from '../../families/recognise';
import type {
  AllocatedOrders,
  AllocationRecord,
  AllocationWeights,
} from '../../protocol/allocation';
import { uniformChoice, laddersOf, type LayerLadder } from './ladder';
import { boundsOf, costsOf, errorOf, outputSize, type Weighing, type WeighTools } from './weights';

/** What orders are shared out for. */
export interface AllocationRequest {
  readonly network: Network;
  /** All state-space layers of the model, and its parameters. */
  readonly sites: readonly LayerSite[];
  readonly parameters: number;
  readonly weights: AllocationWeights;
  readonly goal: AllocationGoal;
  /** Steps to compare kernels over, and positions that the bounds are for. */
  readonly horizon: number;
  readonly length: number;
  /** Sample sequences to weigh by; none for the certified bound alone. */
  readonly sequences: readonly Sequence[];
}

/**
 * A budget: the states that one order for all would have, or the parameters of the model that may be left with the one
 * order that fits them. Or the fewest parameters of which the weights foretell at most this share of the output.
 */
export type AllocationGoal =
  | { readonly order: number }
  | { readonly parameters: number; readonly order: number }
  | { readonly outputError: number };

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
  const { network, goal, weights, sequences, horizon } = request;
  assertEvidence(request);
  const unit = 'order' in goal && !('parameters' in goal) ? 'states' : 'parameters';
  const ladders = laddersOf(sitesOf(request), unit, 'order' in goal ? [goal.order] : [], familyOf);
  const choices = await reduceAll(network, ladders, horizon, tools);
  const weighing: Weighing = { network, choices, sequences, length: request.length };
  const costs = await costsOf(weighing, weights === 'uniform' ? 'measured' : weights, tools);
  const options = ladders.map(({ prices }, l): LayerOptions => ({
    prices,
    costs: [...costs[l]].map((cost) => (Number.isFinite(cost) ? cost : Number.MAX_VALUE / 1e6)),
  }));
  const around = unit === 'states' ? 0 : parametersAround(request);
  const limit =
    'outputError' in goal ? goal.outputError * (await outputSize(weighing, tools)) : undefined;
  const uniform = uniformFor(goal, ladders, options, limit);
  const budget =
    'parameters' in goal ? goal.parameters - around : evaluateChoice(options, uniform).price;
  const found =
    limit === undefined ? allocateBudget(options, budget) : allocateTolerance(options, limit);
  const allocated = weights === 'uniform' ? uniform : (found?.choice ?? uniform);

  const describe = async (choice: readonly number[]): Promise<Judged> => {
    const { price, value } = evaluateChoice(options, choice);
    const bounds = await boundsOf(weighing, choice, weights, tools);
    const measured = sequences.length > 0 ? await errorOf(weighing, choice, tools) : undefined;
    const orders = ladders.map(({ site, orders: all }, l) => ({
      layer: site.name,
      order: all[choice[l]],
    }));
    const certified = finite(bounds.certified.bound);
    const figures = { orders, price: price + around, predicted: finite(value), certified };
    return {
      record: { ...figures, ...(measured === undefined ? {} : { measured }) },
      evidence:
        weights === 'certified'
          ? bounds.certified.bound
          : weights === 'calibrated'
            ? (bounds.calibrated?.bound ?? Infinity)
            : (measured ?? Infinity),
    };
  };
  const [one, other] = [await describe(allocated), await describe(uniform)];
  const better =
    limit === undefined ? one.evidence < other.evidence : one.record.price < other.record.price;
  return {
    ...{ weights, unit, sequences: sequences.length },
    budget: limit === undefined ? budget + around : null,
    ...('outputError' in goal ? { tolerance: goal.outputError } : {}),
    kept: better ? 'allocated' : 'uniform',
    ...{ allocated: one.record, uniform: other.record },
  };
}

interface Judged {
  readonly record: AllocatedOrders;
  /** The error by the kind of evidence that weighs. */
  readonly evidence: number;
}

function assertEvidence({ weights, sequences }: AllocationRequest): void {
  if (sequences.length > 0 || weights === 'certified') return;
  throw new SsmError(
    'bad-request',
    weights === 'uniform'
      ? 'Without sample data there is nothing to compare one order for all layers with. Leave --allocate out, or give --data.'
      : `Orders can be weighed as ${weights} only with sample data (--data). Without it there is: certified.`,
  );
}

/** The sites in the order of the network's layers. */
function sitesOf({ network, sites }: AllocationRequest): LayerSite[] {
  return network.layers.map(({ name }) => {
    const site = sites.find((one) => one.name === name);
    if (site === undefined) throw new SsmError('internal', `Layer ${name} has no site.`);
    return site;
  });
}

function parametersAround({ parameters, sites }: AllocationRequest): number {
  return sites.reduce(
    (left, site) => left - familyOf(site.family).parameters(site, site.order),
    parameters,
  );
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

/** Every option of every layer as a balanced reduction; the present order is the layer itself. */
async function reduceAll(
  { layers }: Network,
  ladders: readonly LayerLadder[],
  horizon: number,
  { engine, signal }: WeighTools,
): Promise<StateSpaceLayer[][]> {
  return Promise.all(
    layers.map((layer, l) => {
      const { site, orders } = ladders[l];
      const family = familyOf(site.family);
      return Promise.all(
        orders.map(async (order): Promise<StateSpaceLayer> => {
          if (order === site.order) return layer;
          throwIfCancelled(signal);
          const { reduced } = await engine.run('reduce', {
            systems: structuredClone(layer.systems),
            request: { slots: family.slotsForOrder(order), horizon, solver: 'balanced' },
          });
          return { ...layer, systems: reduced };
        }),
      );
    }),
  );
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
