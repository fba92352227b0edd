import type { CheckpointFacts, LayerFacts } from './facts';
import type { SourceSite } from './scan/site';

/**
 * The layers that a site speaks of. Where one is built: those below the attribute that it is assigned to, or all where
 * no name has that part (the class itself, a helper). Where an order is set: those that had or have that order.
 */
export function layersAt(site: SourceSite, { layers }: CheckpointFacts): readonly LayerFacts[] {
  if (site.kind === 'order') {
    return layers.filter(
      ({ orderBefore, orderAfter }) => orderBefore === site.order || orderAfter === site.order,
    );
  }
  const { attribute } = site;
  if (attribute === undefined) return layers;
  const below = layers.filter(({ name }) => hasPart(name, attribute));
  return below.length > 0 ? below : layers;
}

/** Whether a part of a layer's path is this attribute: `layers` in `model.layers.0.ssm`, in Flax's `layers_0/seq`. */
export function hasPart(layer: string, attribute: string): boolean {
  return partsOf(layer).some((part) => part === attribute || withoutIndex(part) === attribute);
}

/** The parts of a layer's path that are names: `s4_layers` of `s4_layers.0`. */
export function namedParts(layer: string): string[] {
  return partsOf(layer).filter((part) => !/^\d*$/.test(part));
}

/** `layers` of `layers_0`, as Flax names the items of a list. */
export function withoutIndex(part: string): string {
  return part.replace(/_\d+$/, '');
}

function partsOf(layer: string): string[] {
  return layer.split(/[./]/);
}
