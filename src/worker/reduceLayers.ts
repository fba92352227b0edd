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
  const atOnce = Math.max(2, Math.ceil(engine.threads / 8));
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

async function reducePlanned(layer: LayerPlan, run: Run): Promise<ReducedLayer> {
  const { plan, checkpoint, engine, meter, signal } = run;
  const { solver, tau, horizon } = plan;
  const request: LayerRequest = {
    ...layer,
    ...{ solver, horizon: horizon.steps },
    ...(tau === undefined ? {} : { continuousHorizon: tau }),
  };
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
