import { SsmError } from '../../core/errors';
import { familyOf } from '../../families/recognise';
import type { CalibrationParams } from '../../protocol/calibration';
import type {
  CompressParams,
  CompressProgress,
  CurveParams,
  OrderChoice,
} from '../../protocol/worker';
import { layersOf } from '../inspect';
import { untiedFamilyOf } from '../layerPlans';
import { countParameters, orderChoices } from '../orders';
import { planCompression } from '../plan';
import { createProgressMeter, type ProgressMeter } from '../progress';
import type { Run } from '../run';
import { searchLayers } from './searchLayers';
import { searchOrder, type OrderSearch, type SearchTools } from './searchOrder';
import type { CalibrationSession, SessionTools } from './session';

/** A checkpoint with what stands beside it, and its sample data. */
export type Opened = Pick<Run, 'checkpoint' | 'sidecars'> & {
  readonly session: CalibrationSession;
};

export interface TrialTools extends Pick<SessionTools, 'engine' | 'signal'> {
  readonly onProgress: (progress: CompressProgress) => void;
}

type TrialParams = Pick<CompressParams, 'answers' | 'untie'>;

/** What of the time the search for one order takes where orders of single layers are looked for after it. */
const uniformShare = 0.4;

/**
 * Finds the smallest order that keeps the tolerance of a request, and the orders of single layers where they are asked
 * for. Throws as `searchOrder` does.
 */
export async function searchTarget(
  params: CompressParams & { readonly calibration: CalibrationParams },
  opened: Opened,
  tools: TrialTools,
): Promise<OrderSearch> {
  const { target } = params;
  if (!('accuracyLoss' in target || 'outputError' in target)) {
    throw new SsmError('internal', 'A search was asked for without a tolerance.');
  }
  const { session } = opened;
  const choices = choicesOf(opened, params);
  const trial = trialTools(params, opened, tools);
  if (params.perLayer !== true) return searchOrder(session, choices, target, trial);
  const uniform = await searchOrder(session, choices, target, inPhase(trial, 0, uniformShare));
  const rest = inPhase(trial, uniformShare, 1 - uniformShare);
  const layers = await searchLayers(session, { uniform, choices, target }, rest);
  return { ...uniform, calibrated: layers.found?.calibrated ?? uniform.calibrated, layers };
}

/** The tools for a part of the work that begins at a fraction of its time and takes a share of it. */
function inPhase(tools: SearchTools, begin: number, share: number): SearchTools {
  return {
    ...tools,
    onRun: (run, runs) => tools.onRun?.(run + (begin * runs) / share, runs / share),
  };
}

/** The orders that the model can have below its present one. Throws `bad-request` where there is none. */
export function choicesOf(
  { checkpoint }: Pick<Opened, 'checkpoint'>,
  { untie = false }: TrialParams,
): OrderChoice[] {
  const sites = layersOf(checkpoint);
  const parameters = countParameters(checkpoint.tensors);
  const choices = orderChoices(parameters, sites, untie ? untiedFamilyOf : familyOf);
  if (choices.length > 0) return choices;
  throw new SsmError('bad-request', 'The model has the smallest possible order already.');
}

/** What trials at several orders share: the plan of each, and progress over all. */
export function trialTools(
  params: TrialParams | CurveParams,
  { checkpoint, sidecars, session }: Opened,
  { engine, signal, onProgress }: TrialTools,
): SearchTools {
  let [run, runs] = [0, 1];
  const meter: ProgressMeter = createProgressMeter(
    { layers: session.network.layers.length, channels: 1, bytes: 0 },
    onProgress,
  );
  return {
    engine,
    signal,
    onRun: (at, of) => {
      [run, runs] = [at, of];
    },
    onProgress: (progress) => {
      meter.calibrating(progress, run, runs);
    },
    plansFor: (order) => {
      const plan = planCompression(
        checkpoint,
        { ...params, target: { order }, solver: 'newton' },
        sidecars,
      );
      return plan.layers;
    },
  };
}
