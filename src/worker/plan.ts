import { SsmError } from '../core/errors';
import type { PaperHorizon } from '../core/solve/horizons';
import type { SolverId } from '../core/solve/solver';
import { familyOf, familyTitles } from '../families/recognise';
import type { Checkpoint } from '../formats/checkpoint';
import type { CompressParams, SizeTarget } from '../protocol/worker';
import { assertSettled, evidenceOf, hyperRemarks, settleLayers, type SettledLayer } from './hyper';
import { layersOf } from './inspect';
import { parametersAfter, planLayers, untiedFamilyOf, type LayerPlan } from './layerPlans';
import { countParameters, orderChoices, resolveOrder } from './orders';
import { loaderName } from './loaderScript';
import { networkParameters } from './networkParameters';
import { noLayers } from './refusals';
import { recordedHorizon, type Horizon, type SettingChange } from './settings';
import { adviceFor, changesInFile } from './settingChanges';
import type { Sidecars } from './sidecars';

/** All decisions of a run, made from the header and the configurations beside the file before any work begins. */
export interface CompressionPlan {
  readonly order: number;
  readonly horizon: Horizon;
  readonly solver: SolverId;
  /** For `algorithm1` alone: over which time its continuous objective goes. */
  readonly tau?: PaperHorizon;
  /** All layers of the model with what is known of them. */
  readonly settled: readonly SettledLayer[];
  /** The layers to reduce. Layers that are at or below their order already stay as they are. */
  readonly layers: readonly LayerPlan[];
  readonly settings: readonly SettingChange[];
  readonly parametersBefore: number;
  readonly parametersAfter: number;
  readonly warnings: readonly string[];
}

interface PlanParams extends Pick<
  CompressParams,
  'horizon' | 'solver' | 'tau' | 'answers' | 'layerOrders' | 'exactSizes' | 'untie'
> {
  readonly target: SizeTarget;
}

/**
 * Decides what a run does.
 *
 * @throws SsmError `no-layers`, or `bad-request` where the target cannot be reached, tau means nothing to the solver, or
 *   something that the model's computation depends on is not known
 */
export function planCompression(
  checkpoint: Checkpoint,
  params: PlanParams,
  sidecars: Sidecars = { configurations: [], notes: [] },
): CompressionPlan {
  const { target, horizon: given, solver, tau, answers } = params;
  const { layerOrders = {}, exactSizes = false, untie = false } = params;
  const continuous = continuousHorizonOf(solver, tau);
  const sites = layersOf(checkpoint);
  if (sites.length === 0) throw noLayers(checkpoint.tensors, familyTitles());
  const settled = settleLayers(
    sites,
    evidenceOf(checkpoint, sidecars, answers),
    networkParameters(checkpoint, sites),
  );
  const parameters = countParameters(checkpoint.tensors);
  const choices = orderChoices(parameters, sites, untie ? untiedFamilyOf : familyOf);
  const order = resolveOrder({ parameters, choices, layers: sites }, target);
  assertSettled(settled);
  const layers = planLayers(settled, { order, layerOrders, exactSizes, untie });
  assertSmaller(layers);
  const horizon: Horizon =
    given === undefined
      ? recordedHorizon(checkpoint.settings, sidecars.configurations)
      : { steps: given ?? Infinity, from: 'given' };
  const settings = changesInFile(checkpoint.settings, layers);
  return {
    order,
    horizon,
    solver,
    ...(continuous === undefined ? {} : { tau: continuous }),
    settled,
    layers,
    settings,
    parametersBefore: parameters,
    parametersAfter: parametersAfter(parameters, layers),
    warnings: [
      ...checkpoint.notes,
      ...sidecars.notes,
      ...hyperRemarks(settled),
      ...(horizon.note === undefined ? [] : [horizon.note]),
      ...unchanged(settled, layers),
      ...loaderAdvice(layers),
      ...buildAdvice(layers),
      ...adviceFor(layers, settings, sidecars.configurations),
    ],
  };
}

/** Layers of orders of their own do not fit a model built with one order. */
function loaderAdvice(layers: readonly LayerPlan[]): string[] {
  const orders = new Set(layers.map(({ storedOrder }) => storedOrder));
  return orders.size < 2
    ? []
    : [`The layers have orders of their own. Load the result with ${loaderName} beside it.`];
}

/** The smallest d_state for which S4 of version 4 can compute its initialisation `legs`, which happens before weights are loaded. */
const legsNeeds = 4;

/** What the original classes want besides the order, or cannot be built with. */
function buildAdvice(layers: readonly LayerPlan[]): string[] {
  const small = layers.filter(
    ({ site, storedOrder }) => site.family.startsWith('s4v4-d') && storedOrder < legsNeeds,
  );
  const loading = layers.flatMap(({ site }) => site.facts?.loading ?? []);
  return [
    ...(small.length === 0
      ? []
      : [
          `S4 of version 4 cannot be built with the initialisation legs and an order below ${legsNeeds}. ` +
            'Build the model with another initialisation to load the result.',
        ]),
    ...[...new Set(loading)].map((text) => `For building the model: ${text}.`),
  ];
}

function assertSmaller(layers: readonly LayerPlan[]): void {
  if (layers.length > 0) return;
  throw new SsmError(
    'bad-request',
    'Padded to the largest of the orders asked for no layer becomes smaller. Ask for exact sizes.',
  );
}

function unchanged(settled: readonly SettledLayer[], layers: readonly LayerPlan[]): string[] {
  const changed = new Set(layers.map(({ site }) => site.name));
  return settled
    .filter(({ site }) => !changed.has(site.name))
    .map(({ site }) => `Layer ${site.name} has order ${site.order} and stays as it is.`);
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
