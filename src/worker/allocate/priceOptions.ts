import type { LayerOptions } from '../../core/allocate/allocate';
import { SsmError, throwIfCancelled } from '../../core/errors';
import type { Network, StateSpaceLayer } from '../../core/network/network';
import type { Sequence } from '../../core/network/program';
import type { LayerSite } from '../../families/family';
import { familyOf } from '../../families/recognise';
import type { AllocatedOrders, AllocationWeights } from '../../protocol/allocation';
import { laddersOf, type LayerLadder } from './ladder';
import { costsOf, type Weighing, type WeighTools } from './weights';

/** What orders are shared out over, and by which evidence. */
export interface AllocationBasis {
  readonly network: Network;
  /** All state-space layers of the model, and its parameters. */
  readonly sites: readonly LayerSite[];
  readonly parameters: number;
  readonly weights: AllocationWeights;
  /** Steps to compare kernels over, and positions that the bounds are for. */
  readonly horizon: number;
  readonly length: number;
  /** Sample sequences to weigh by; none for the certified bound alone. */
  readonly sequences: readonly Sequence[];
}

/** What stands for a cost that is not finite. */
export const beyond = Number.MAX_VALUE / 1e6;

/** The options of every layer, what they make of it, and what they cost. */
export interface Priced {
  readonly ladders: readonly LayerLadder[];
  readonly options: readonly LayerOptions[];
  readonly weighing: Weighing;
}

/**
 * What the options of every layer cost, by the evidence asked for. The options are balanced reductions.
 *
 * @throws SsmError `bad-request` where evidence is asked for that only sample data gives
 */
export async function priceOptions(
  request: AllocationBasis,
  unit: 'states' | 'parameters',
  also: readonly number[],
  tools: WeighTools,
): Promise<Priced> {
  const { network, weights, sequences, horizon } = request;
  assertEvidence(request);
  const ladders = laddersOf(sitesOf(request), unit, also, familyOf);
  const choices = await reduceAll(network, ladders, horizon, tools);
  const weighing: Weighing = { network, choices, sequences, length: request.length };
  const costs = await costsOf(weighing, weights === 'uniform' ? 'measured' : weights, tools);
  const options = ladders.map(({ prices }, l): LayerOptions => ({
    prices,
    costs: [...costs[l]].map((cost) => (Number.isFinite(cost) ? cost : beyond)),
  }));
  return { ladders, options, weighing };
}

/** A choice as the orders of the layers. */
export function ordersOf(
  ladders: readonly LayerLadder[],
  choice: readonly number[],
): AllocatedOrders['orders'] {
  return ladders.map(({ site, orders }, l) => ({ layer: site.name, order: orders[choice[l]] }));
}

function assertEvidence({
  weights,
  sequences,
}: Pick<AllocationBasis, 'weights' | 'sequences'>): void {
  if (sequences.length > 0 || weights === 'certified') return;
  throw new SsmError(
    'bad-request',
    weights === 'uniform'
      ? 'Without sample data there is nothing to compare one order for all layers with. Leave --allocate out, or give --data.'
      : `Orders can be weighed as ${weights} only with sample data (--data). Without it there is: certified.`,
  );
}

/** The sites in the order of the network's layers. */
function sitesOf({ network, sites }: Pick<AllocationBasis, 'network' | 'sites'>): LayerSite[] {
  return network.layers.map(({ name }) => {
    const site = sites.find((one) => one.name === name);
    if (site === undefined) throw new SsmError('internal', `Layer ${name} has no site.`);
    return site;
  });
}

/** Parameters of the model outside the layers' own. */
export function parametersAround({
  parameters,
  sites,
}: Pick<AllocationBasis, 'parameters' | 'sites'>): number {
  return sites.reduce(
    (left, site) => left - familyOf(site.family).parameters(site, site.order),
    parameters,
  );
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
