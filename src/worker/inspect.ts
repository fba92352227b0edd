import { SsmError } from '../core/errors';
import type { LayerSite } from '../families/family';
import { familyOf, recogniseLayers } from '../families/recognise';
import type { Checkpoint } from '../formats/checkpoint';
import { openCheckpoint } from '../formats/open';
import type { CheckpointSummary, LayerSummary } from '../protocol/worker';
import { FileSource } from './fileSource';
import { countParameters, orderChoices } from './orders';
import { recordedHorizon } from './settings';

/** What the header of a checkpoint file tells. No tensor value is read. */
export async function inspectCheckpoint(
  file: string,
  signal?: AbortSignal,
): Promise<CheckpointSummary> {
  const source = await FileSource.open(file);
  try {
    return summarise(await openCheckpoint(source, signal), file, source.size);
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

/** The summary of an opened checkpoint. */
export function summarise(checkpoint: Checkpoint, path: string, bytes: number): CheckpointSummary {
  const { format, tensors, settings, notes } = checkpoint;
  const sites = layersOf(checkpoint);
  const parameters = countParameters(tensors);
  const { steps, from, note } = recordedHorizon(settings);
  return {
    path,
    bytes,
    format,
    tensors,
    layers: sites.map(summariseLayer),
    parameters,
    choices: orderChoices(parameters, sites, familyOf),
    settings,
    horizon: { steps, from },
    notes: [...notes, ...(note === undefined || sites.length === 0 ? [] : [note])],
  };
}

function summariseLayer(site: LayerSite): LayerSummary {
  const { name, family: id, order, slots, channels, tying } = site;
  const family = familyOf(id);
  return {
    name,
    family: id,
    familyTitle: family.title,
    order,
    slots,
    channels,
    tying,
    parameters: family.parameters(site, order),
  };
}
