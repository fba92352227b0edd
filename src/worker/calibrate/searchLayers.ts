import {
  allocationFrontier,
  evaluateChoice,
  type Allocation,
  type LayerOptions,
} from '../../core/allocate/allocate';
import { familyOf } from '../../families/recognise';
import type { LayersTried, LayerTrial } from '../../protocol/calibration';
import type { OrderChoice, ToleranceTarget } from '../../protocol/worker';
import type { LayerPlan } from '../layerPlans';
import type { CalibratedNetwork } from './calibrateNetwork';
import { keeps, ordersToTry, type OrderSearch, type SearchTools } from './searchOrder';
import { calibrateAt, judge, type CalibrationSession } from './session';

/** Orders of single layers: how they were looked for, and what they are where they beat one order for all. */
export interface LayerSearch {
  readonly record: LayersTried;
  readonly found?: {
    readonly layerOrders: Readonly<Record<string, number>>;
    readonly calibrated: CalibratedNetwork;
  };
}

export interface LayerSearchRequest {
  /** What the search for one order found. */
  readonly uniform: OrderSearch;
  /** Orders that the model can have, ascending. */
  readonly choices: readonly OrderChoice[];
  readonly target: ToleranceTarget;
}

/** One layer at one order, the others as they are. */
interface Option extends LayerTrial {
  readonly plan: LayerPlan;
  readonly price: number;
}

/** So many allocations are calibrated with all layers together and judged. */
const mostProbes = 5;
/** A layer alone is tried at so many orders below and above the uniform one; fewer where there are many layers. */
const stepsAround = (layers: number): number => (layers > 6 ? 1 : 2);

/**
 * The orders of single layers with the fewest parameters that keep a tolerance. Each layer is calibrated alone at orders
 * around the uniform one and the error of the network's output measured on held-out sequences. The squares of these
 * errors, as if they added up, rank the allocations that are smaller than the uniform one (dynamic programming,
 * `allocationFrontier`). What counts is measured: some of them are calibrated with all layers together and judged like
 * the uniform one, beginning with the one that should lose as much and halving from there.
 *
 * @throws SsmError as a calibrated compression does
 */
export async function searchLayers(
  session: CalibrationSession,
  request: LayerSearchRequest,
  tools: SearchTools,
): Promise<LayerSearch> {
  const { uniform, target } = request;
  const layers = await optionsAlone(session, request, tools);
  const options = layers.map((layer): LayerOptions => ({
    prices: layer.map(({ price }) => price),
    costs: layer.map(({ outputError }) => outputError ** 2),
  }));
  const same = evaluateChoice(
    options,
    layers.map((layer) => indexOf(layer, uniform.order)),
  );
  const smaller = allocationFrontier(options, same.price - 1);
  const parametersOf = ({ price }: Allocation): number =>
    (uniform.tried.find(({ order }) => order === uniform.order)?.parameters ?? 0) -
    (same.price - price);

  const tried: LayersTried['tried'][number][] = [];
  let found: LayerSearch['found'];
  let [low, high] = [0, smaller.length]; // below `low` none keeps it, from `high` on all do
  let probe = smaller.findIndex(({ value }) => value <= same.value);
  if (probe < 0) probe = smaller.length - 1;
  while (low < high && tried.length < mostProbes) {
    tools.onRun?.(stepsIn(layers) + tried.length, stepsIn(layers) + mostProbes);
    const plans = smaller[probe].choice.map((i, l) => layers[l][i].plan);
    const calibrated = await calibrateAt(session, plans, tools);
    const evaluation = await judge(session, calibrated.network, tools);
    const kept = keeps(evaluation, target);
    const orders = plans.map(({ order }) => order);
    tried.push({ orders, parameters: parametersOf(smaller[probe]), kept, evaluation });
    if (kept) {
      found = { layerOrders: byName(plans), calibrated };
      high = probe;
    } else low = probe + 1;
    probe = Math.floor((low + high) / 2);
  }
  const record: LayersTried = {
    uniform: uniform.order,
    alone: layers.map((layer) => ({
      name: layer[0].plan.site.name,
      orders: layer.map(({ order, outputError }) => ({ order, outputError })),
    })),
    tried,
    taken: found === undefined ? 'uniform' : 'layers',
  };
  return { record, ...(found === undefined ? {} : { found }) };
}

/** Each layer alone at orders around the uniform one, ascending. */
async function optionsAlone(
  session: CalibrationSession,
  { uniform, choices }: LayerSearchRequest,
  tools: SearchTools,
): Promise<Option[][]> {
  const ladder = ordersToTry(choices).map(({ order }) => order);
  const at = ladder.indexOf(uniform.order);
  const steps = stepsAround(session.network.layers.length);
  const orders = ladder.slice(Math.max(0, at - steps), at + steps + 1);
  const plans = orders.map((order) => tools.plansFor(order));
  const names = tools.plansFor(uniform.order).map(({ site }) => site.name);
  const layers: Option[][] = [];
  // what is only compared need not be refined, which is slow
  const alone = { ...session, params: { ...session.params, refine: false } };
  for (const [l, name] of names.entries()) {
    const own = plans.flatMap((all) => all.filter(({ site }) => site.name === name));
    const layer: Option[] = [];
    for (const [i, plan] of own.entries()) {
      tools.onRun?.((own.length * l + i) / names.length, own.length + mostProbes);
      const { network } = await calibrateAt(alone, [plan], tools);
      const { outputError } = await judge(session, network, tools);
      const { site, order, untying } = plan;
      const price = familyOf(site.family).parameters(untying?.site ?? site, order);
      layer.push({ plan, order, price, outputError: outputError?.value ?? Infinity });
    }
    layers.push(layer);
  }
  return layers;
}

function stepsIn(layers: readonly (readonly Option[])[]): number {
  return Math.max(0, ...layers.map(({ length }) => length));
}

function indexOf(layer: readonly Option[], order: number): number {
  return layer.findIndex((option) => option.order === order);
}

function byName(plans: readonly LayerPlan[]): Record<string, number> {
  return Object.fromEntries(plans.map(({ site, order }) => [site.name, order]));
}
