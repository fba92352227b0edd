import {
  type OrderCurve,
  type OrderCurveRequest,
  isSeparable,
  joinCurves,
} from '../../core/describe/orderCurve';
import { evenChannels, quantile } from '../../core/describe/spread';
import { slotCount, systemCount } from '../../core/systems/kernels';
import type { LayerSystems } from '../../core/systems/layer';
import type { BoundEvidence, LayerContribution } from '../../protocol/bound';
import type {
  LayerChartsParams,
  LayerCurve,
  LayerOrderPoint,
  ReportedPoint,
} from '../../protocol/layerCharts';
import type { Engine } from '../engine';
import { startEngine } from '../threadPool';
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
const mostKernels = 24;

/**
 * Error against order of one layer, with the parameters of the model and, where the report of a compression bounds the
 * output's error, what the layer would add to it.
 *
 * @throws SsmError as `layerCharts` does
 */
export async function layerCurve(
  params: LayerChartsParams,
  { signal, onProgress, startEngine: start = startEngine }: LayerCurveOptions = {},
): Promise<LayerCurve> {
  const pair = await openPair(params, signal);
  const { channel } = params;
  assertChannel(pair, channel);
  const { original, horizon } = pair;
  const slots = slotsOf(original);
  const request = {
    ...{ systems: original.systems, slots, horizon },
    ...shownOf(original, channel),
  };
  const curve =
    slots.length === 0
      ? undefined
      : await withEngine(start, signal, (engine) => traced(request, engine, onProgress));
  const reported = reportedOf(pair);
  const points = curve === undefined ? [] : pointsOf(curve, pair, channel);
  return {
    method: curve?.method ?? 'search',
    linearPart: original.systems.kind === 'lqo',
    channels: curve === undefined ? systemCount(original.systems) : channelsIn(original, curve),
    sampled: curve?.squaredNorms.length ?? 0,
    ...(channel === undefined ? {} : { channel }),
    orderBefore: original.site.order,
    parametersBefore: original.parameters,
    points,
    ...(reported === undefined || channel !== undefined ? {} : { reported }),
  };
}

function slotsOf({ family, systems }: OpenedLayer): number[] {
  const least = family.slotsForOrder(family.smallestOrder);
  const slots = slotCount(systems);
  return triedSlots.filter((tried) => tried >= least && tried < slots);
}

function shownOf(
  { systems }: OpenedLayer,
  channel: number | undefined,
): { readonly channels: readonly number[] } {
  if (!isSeparable(systems)) return { channels: [] };
  return {
    channels: channel === undefined ? evenChannels(systemCount(systems), mostKernels) : [channel],
  };
}

/** Kernels apart from each other on all threads; what belongs together at once. */
async function traced(
  request: OrderCurveRequest,
  engine: Engine,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<OrderCurve> {
  if (!isSeparable(request.systems)) return engine.run('orderCurve', request);
  let done = 0;
  const curves = request.channels.map(async (channel) => {
    const curve = await engine.run('orderCurve', { ...request, channels: [channel] });
    done++;
    onProgress(done / request.channels.length);
    return curve;
  });
  return joinCurves(await Promise.all(curves));
}

function channelsIn({ systems }: OpenedLayer, { squaredNorms }: OrderCurve): number {
  return isKernels(systems) ? systemCount(systems) : squaredNorms.length;
}

function isKernels({ kind }: LayerSystems): boolean {
  return kind === 'independent' || kind === 'tied';
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
