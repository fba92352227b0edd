import type { LayerFigures } from '../../src/protocol/inspection';
import type { LayerSummary } from '../../src/protocol/worker';
import type { Part } from '../ui/computation';
import type { CheckpointHost } from './view';

/** Layers with dense states: their poles have to be found first, in time cubic in the order. */
const dense = new Set<LayerSummary['family']>([
  's4v4-dplr',
  's4v3-nplr',
  's4v2-nplr',
  'annotated-s4',
]);

/** What is computed without being asked for: about a second on one core. */
const affordableCost = 4e6;
/** So much is asked for at once, so that figures come in by and by. */
const partCost = 8e6;
const partLayers = 250;

/** About the number of pairs of modes that the norms of a layer are sums over. */
function costOf({ family, channels, slots, tying }: LayerSummary): number {
  const systems = tying === 'independent' || tying === 'tied' ? channels : 1;
  const inputs = tying === 'mimo' || tying === 'lqo' ? channels : 1;
  return systems * slots * slots * (dense.has(family) ? 10 * slots : 1) + slots * slots * inputs;
}

/** Whether the figures of all layers are so quickly computed that nobody need be asked. */
export function affordable(layers: readonly LayerSummary[]): boolean {
  return layers.reduce((sum, layer) => sum + costOf(layer), 0) <= affordableCost;
}

/** The computation of the figures that are not known yet, a few layers at a time. */
export function figureParts(
  layers: readonly LayerSummary[],
  figures: Map<string, LayerFigures>,
  { ask }: CheckpointHost,
  onFigures: () => void,
): Part[] {
  const groups: { size: number; names: string[] }[] = [];
  for (const layer of layers.filter(({ name }) => !figures.has(name))) {
    const last = groups.at(-1);
    const size = costOf(layer);
    if (last === undefined || last.size + size > partCost || last.names.length >= partLayers) {
      groups.push({ size, names: [layer.name] });
    } else {
      last.size += size;
      last.names.push(layer.name);
    }
  }
  return groups.map(({ size, names }) => ({
    size,
    run: async (signal, onProgress) => {
      const found = await ask('layerFigures', { layers: names }, { signal, onProgress });
      for (const one of found) figures.set(one.name, one);
      onFigures();
    },
  }));
}
