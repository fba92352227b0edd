import { SsmError } from '../../core/errors';
import type { LayerSystems } from '../../core/systems/layer';
import type { Family, LayerSite } from '../../families/family';
import { familyOf } from '../../families/recognise';
import type { TensorValues } from '../../formats/tensor';
import type { LayerChartsParams } from '../../protocol/layerCharts';
import { openInput } from '../checkpointInput';
import { assertSettled, evidenceOf, hyperOf, settleLayers } from '../hyper';
import { layersOf } from '../inspect';
import { networkParameters } from '../networkParameters';
import { countParameters } from '../orders';
import { recordedHorizon } from '../settings';
import { readSidecars } from '../sidecars';

/** One layer of a checkpoint, as the network computes with it. */
export interface OpenedLayer {
  readonly family: Family;
  readonly site: LayerSite;
  readonly systems: LayerSystems;
  /** Steps that the file tells of its sequences, or the usual ones. */
  readonly horizon: number;
  /** Of the whole model. */
  readonly parameters: number;
}

/**
 * Reads the tensors of one layer, and nothing else of the file but its header.
 *
 * @throws SsmError with the file: `bad-request` where it has no such layer or a question about it is open
 */
export async function openLayer(
  { file, layer: name, answers, fields }: Omit<LayerChartsParams, 'report' | 'channel'>,
  signal?: AbortSignal,
): Promise<OpenedLayer> {
  const source = await openInput(file);
  try {
    const checkpoint = await source.checkpoint(signal, fields === undefined ? {} : { fields });
    const sidecars = await readSidecars(file, signal);
    const sites = layersOf(checkpoint);
    const evidence = evidenceOf(checkpoint, sidecars, answers);
    const settled = settleLayers(sites, evidence, networkParameters(checkpoint, sites));
    const layer = settled.find(({ site }) => site.name === name);
    if (layer === undefined) {
      throw new SsmError('bad-request', `There is no layer ${name} in this file.`);
    }
    assertSettled([layer]);
    const values = new Map<string, TensorValues>();
    for (const tensor of Object.values(layer.site.tensors)) {
      values.set(tensor, await checkpoint.readTensor(tensor, signal));
    }
    const family = familyOf(layer.site.family);
    return {
      family,
      site: layer.site,
      systems: family.read(layer.site, values, hyperOf(layer)),
      horizon: recordedHorizon(checkpoint.settings, sidecars.configurations).steps,
      parameters: countParameters(checkpoint.tensors),
    };
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(file) : error;
  } finally {
    await source.close();
  }
}
