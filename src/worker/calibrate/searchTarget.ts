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

/** Finds the smallest order that keeps the tolerance of a request. Throws as `searchOrder` does. */
export function searchTarget(
  params: CompressParams & { readonly calibration: CalibrationParams },
  opened: Opened,
  tools: TrialTools,
): Promise<OrderSearch> {
  const { target } = params;
  if (!('accuracyLoss' in target || 'outputError' in target)) {
    throw new SsmError('internal', 'A search was asked for without a tolerance.');
  }
  const choices = choicesOf(opened, params);
  return searchOrder(opened.session, choices, target, trialTools(params, opened, tools));
}

/** The orders that the model can have below its present one. Throws `bad-request` where there is none. */
export function choicesOf({ checkpoint }: Opened, { untie = false }: TrialParams): OrderChoice[] {
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
