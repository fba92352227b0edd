import { SsmError, throwIfCancelled } from '../core/errors';
import type { Checkpoint } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import type { LayerFigures, LayerFiguresParams } from '../protocol/inspection';
import { openInput } from './checkpointInput';
import type { Engine } from './engine';
import { evidenceOf, hyperOf, settleLayers, type SettledLayer } from './hyper';
import { layersOf } from './inspect';
import type { Figures } from './layerCharts/figures';
import { networkParameters } from './networkParameters';
import { recordedHorizon } from './settings';
import { readSidecars } from './sidecars';
import { startEngine } from './threadPool';
import { withEngine } from './withEngine';

export interface LayerFiguresOptions {
  readonly signal?: AbortSignal;
  /** Hears the share of the layers that are done. */
  readonly onProgress?: (fraction: number) => void;
  /** Brings up what computes; by default one thread, which can be stopped in the midst of its work. */
  readonly startEngine?: () => Promise<Engine>;
}

/**
 * The h² norm over the file's horizon and the slowest mode of layers, in the order asked for.
 * @throws SsmError where the file cannot be opened, or `cancelled`; what concerns one layer is in its place in the answer
 */
export async function layerFigures(
  { file, layers: names, answers, fields }: LayerFiguresParams,
  { signal, onProgress, startEngine: start = () => startEngine(1) }: LayerFiguresOptions = {},
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
    return await withEngine(start, signal, async (engine) => {
      const compute = (layer: SettledLayer): Promise<Figures> =>
        figuresIn(engine, checkpoint, layer, steps, signal);
      const found: LayerFigures[] = [];
      for (const name of names) {
        found.push(await figuresOrFault(name, layers.get(name), compute));
        onProgress?.(found.length / names.length);
        throwIfCancelled(signal);
      }
      return found;
    });
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(file) : error;
  } finally {
    await source.close();
  }
}

async function figuresOrFault(
  name: string,
  layer: SettledLayer | undefined,
  compute: (layer: SettledLayer) => Promise<Figures>,
): Promise<LayerFigures> {
  if (layer === undefined) return { name, fault: 'The file has no such layer.' };
  const open = layer.resolution.open.map(({ parameter }) => parameter.title);
  if (open.length > 0) return { name, fault: `Not known: ${open.join(', ')}.` };
  try {
    return { name, ...(await compute(layer)) };
  } catch (error) {
    const ofLayer = SsmError.is(error) && !['cancelled', 'worker-lost'].includes(error.reason);
    if (!ofLayer) throw error;
    return { name, fault: error.message };
  }
}

async function figuresIn(
  engine: Engine,
  checkpoint: Checkpoint,
  layer: SettledLayer,
  horizon: number,
  signal: AbortSignal | undefined,
): Promise<Figures> {
  const values = new Map<string, TensorValues>();
  for (const tensor of Object.values(layer.site.tensors)) {
    values.set(tensor, await checkpoint.readTensor(tensor, signal));
  }
  return engine.run('figures', { site: layer.site, values, hyper: hyperOf(layer), horizon });
}
