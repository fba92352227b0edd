import { mapAt, type Movable } from '../../core/calibrate/refine/variables';
import type { Program } from '../../core/calibrate/stage';
import type { Step } from '../../core/network/program';
import type { LayerSystems } from '../../core/systems/layer';
import { changedParameter, replaceStep, withMap, type Draft } from './changes';
import { mapOf } from './maps';

/**
 * Puts what a refinement moved into the network under compression.
 *
 * @param store rounds systems to what is stored
 * @returns the layers' systems as they are stored
 */
export function placeRefined(
  draft: Draft,
  original: readonly Step[],
  { layers, skip, maps }: Movable,
  refined: Program,
  store: (layer: number, systems: LayerSystems) => LayerSystems = (_, systems) => systems,
): Map<number, LayerSystems> {
  const stored = new Map<number, LayerSystems>();
  for (const index of layers) {
    const layer = refined.layers[index];
    const systems = store(index, layer.systems);
    const weight =
      skip && layer.skip
        ? changedParameter(draft, layer.skip.weight, layer.skip.weight.values)
        : layer.skip?.weight;
    stored.set(index, systems);
    draft.layers[index] = {
      ...layer,
      systems,
      ...(layer.skip && weight && { skip: { ...layer.skip, weight } }),
    };
  }
  for (const at of maps) {
    const map = withMap(draft, mapAt(draft.steps, at), mapOf(mapAt(refined.steps, at)));
    replaceStep(draft, at, mapAt(original, at), map);
  }
  return stored;
}
