import { SsmError } from '../core/errors';
import type { CompressProgress, CurveParams, CurveResult, TradeoffPoint } from '../protocol/worker';
import { openAllocation } from './allocate/allocateRun';
import { traceAllocations, type ForetoldSize } from './allocate/traceAllocations';
import { traceCurve, usedEngine, type CurveOptions } from './calibrate/curve';
import { choicesOf } from './calibrate/searchTarget';
import { ordersToTry } from './calibrate/searchOrder';
import { openCalibration } from './calibrate/session';
import { openInput } from './checkpointInput';
import { mapConcurrently } from './concurrency';
import type { Engine } from './engine';
import { startBeside } from './engines/start';
import { layersOf } from './inspect';
import { mostKernels } from './layerCharts/layerCurve';
import { countParameters } from './orders';
import { planCompression } from './plan';
import { layersAtOnce } from './reduceLayers';
import { assertNamed, assertNotRefused } from './refusals';
import type { Run } from './run';
import { readSidecars } from './sidecars';
import { layerErrors } from './tolerance/layerErrors';
import { withEngine } from './withEngine';

/**
 * What several sizes would lose, before anything is written. With sample data each is calibrated and measured; without it
 * the h² errors of the layers are estimated; where orders are to be shared out, it is what the weights foretell.
 *
 * @throws SsmError as a compression does
 */
export async function traceTradeoff(
  params: CurveParams,
  options: CurveOptions = {},
): Promise<CurveResult> {
  const { allocate, calibration } = params;
  if (calibration !== undefined && allocate === undefined) {
    return traceCurve({ ...params, calibration }, options);
  }
  const begin = performance.now();
  const { signal, onProgress = () => undefined } = options;
  const source = await openInput(params.file);
  try {
    const checkpoint = await source.checkpoint(signal, params.fields && { fields: params.fields });
    assertNotRefused(checkpoint);
    assertNamed(checkpoint);
    const sidecars = await readSidecars(params.file, signal);
    const known = { checkpoint, sidecars };
    const start =
      options.startEngine ?? (() => startBeside(params.engine, searchesFor(params, known)));
    const { points, ...used } = await withEngine(start, signal, async (engine) => {
      const tools = { engine, signal, onProgress };
      const found =
        allocate === undefined
          ? await estimated(params, known, tools)
          : await foretold({ ...params, allocate }, known, tools);
      return { points: found, ...usedEngine(engine) };
    });
    return {
      points,
      parametersBefore: countParameters(checkpoint.tensors),
      orderBefore: Math.max(...layersOf(checkpoint).map(({ order }) => order)),
      ...{ ...used, notes: [...sidecars.notes, ...used.notes] },
      seconds: (performance.now() - begin) / 1000,
    };
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(params.file) : error;
  } finally {
    await source.close();
  }
}

interface Tools {
  readonly engine: Engine;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: CompressProgress) => void;
}

type Known = Pick<Run, 'checkpoint' | 'sidecars'>;

/** Searches of single kernels, each at every order: where channels are looked at one by one. */
function searchesFor(params: CurveParams, known: Known): number {
  const layers = layersOf(known.checkpoint);
  const orders = params.orders ?? ordersToTry(choicesOf(known, params));
  return (
    layers.reduce((sum, { channels }) => sum + Math.min(channels, mostKernels), 0) * orders.length
  );
}

/** The greatest relative h² error of a layer at each order. */
async function estimated(
  params: CurveParams,
  known: Known,
  { engine, signal, onProgress }: Tools,
): Promise<TradeoffPoint[]> {
  const { checkpoint, sidecars } = known;
  const all = choicesOf(known, params);
  const wanted = params.orders ?? ordersToTry(all).map(({ order }) => order);
  const choices = all.filter(({ order }) => wanted.includes(order));
  const unknown = wanted.find((order) => !all.some((choice) => choice.order === order));
  if (unknown !== undefined) {
    throw new SsmError(
      'bad-request',
      `The layers of this model cannot have order ${unknown}. Possible: ${all.map(({ order }) => order).join(', ')}.`,
    );
  }
  const least = choices.at(0);
  if (least === undefined) return [];
  const target = { order: least.order }; // at which every layer that can be is reduced
  const plan = planCompression(checkpoint, { ...params, target, solver: 'newton' }, sidecars);
  const { layers, horizon } = plan;
  let done = 0;
  const errors = await mapConcurrently(
    layers,
    layersAtOnce(layers, engine.threads),
    async (one) => {
      const orders = choices.map(({ order }) => Math.min(order, one.site.order));
      const found = await layerErrors(
        one,
        { orders, horizon: horizon.steps },
        { checkpoint, engine, signal },
      );
      onProgress({
        ...{ stage: 'reducing', fraction: ++done / layers.length },
        ...{ layersDone: done, layersTotal: layers.length },
      });
      return found;
    },
  );
  return choices.map(({ order, parameters }, i) => ({
    ...{ order, parameters },
    layerError: Math.max(0, ...errors.map((layer) => layer[i])),
  }));
}

/** The sizes that orders of single layers reach, by rising parameters. */
async function foretold(
  params: CurveParams & Required<Pick<CurveParams, 'allocate'>>,
  known: Known,
  { engine, signal }: Tools,
): Promise<TradeoffPoint[]> {
  const { calibration, answers } = params;
  const session =
    calibration === undefined
      ? undefined
      : await openCalibration({ ...known, answers }, calibration, signal);
  try {
    const basis = await openAllocation(params, known, session, signal);
    const sizes = await traceAllocations(basis, { engine, signal });
    const choices = choicesOf(known, params).map(({ order }) => order);
    return sizes.map((size) => pointOf(size, choices, session !== undefined));
  } finally {
    await session?.close();
  }
}

function pointOf(
  { orders, parameters, foretold: error }: ForetoldSize,
  choices: readonly number[],
  relative: boolean,
): TradeoffPoint {
  const most = Math.max(...orders.map(({ order }) => order));
  return {
    order: choices.findLast((order) => order <= most) ?? choices[0],
    ...{ parameters, ...(relative ? { foretoldError: error } : { foretoldBound: error }) },
    layerOrders: Object.fromEntries(orders.map(({ layer, order }) => [layer, order])),
  };
}
