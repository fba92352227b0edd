import { SsmError } from '../../core/errors';
import type { Network } from '../../core/network/network';
import { familyOf } from '../../families/recognise';
import type { AllocationRecord, AllocationWeights } from '../../protocol/allocation';
import type { CompressParams } from '../../protocol/worker';
import { affordableSequences } from '../bound/evidence';
import type { CalibrationSession } from '../calibrate/session';
import { evidenceOf } from '../hyper';
import { layersOf } from '../inspect';
import { untiedFamilyOf } from '../layerPlans';
import { assertNoQuestions, loadSettled, settleNetwork } from '../openNetwork';
import { countParameters, orderChoices, resolveOrder, type Reducible } from '../orders';
import type { Run } from '../run';
import { defaultHorizon, recordedHorizon } from '../settings';
import { allocateOrders, type AllocationGoal } from './allocateOrders';
import type { AllocationBasis } from './priceOptions';
import type { WeighTools } from './weights';

/** A request whose orders are to be shared out over the layers. */
export type AllocatedParams = CompressParams & { readonly allocate: AllocationWeights };

/** The request with an order for each layer, and how they were found. */
export interface Allocated {
  readonly params: CompressParams;
  readonly allocation: AllocationRecord;
}

/** Sequences to weigh by at most. */
const mostSequences = 16;

/**
 * Turns a size for the whole model into orders of its layers.
 * @throws SsmError `unsupported-file` where the network is not known, `bad-request` for what is open or cannot be weighed
 */
export async function allocateRun(
  params: AllocatedParams,
  known: Pick<Run, 'checkpoint' | 'sidecars'>,
  session: CalibrationSession | undefined,
  tools: WeighTools,
): Promise<Allocated> {
  if (params.layerOrders !== undefined || params.perLayer === true) {
    throw new SsmError(
      'bad-request',
      'Orders are given for layers, searched for, or shared out, but not more than one of these.',
    );
  }
  const basis = await openAllocation(params, known, session, tools.signal);
  const model = modelOf(params, known);
  const allocation = await allocateOrders({ ...basis, goal: goalOf(params, model) }, tools);
  return { params: withOrders(params, model, allocation), allocation };
}

/**
 * The network with its layers, and what to weigh them by.
 * @throws SsmError `unsupported-file` where the network is not known, `bad-request` for what is open
 */
export async function openAllocation(
  params: Pick<AllocatedParams, 'allocate' | 'answers' | 'horizon'>,
  { checkpoint, sidecars }: Pick<Run, 'checkpoint' | 'sidecars'>,
  session: CalibrationSession | undefined,
  signal: AbortSignal | undefined,
): Promise<AllocationBasis> {
  const settled = settleNetwork(checkpoint, evidenceOf(checkpoint, sidecars, params.answers));
  assertNoQuestions(settled);
  const network = session?.network ?? (await loadSettled(checkpoint, settled, signal));
  const sequences = session === undefined ? [] : someOf(session, network);
  const steps = horizonOf(params, checkpoint, sidecars);
  const longest = Math.max(0, ...sequences.map(({ length }) => length));
  return {
    ...{ network, sequences, horizon: steps, weights: params.allocate },
    sites: layersOf(checkpoint),
    parameters: countParameters(checkpoint.tensors),
    length: longest > 0 ? longest : Number.isFinite(steps) ? steps : defaultHorizon,
  };
}

/** What the size asked for is resolved against. */
function modelOf(
  { untie = false }: Pick<AllocatedParams, 'untie'>,
  { checkpoint }: Pick<Run, 'checkpoint'>,
): Reducible {
  const layers = layersOf(checkpoint);
  const parameters = countParameters(checkpoint.tensors);
  const choices = orderChoices(parameters, layers, untie ? untiedFamilyOf : familyOf);
  return { parameters, choices, layers };
}

function someOf(
  { sequences }: CalibrationSession,
  network: Network,
): CalibrationSession['sequences'] {
  const longest = Math.max(1, ...sequences.map(({ length }) => length));
  const { measured } = affordableSequences(network, longest);
  return sequences.slice(0, Math.min(mostSequences, measured));
}

function horizonOf(
  { horizon }: Pick<CompressParams, 'horizon'>,
  { settings }: Run['checkpoint'],
  { configurations }: Run['sidecars'],
): number {
  if (horizon === null) return Infinity;
  return horizon ?? recordedHorizon(settings, configurations).steps;
}

function goalOf({ target }: CompressParams, model: Reducible): AllocationGoal {
  if ('order' in target) return { order: resolveOrder(model, target) };
  if ('outputError' in target || 'outputBound' in target) return target;
  if ('remove' in target) {
    const parameters = Math.floor((1 - target.remove) * model.parameters);
    return { parameters, order: resolveOrder(model, target) };
  }
  if ('layerError' in target) {
    throw new SsmError(
      'bad-request',
      'An error of the layers is kept by the orders of the layers alone; there is nothing to share out.',
    );
  }
  throw new SsmError(
    'bad-request',
    'A loss of accuracy cannot be foretold layer by layer. Share orders out for a size or an output error.',
  );
}

/** Each layer at its own order; the one order that stands for all is only what layers that are not listed would get. */
function withOrders(
  params: AllocatedParams,
  { choices }: Reducible,
  { kept, allocated, uniform }: AllocationRecord,
): CompressParams {
  const { orders } = kept === 'allocated' ? allocated : uniform;
  const most = Math.max(...orders.map(({ order }) => order));
  const order = choices.filter((choice) => choice.order <= most).at(-1)?.order ?? 1;
  const differ = new Set(orders.map((one) => one.order)).size > 1;
  return {
    ...params,
    target: { order },
    layerOrders: Object.fromEntries(orders.map((one) => [one.layer, one.order])),
    exactSizes: params.exactSizes === true || differ,
  };
}
