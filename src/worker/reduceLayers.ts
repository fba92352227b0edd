import type { UntiedRecord } from '../protocol/report';
import { mapConcurrently } from './concurrency';
import { reduceLayer, type LayerOutcome, type LayerRequest, type PieceDone } from './layerJob';
import type { LayerPlan } from './layerPlans';
import type { Run } from './run';

/** A reduced layer and, where its poles are no longer shared, what that gained. */
export interface ReducedLayer extends LayerOutcome {
  readonly untied?: UntiedRecord;
}

/** Reduces the layers of a plan, several at once, so that the threads have work while one is read or certified. */
export function reduceLayers(run: Run): Promise<ReducedLayer[]> {
  const { plan, engine, meter } = run;
  const atOnce = layersAtOnce(plan.layers, engine.threads);
  return mapConcurrently(plan.layers, atOnce, async (layer) => {
    try {
      const reduced = await reducePlanned(layer, run);
      meter.layerDone();
      return reduced;
    } catch (error) {
      await engine.stop(); // the run has failed: the other layers need not be finished
      throw error;
    }
  });
}

/**
 * A layer of independent kernels is many pieces of work for the threads; one that shares poles, or is one system, is one
 * piece, and then every thread needs a layer of its own.
 */
export function layersAtOnce(layers: readonly LayerPlan[], threads: number): number {
  const whole = layers.some(({ site, untying }) => (untying?.site ?? site).tying !== 'independent');
  return Math.max(2, whole ? threads : Math.ceil(threads / 8));
}

/** What a plan asks for one of its layers. */
export function requestFor(
  layer: LayerPlan,
  { plan: { solver, tau, horizon }, params }: Pick<Run, 'plan' | 'params'>,
): LayerRequest {
  return {
    ...layer,
    ...{ solver, horizon: horizon.steps },
    ...(tau === undefined ? {} : { continuousHorizon: tau }),
    ...(params.keepStaticGain === true ? { keepStaticGain: true } : {}),
  };
}

async function reducePlanned(layer: LayerPlan, run: Run): Promise<ReducedLayer> {
  const { checkpoint, engine, meter, signal } = run;
  const request = requestFor(layer, run);
  const onPiece = (piece: PieceDone): void => {
    meter.piece(piece);
  };
  const outcome = await reduceLayer(request, { checkpoint, engine, signal, onPiece });
  if (layer.untying === undefined) return outcome;
  const { untying, ...asItWas } = request;
  const tied = await reduceLayer(asItWas, { checkpoint, engine, signal });
  const { setting = '', value = 0 } = untying ?? {};
  const untied = { layer: layer.site.name, setting, value, errorIfTied: tied.record.error };
  return { ...outcome, untied };
}
