import { SsmError } from '../core/errors';
import type { PaperHorizon } from '../core/solve/horizons';
import type { SolverId } from '../core/solve/solver';
import type { LayerSite } from '../families/family';
import { familyOf } from '../families/recognise';
import type { Checkpoint } from '../formats/checkpoint';
import type { CompressParams } from '../protocol/worker';
import { layersOf } from './inspect';
import { countParameters, orderChoices, parametersAt, resolveOrder } from './orders';
import { orderSettingChanges, recordedHorizon, type Horizon, type SettingChange } from './settings';

/** All decisions of a run, made from the header alone before any work begins. */
export interface CompressionPlan {
  readonly order: number;
  readonly horizon: Horizon;
  readonly solver: SolverId;
  /** For `algorithm1` alone: over which time its continuous objective goes. */
  readonly tau?: PaperHorizon;
  /** The layers to reduce. Layers that are at or below the order already stay as they are. */
  readonly sites: readonly LayerSite[];
  readonly settings: readonly SettingChange[];
  readonly parametersBefore: number;
  readonly parametersAfter: number;
  readonly warnings: readonly string[];
}

type PlanParams = Pick<CompressParams, 'target' | 'horizon' | 'solver' | 'tau'>;

/**
 * Decides what a run does.
 *
 * @throws SsmError `no-layers`, or `bad-request` where the target cannot be reached or tau means nothing to the solver
 */
export function planCompression(
  checkpoint: Checkpoint,
  { target, horizon: given, solver, tau }: PlanParams,
): CompressionPlan {
  const continuous = continuousHorizonOf(solver, tau);
  const layers = layersOf(checkpoint);
  const parameters = countParameters(checkpoint.tensors);
  const choices = orderChoices(parameters, layers, familyOf);
  const order = resolveOrder({ parameters, choices, layers }, target);
  const sites = layers.filter((site) => site.order > order);
  const horizon: Horizon =
    given === undefined
      ? recordedHorizon(checkpoint.settings)
      : { steps: given ?? Infinity, from: 'given' };
  const settings = changesOfSettings(checkpoint, sites, order);
  return {
    order,
    horizon,
    solver,
    ...(continuous === undefined ? {} : { tau: continuous }),
    sites,
    settings,
    parametersBefore: parameters,
    parametersAfter: parametersAt(parameters, sites, order, familyOf),
    warnings: [
      ...checkpoint.notes,
      ...(horizon.note === undefined ? [] : [horizon.note]),
      ...layers
        .filter((site) => site.order <= order)
        .map((site) => `Layer ${site.name} has order ${site.order} and stays as it is.`),
      ...(settings.length === 0 ? [unrecordedOrder(sites, order)] : []),
    ],
  };
}

function continuousHorizonOf(
  solver: SolverId,
  tau: PaperHorizon | undefined,
): PaperHorizon | undefined {
  if (solver === 'algorithm1') return tau ?? 'L Delta';
  if (tau === undefined) return undefined;
  throw new SsmError(
    'bad-request',
    `Only algorithm1 has a continuous horizon tau; ${solver} works over the steps of the horizon.`,
  );
}

function changesOfSettings(
  checkpoint: Checkpoint,
  sites: readonly LayerSite[],
  order: number,
): SettingChange[] {
  const names = new Set(sites.flatMap((site) => familyOf(site.family).orderSettings));
  const before = new Set(sites.map((site) => site.order));
  return orderSettingChanges(checkpoint.settings, names, before, order);
}

function unrecordedOrder(sites: readonly LayerSite[], order: number): string {
  const names = new Set(sites.map((site) => familyOf(site.family).orderSettings[0] ?? 'order'));
  const settings = [...names].map((name) => `${name}=${order}`).join(', ');
  return `The file does not record the order. Build the model with ${settings} to load the result.`;
}
