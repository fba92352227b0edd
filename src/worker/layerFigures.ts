import { setImmediate } from 'node:timers/promises';
import { SsmError, throwIfCancelled } from '../core/errors';
import { lqoNormBounds } from '../core/norms/certifiedLqo';
import { realNormBounds } from '../core/norms/certifiedMimo';
import { asDiagonal } from '../core/systems/diagonal';
import { hasKernels, kernelBatch, slotCount } from '../core/systems/kernels';
import type { LayerSystems } from '../core/systems/layer';
import { systemOf } from '../core/systems/modal';
import { familyOf } from '../families/recognise';
import type { Checkpoint } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import type { LayerFigures, LayerFiguresParams } from '../protocol/inspection';
import { openInput } from './checkpointInput';
import { evidenceOf, hyperOf, settleLayers, type SettledLayer } from './hyper';
import { layersOf } from './inspect';
import { networkParameters } from './networkParameters';
import { recordedHorizon } from './settings';
import { readSidecars } from './sidecars';

/**
 * The h² norm over the file's horizon and the slowest mode of layers, in the order asked for.
 *
 * @param onProgress hears the share of the layers that are done
 * @throws SsmError where the file cannot be opened, or `cancelled`; what concerns one layer is in its place in the answer
 */
export async function layerFigures(
  { file, layers: names, answers, fields }: LayerFiguresParams,
  signal?: AbortSignal,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<LayerFigures[]> {
  const source = await openInput(file);
  try {
    const checkpoint = await source.checkpoint(signal, fields === undefined ? {} : { fields });
    const sidecars = await readSidecars(file, signal);
    const sites = layersOf(checkpoint);
    const evidence = evidenceOf(checkpoint, sidecars, answers);
    const settled = settleLayers(sites, evidence, networkParameters(checkpoint, sites));
    const layers = new Map(settled.map((layer) => [layer.site.name, layer]));
    const { steps } = recordedHorizon(checkpoint.settings, sidecars.configurations);
    const found: LayerFigures[] = [];
    for (const name of names) {
      const layer = layers.get(name);
      found.push(await figuresOrFault(checkpoint, layer, name, steps, signal));
      onProgress(found.length / names.length);
      await setImmediate(); // lets a cancel in
      throwIfCancelled(signal);
    }
    return found;
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(file) : error;
  } finally {
    await source.close();
  }
}

async function figuresOrFault(
  checkpoint: Checkpoint,
  layer: SettledLayer | undefined,
  name: string,
  horizon: number,
  signal: AbortSignal | undefined,
): Promise<LayerFigures> {
  if (layer === undefined) return { name, fault: 'The file has no such layer.' };
  const open = layer.resolution.open.map(({ parameter }) => parameter.title);
  if (open.length > 0) return { name, fault: `Not known: ${open.join(', ')}.` };
  try {
    const values = new Map<string, TensorValues>();
    for (const tensor of Object.values(layer.site.tensors)) {
      values.set(tensor, await checkpoint.readTensor(tensor, signal));
    }
    const systems = familyOf(layer.site.family).read(layer.site, values, hyperOf(layer));
    return { name, norm: normOf(systems, horizon), slowest: slowestOf(systems) };
  } catch (error) {
    const ofLayer = SsmError.is(error) && error.reason !== 'cancelled';
    if (!ofLayer) throw error;
    return { name, fault: error.message };
  }
}

/**
 * h² norm of a layer over the horizon, from above: the root of the sum of squares over its kernels, in closed form over
 * pairs of modes.
 */
export function normOf(systems: LayerSystems, horizon: number): number {
  if (systems.kind === 'mimo') return realNormBounds(systems.system, horizon).above;
  if (systems.kind === 'lqo') {
    const { linear, quadratic } = lqoNormBounds(systems.system, horizon);
    return Math.hypot(linear.above, quadratic.above);
  }
  const batch = kernelBatch(systems);
  let norm = 0;
  for (let kernel = 0; kernel < batch.count; kernel++) {
    norm = Math.hypot(norm, realNormBounds(asDiagonal(systemOf(batch, kernel)), horizon).above);
  }
  return norm;
}

/** Largest |λ| per step of all modes of a layer; 0 of none. */
export function slowestOf(systems: LayerSystems): number {
  if (slotCount(systems) === 0) return 0;
  const logModuli = hasKernels(systems) ? kernelBatch(systems).poleRe : systems.system.poles.re;
  return Math.exp(logModuli.reduce((most, value) => Math.max(most, value), -Infinity));
}
