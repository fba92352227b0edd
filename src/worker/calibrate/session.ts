import { SsmError } from '../../core/errors';
import type { Network, StateSpaceLayer } from '../../core/network/network';
import type { Sequence } from '../../core/network/program';
import { slotCount } from '../../core/systems/kernels';
import type { LayerSystems } from '../../core/systems/layer';
import { familyOf } from '../../families/recognise';
import type { Checkpoint } from '../../formats/checkpoint';
import type { TensorValues } from '../../formats/tensor';
import {
  calibrationParts,
  type CalibrationParams,
  type CalibrationPart,
} from '../../protocol/calibration';
import type { HyperAnswers } from '../../protocol/worker';
import type { Engine } from '../engine';
import { evaluateNetworks } from '../evaluate/evaluateNetworks';
import type { Evaluation } from '../../protocol/evaluation';
import { evidenceOf } from '../hyper';
import type { LayerPlan } from '../layerPlans';
import { assertNoQuestions, loadSettled, settleNetwork } from '../openNetwork';
import { openSamples } from '../samples/open';
import type { Samples } from '../samples/samples';
import { splitSamples } from '../samples/split';
import type { Sidecars } from '../sidecars';
import { withEdits } from '../storeLayer';
import {
  calibrateNetwork,
  type CalibratedNetwork,
  type CalibrationProgress,
} from './calibrateNetwork';
import { optionsOf } from './options';
import { untiedSystems } from './untied';

/** A network with the sequences to calibrate it with and those to judge it by. Close it when done. */
export interface CalibrationSession {
  readonly network: Network;
  readonly checkpoint: Checkpoint;
  readonly params: CalibrationParams;
  /** What the data is, for a person. */
  readonly data: string;
  readonly sequences: readonly Sequence[];
  /** How many sequences those were drawn from. */
  readonly drawnFrom: number;
  readonly heldOut: { readonly samples: Samples; readonly indices: readonly number[] };
  close(): Promise<void>;
}

export interface SessionTools {
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: CalibrationProgress) => void;
  readonly onSequences?: (done: number, total: number) => void;
}

/** The checkpoint, and everything beside it that may tell what its tensors do not. */
export interface SessionSource {
  readonly checkpoint: Checkpoint;
  readonly sidecars: Sidecars;
  readonly answers: HyperAnswers | undefined;
}

/**
 * Opens the network in a checkpoint with sample data: the data is split into sequences to calibrate with and sequences
 * to judge by, unless there is other data to judge by.
 *
 * @throws SsmError `unsupported-file` where the network around the layers is not known, `bad-request` for questions that
 *   are open and for data that does not fit
 */
export async function openCalibration(
  { checkpoint, sidecars, answers }: SessionSource,
  params: CalibrationParams,
  signal?: AbortSignal,
): Promise<CalibrationSession> {
  const settled = settleNetwork(checkpoint, evidenceOf(checkpoint, sidecars, answers));
  assertNoQuestions(settled);
  const network = await loadSettled(checkpoint, settled, signal);
  const samples = await openSamples(params.data, params.dataSettings ?? {}, network, signal);
  const opened = [samples];
  const close = async (): Promise<void> => {
    for (const one of opened) await one.close();
  };
  try {
    const test =
      params.test === undefined
        ? undefined
        : await openSamples(params.test, params.testSettings ?? {}, network, signal);
    if (test !== undefined) opened.push(test);
    const { calibration, heldOut } = partsOf(samples, params, network, test !== undefined);
    const sequences: Sequence[] = [];
    for (const index of calibration) sequences.push(await samples.sequence(index, signal));
    const judges =
      test === undefined
        ? { samples, indices: heldOut }
        : { samples: test, indices: [...Array(test.count).keys()] };
    // a mistake in what is read at the end is better known before hours of work
    for (const index of judges.indices) await judges.samples.sequence(index, signal);
    return {
      ...{ network, checkpoint, params, sequences, close },
      data: samples.description,
      drawnFrom: samples.count,
      heldOut: judges,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Numbers of signals of a layer that a calibration takes in some seconds. */
const usualNumbers = 1 << 24;

/** Sequences to calibrate with where nobody says how many: 128, and up to 512 where they are small. */
function usualSequences({ layers }: Network, samples: Samples): number {
  const width = layers.reduce((most, { inputs }) => Math.max(most, inputs), 1);
  return Math.min(512, Math.max(128, Math.floor(usualNumbers / (width * samples.lengthOf(0)))));
}

function partsOf(
  samples: Samples,
  { sequences }: CalibrationParams,
  network: Network,
  hasTest: boolean,
): { readonly calibration: readonly number[]; readonly heldOut: readonly number[] } {
  const { count } = samples;
  const wanted = sequences ?? (count === 0 ? 0 : usualSequences(network, samples));
  if (!hasTest) {
    const usual = Math.min(wanted, Math.floor(count / 2));
    return splitSamples(count, { calibration: sequences ?? usual });
  }
  if (count < 2) {
    throw new SsmError('bad-request', 'One sequence is too little to calibrate with.');
  }
  if (wanted >= count) return { calibration: [...Array(count).keys()], heldOut: [] };
  return splitSamples(count, { calibration: Math.min(wanted, count - 2) });
}

/** Calibrates the network with its layers at the planned orders; later layers see what earlier ones store. */
export async function calibrateAt(
  session: CalibrationSession,
  plans: readonly LayerPlan[],
  { engine, signal, onProgress }: SessionTools,
): Promise<CalibratedNetwork> {
  const { sequences, params } = session;
  const network = untiedNetwork(session.network, plans);
  const planned = new Map(plans.map((plan) => [plan.site.name, plan]));
  const values = await tensorsOf(session.checkpoint, plans, signal);
  const slots = network.layers.map(({ name, systems }) => {
    const plan = planned.get(name);
    return plan === undefined
      ? slotCount(systems)
      : familyOf(plan.site.family).slotsForOrder(plan.order);
  });
  return calibrateNetwork(
    {
      ...{ network, sequences, slots, options: optionsOf(params) },
      store: (layer, systems) => {
        const plan = planned.get(network.layers[layer].name);
        return plan === undefined ? systems : roundTrip(plan, systems, values);
      },
    },
    { engine, signal, ...(onProgress && { onProgress }) },
  );
}

/** Layers whose poles are no longer shared enter with a copy of the poles for each kernel. */
function untiedNetwork(network: Network, plans: readonly LayerPlan[]): Network {
  const untied = new Set(
    plans.flatMap(({ site, untying }) => (untying === undefined ? [] : [site.name])),
  );
  const layers = network.layers.map((layer): StateSpaceLayer => {
    return untied.has(layer.name) ? { ...layer, systems: untiedSystems(layer.systems) } : layer;
  });
  return { ...network, layers };
}

/** The systems as the file would hold them; as they are where the element type is too short, which is seen to later. */
function roundTrip(
  { site: asRead, hyper, untying }: LayerPlan,
  systems: LayerSystems,
  read: ReadonlyMap<string, TensorValues>,
): LayerSystems {
  const site = untying?.site ?? asRead;
  const values = untying?.apply(read) ?? read;
  const family = familyOf(site.family);
  const slots = slotCount(systems);
  try {
    const edits = family.write(site, systems, values, hyper);
    const smaller = { ...site, order: family.orderForSlots(slots), slots };
    return family.read(smaller, withEdits(values, edits), hyper);
  } catch (error) {
    if (SsmError.is(error) && error.reason === 'unstable') return systems;
    throw error;
  }
}

async function tensorsOf(
  checkpoint: Checkpoint,
  plans: readonly LayerPlan[],
  signal: AbortSignal | undefined,
): Promise<Map<string, TensorValues>> {
  const values = new Map<string, TensorValues>();
  for (const name of plans.flatMap(({ site }) => Object.values(site.tensors))) {
    values.set(name, await checkpoint.readTensor(name, signal));
  }
  return values;
}

/** Measures a network against the original of the session on the sequences that were held out. */
export function judge(
  { network: original, heldOut }: CalibrationSession,
  network: Network,
  { engine, signal, onSequences }: SessionTools,
): Promise<Evaluation> {
  return evaluateNetworks(
    { network, original, ...heldOut },
    { engine, signal, ...(onSequences && { onSequences }) },
  );
}

/** The parts of a calibration that are done. */
export function partsDone({ without = [] }: CalibrationParams): CalibrationPart[] {
  return calibrationParts.filter((part) => !without.includes(part));
}
