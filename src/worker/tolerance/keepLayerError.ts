import { SsmError } from '../../core/errors';
import type { CompressParams } from '../../protocol/worker';
import { choicesOf } from '../calibrate/searchTarget';
import { ordersToTry } from '../calibrate/searchOrder';
import { mapConcurrently } from '../concurrency';
import type { Engine } from '../engine';
import { reduceLayer, type LayerTools } from '../layerJob';
import type { LayerPlan } from '../layerPlans';
import { planCompression, type CompressionPlan } from '../plan';
import { layersAtOnce, requestFor } from '../reduceLayers';
import type { Run } from '../run';
import { layerErrors } from './layerErrors';

/** A request for layers that err by at most so much. */
export type LayerErrorParams = CompressParams & {
  readonly target: { readonly layerError: number };
};

/** One order for all layers, or an order for each by its name. */
export interface FoundOrders {
  readonly order: number;
  readonly layerOrders?: Readonly<Record<string, number>>;
}

export interface KeepTools {
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  /** Hears the share of the search that is done, as far as it can be foretold. */
  readonly onShare?: (share: number) => void;
}

/**
 * The smallest orders at which the certified relative h² error of every layer, as it is stored, is at most the one asked
 * for: the same for all layers, or with `perLayer` one for each. The estimated curve of each layer tells where to begin;
 * every order that is taken was reduced and certified, as the run does it again.
 *
 * @throws SsmError `bad-request` where no smaller order keeps it, and as a compression does
 */
export async function keepLayerError(
  params: LayerErrorParams,
  known: Pick<Run, 'checkpoint' | 'sidecars'>,
  tools: KeepTools,
): Promise<FoundOrders> {
  const limit = params.target.layerError;
  const ladder = ordersToTry(choicesOf(known, params)).map(({ order }) => order);
  const search = createSearch(params, known, tools);
  const { layers, horizon } = search.planAt(ladder[0]);
  let done = 0;
  const guesses = await mapConcurrently(layers, search.atOnce(layers), async (layer) => {
    const orders = ladder.filter((order) => order < layer.site.order);
    const errors = await layerErrors(layer, { orders, horizon: horizon.steps }, search.tools);
    tools.onShare?.((0.5 * ++done) / layers.length);
    const at = errors.findIndex((error) => error <= limit);
    return at < 0 ? orders.length - 1 : at;
  });
  if (params.perLayer === true) return keepEach(layers, guesses, ladder, limit, search);
  const place = await firstKept(ladder.length, Math.max(...guesses), async (at) => {
    const plan = search.planAt(ladder[at]);
    const errors = await search.certify(plan, plan.layers);
    return errors.every((error) => error <= limit);
  });
  if (place === undefined) throw unreachable(limit, ladder);
  return { order: ladder[place] };
}

/** Each layer at its own; one that no smaller order keeps stays as it is. */
async function keepEach(
  layers: readonly LayerPlan[],
  guesses: readonly number[],
  ladder: readonly number[],
  limit: number,
  search: Search,
): Promise<FoundOrders> {
  let done = 0;
  const orders = await mapConcurrently(
    layers.map((layer, l) => ({ layer, guess: guesses[l] })),
    search.atOnce(layers),
    async ({ layer: { site }, guess }) => {
      const own = ladder.filter((order) => order < site.order);
      const place = await firstKept(own.length, guess, async (at) => {
        const plan = search.planAt(own[at]);
        const [error] = await search.certify(
          plan,
          plan.layers.filter((one) => one.site.name === site.name),
        );
        return error <= limit;
      });
      search.onShare(0.5 + (0.5 * ++done) / layers.length);
      return [site.name, place === undefined ? site.order : own[place]] as const;
    },
  );
  const smaller = orders.filter(([, order], l) => order < layers[l].site.order);
  if (smaller.length === 0) throw unreachable(limit, ladder);
  const order = Math.max(...smaller.map(([, one]) => one));
  return { order, layerOrders: Object.fromEntries(orders) };
}

/** The first of `count` places of which all after it are kept, from a guess: up to one that is kept, then down. */
async function firstKept(
  count: number,
  guess: number,
  isKept: (place: number) => Promise<boolean>,
): Promise<number | undefined> {
  let place = Math.min(Math.max(0, guess), count - 1);
  if (await isKept(place)) {
    while (place > 0 && (await isKept(place - 1))) place--;
    return place;
  }
  for (place++; place < count; place++) if (await isKept(place)) return place;
  return undefined;
}

interface Search {
  readonly tools: LayerTools;
  /** What a run at this order for all layers would do. */
  readonly planAt: (order: number) => CompressionPlan;
  /** The certified relative errors of some layers of a plan. */
  readonly certify: (plan: CompressionPlan, layers: readonly LayerPlan[]) => Promise<number[]>;
  readonly atOnce: (layers: readonly LayerPlan[]) => number;
  readonly onShare: (share: number) => void;
}

function createSearch(
  params: CompressParams,
  { checkpoint, sidecars }: Pick<Run, 'checkpoint' | 'sidecars'>,
  { engine, signal, onShare = () => undefined }: KeepTools,
): Search {
  const tools = { checkpoint, engine, signal };
  const atOnce = (layers: readonly LayerPlan[]): number => layersAtOnce(layers, engine.threads);
  return {
    ...{ tools, atOnce, onShare },
    planAt: (order) => planCompression(checkpoint, { ...params, target: { order } }, sidecars),
    certify: (plan, layers) =>
      mapConcurrently(layers, atOnce(layers), async (layer) => {
        const { record } = await reduceLayer(requestFor(layer, { plan, params }), tools);
        return record.error.relative;
      }),
  };
}

function unreachable(limit: number, ladder: readonly number[]): SsmError {
  const percent = Number((100 * limit).toPrecision(3));
  return new SsmError(
    'bad-request',
    `No smaller order keeps a certified relative h² error of at most ${percent} %: the largest tried is ${ladder.at(-1) ?? '?'}.`,
  );
}
