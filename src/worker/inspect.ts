import { createHash } from 'node:crypto';
import { SsmError } from '../core/errors';
import type { LayerSite } from '../families/family';
import { familyOf, recogniseLayers } from '../families/recognise';
import type { Checkpoint } from '../formats/checkpoint';
import type { TensorInfo } from '../formats/tensor';
import type { CheckpointSummary, LayerSummary, WorkerMethods } from '../protocol/worker';
import { openInput } from './checkpointInput';
import {
  evidenceOf,
  hyperRemarks,
  hyperSummaries,
  openQuestions,
  settleLayers,
  type SettledLayer,
} from './hyper';
import { markImplausible } from './implausible';
import { countParameters, orderChoices } from './orders';
import { recordedHorizon } from './settings';
import { refusalsOf } from './refusals';
import { networkParameters } from './networkParameters';
import { readSidecars, type Sidecars } from './sidecars';

/**
 * What the header of a checkpoint file and the configurations beside it tell.
 *
 * @param options what a person says of hyper-parameters, and of the names in a file without names
 * @throws SsmError with the file where it cannot be read, or an answer means nothing for it
 */
export async function inspectCheckpoint(
  file: string,
  signal?: AbortSignal,
  { answers, fields }: Omit<WorkerMethods['inspect']['params'], 'file'> = {},
): Promise<CheckpointSummary> {
  const source = await openInput(file);
  try {
    const checkpoint = await source.checkpoint(signal, fields === undefined ? {} : { fields });
    const sidecars = await readSidecars(file, signal);
    const sites = layersOf(checkpoint);
    const layers = settleLayers(
      sites,
      evidenceOf(checkpoint, sidecars, answers),
      networkParameters(checkpoint, sites),
    );
    const questions = await markImplausible(openQuestions(layers), layers, checkpoint, signal);
    const { size } = source;
    return { ...summarise(checkpoint, sidecars, layers), path: file, bytes: size, questions };
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(file) : error;
  } finally {
    await source.close();
  }
}

/** The layers of the model in a checkpoint; copies of weights in optimizer states do not count. */
export function layersOf(checkpoint: Checkpoint): LayerSite[] {
  return recogniseLayers(checkpoint.tensors.filter(({ role }) => role === 'model'));
}

/** Names, types and shapes of the model's tensors as a short text that is the same exactly where they are. */
export function fingerprintOf(tensors: readonly TensorInfo[]): string {
  const header = tensors
    .filter(({ role }) => role === 'model')
    .map(({ name, dtype, shape }) => [name, dtype, ...shape]);
  return createHash('sha256').update(JSON.stringify(header)).digest('hex').slice(0, 32);
}

function summarise(
  checkpoint: Checkpoint,
  sidecars: Sidecars,
  layers: readonly SettledLayer[],
): Omit<CheckpointSummary, 'path' | 'bytes' | 'questions'> {
  const { format, tensors, settings, notes, fieldQuestion } = checkpoint;
  const sites = layers.map(({ site }) => site);
  const parameters = countParameters(tensors);
  const { steps, from, note } = recordedHorizon(settings, sidecars.configurations);
  return {
    format,
    tensors,
    layers: layers.map(summariseLayer),
    parameters,
    choices: orderChoices(parameters, sites, familyOf),
    settings,
    configurations: sidecars.configurations,
    refusals: refusalsOf(checkpoint),
    ...(fieldQuestion === undefined ? {} : { fieldQuestion }),
    horizon: { steps, from },
    notes: [
      ...notes,
      ...sidecars.notes,
      ...hyperRemarks(layers),
      ...(note === undefined || sites.length === 0 ? [] : [note]),
    ],
    fingerprint: fingerprintOf(tensors),
  };
}

function summariseLayer(layer: SettledLayer): LayerSummary {
  const { name, family: id, order, slots, channels, tying, facts = {} } = layer.site;
  const family = familyOf(id);
  const untying = family.untie?.(layer.site);
  return {
    name,
    family: id,
    familyTitle: family.title,
    order,
    slots,
    channels,
    tying,
    parameters: family.parameters(layer.site, order),
    facts,
    hyper: hyperSummaries(layer),
    ...(untying === undefined
      ? {}
      : {
          untying: {
            setting: untying.setting,
            value: untying.value,
            description: untying.description,
          },
        }),
  };
}
