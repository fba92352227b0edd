import {
  type OrderCurve,
  type OrderCurveRequest,
  isSeparable,
  joinCurves,
  joinOrders,
} from '../../core/describe/orderCurve';
import { evenChannels, quantile } from '../../core/describe/spread';
import { hasKernels, slotCount, splitSystems, systemCount } from '../../core/systems/kernels';
import type { LayerSystems } from '../../core/systems/layer';
import type { BoundEvidence, LayerContribution } from '../../protocol/bound';
import type {
  LayerChartsParams,
  LayerCurve,
  LayerOrderPoint,
  ReportedPoint,
} from '../../protocol/layerCharts';
import type { Engine } from '../engine';
import { startBeside } from '../engines/start';
import { withEngine } from '../withEngine';
import { assertChannel } from './layerCharts';
import { shorten } from './numbers';
import type { OpenedLayer } from './openLayer';
import { type LayerPair, openPair } from './openPair';

export interface LayerCurveOptions {
  readonly signal?: AbortSignal;
  /** Hears the share of the work that is done. */
  readonly onProgress?: (fraction: number) => void;
  readonly startEngine?: () => Promise<Engine>;
}

/** Numbers of slots that are tried; those that the layer and its family can have. */
const triedSlots = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
/** So many kernels stand for a layer whose kernels are searched for one by one. */
export const mostKernels = 24;

/**
 * Error against order of one layer, with the parameters of the model and, where the report of a compression bounds the
 * output's error, what the layer would add to it.
 *
 * @throws SsmError as `layerCharts` does
 */
export async function layerCurve(
  params: LayerChartsParams,
  { signal, onProgress, startEngine }: LayerCurveOptions = {},
): Promise<LayerCurve> {
  const pair = await openPair(params, signal);
  assertChannel(pair, params.channel);
  const { original, horizon } = pair;
  const { systems, site, parameters } = original;
  // a system with matrices B and C is reduced as a whole
  const channel = hasKernels(systems) ? params.channel : undefined;
  const slots = slotsOf(original);
  const request = { systems, slots, horizon, channels: channelsOf(systems, channel) };
  const searches = slots.length * request.channels.length;
  const start = startEngine ?? (() => startBeside(params.engine, searches));
  const traced =
    slots.length === 0
      ? undefined
      : await withEngine(start, signal, async (engine) => {
          const curve = await traceOrders(request, engine, onProgress);
          return { curve, engine: engine.search };
        });
  const curve = traced?.curve;
  const reported = channel === undefined ? reportedOf(pair) : undefined;
  return {
    shortened: !isSeparable(systems),
    linearPart: systems.kind === 'lqo',
    channels: systemCount(systems),
    sampled: curve?.squaredNorms.length ?? 0,
    ...(channel === undefined ? {} : { channel }),
    orderBefore: site.order,
    parametersBefore: parameters,
    points: curve === undefined ? [] : pointsOf(curve, pair, channel),
    ...(reported === undefined ? {} : { reported }),
    ...(traced?.engine === undefined ? {} : { engine: traced.engine }),
  };
}

function slotsOf({ family, systems }: OpenedLayer): number[] {
  const least = family.slotsForOrder(family.smallestOrder);
  const slots = slotCount(systems);
  return triedSlots.filter((tried) => tried >= least && tried < slots);
}

/** The kernels that stand for a layer, or the one asked for; none where it is searched for as a whole. */
export function channelsOf(systems: LayerSystems, channel?: number): readonly number[] {
  if (!isSeparable(systems)) return [];
  return channel === undefined ? evenChannels(systemCount(systems), mostKernels) : [channel];
}

/** Kernels apart from each other on all threads; of what belongs together the orders. */
export async function traceOrders(
  request: OrderCurveRequest,
  engine: Engine,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<OrderCurve> {
  const separable = isSeparable(request.systems);
  const parts = separable ? kernelsOf(request) : ordersOf(request);
  let done = 0;
  const curves = parts.map(async (part) => {
    // what is given to a thread is moved there, so that each part needs systems of its own
    const systems = structuredClone(part.systems);
    const curve = await engine.run('orderCurve', { ...part, systems });
    done++;
    onProgress(done / parts.length);
    return curve;
  });
  const all = await Promise.all(curves);
  return separable ? joinCurves(all) : joinOrders(all);
}

/** A thread takes the memory of what it is given, so every part has its own. */
function kernelsOf(request: OrderCurveRequest): OrderCurveRequest[] {
  const kernels = splitSystems(request.systems, 1);
  return request.channels.map((channel) => ({
    ...request,
    systems: kernels[channel].systems,
    channels: [0],
  }));
}

/** The longest first. */
function ordersOf(request: OrderCurveRequest): OrderCurveRequest[] {
  return request.slots.map((slots) => ({ ...structuredClone(request), slots: [slots] })).reverse();
}

function pointsOf(
  curve: OrderCurve,
  pair: LayerPair,
  channel: number | undefined,
): LayerOrderPoint[] {
  const { family, site, parameters } = pair.original;
  const { squaredErrors, squaredNorms } = curve;
  // a channel of a layer that was seen as a whole
  const only = channel !== undefined && squaredNorms.length > 1 ? channel : undefined;
  const norm2 = only === undefined ? sum(squaredNorms) : squaredNorms[only];
  return curve.slots.flatMap((slots, i) => {
    const error2 = only === undefined ? sum(squaredErrors[i]) : squaredErrors[i][only];
    if (!(norm2 > 0) || !Number.isFinite(error2)) return [];
    const order = family.orderForSlots(slots);
    const error = Math.sqrt(Math.max(0, error2) / norm2);
    const spread = channel === undefined ? spreadAt(squaredErrors[i], squaredNorms) : undefined;
    const contribution = channel === undefined ? contributionAt(pair, error) : undefined;
    return [
      {
        ...{ order, slots, error: shorten(error), ...spread },
        parameters:
          parameters - family.parameters(site, site.order) + family.parameters(site, order),
        ...(contribution === undefined ? {} : { contribution: shorten(contribution) }),
      },
    ];
  });
}

function spreadAt(
  errors: Float64Array,
  norms: Float64Array,
): Pick<LayerOrderPoint, 'median' | 'most'> {
  const relative = errors.map((error2, k) =>
    norms[k] > 0 ? Math.sqrt(Math.max(0, error2) / norms[k]) : 0,
  );
  if (relative.length < 2) return {};
  const sorted = relative.sort();
  return { median: shorten(quantile(sorted, 0.5)), most: shorten(sorted[sorted.length - 1]) };
}

/** In proportion to the layer's h² error: what the bound of the report makes of it at the order of the report. */
function contributionAt({ report, record }: LayerPair, error: number): number | undefined {
  const known = report?.bound?.layers.find(({ name }) => name === record?.name);
  const contribution = known === undefined ? undefined : bestContribution(known);
  if (contribution === undefined || record === undefined || !(record.error.relative > 0)) {
    return undefined;
  }
  return (contribution.value * error) / record.error.relative;
}

function reportedOf({ report, record }: LayerPair): ReportedPoint | undefined {
  if (record === undefined) return undefined;
  const known = report?.bound?.layers.find(({ name }) => name === record.name);
  const contribution = known === undefined ? undefined : bestContribution(known);
  return {
    order: record.orderAfter,
    error: record.error.relative,
    kind: record.error.kind,
    ...(contribution === undefined ? {} : { contribution }),
  };
}

/** The contribution by the best evidence that there is of it. */
function bestContribution({
  measured,
  calibrated,
  certified,
}: LayerContribution): { readonly value: number; readonly evidence: BoundEvidence } | undefined {
  if (measured !== undefined) return { value: measured.telescoping, evidence: 'measured' };
  if (typeof calibrated?.contribution === 'number') {
    return { value: calibrated.contribution, evidence: 'calibrated' };
  }
  if (certified.contribution === null) return undefined;
  return { value: certified.contribution, evidence: 'certified' };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
