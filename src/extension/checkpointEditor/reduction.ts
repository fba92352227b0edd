import * as path from 'node:path';
import type { CheckpointFacts, LayerFacts } from '../annotations/facts';
import type { LayerIndex } from '../annotations/layerIndex';
import type { KnownReduction, ReducedLayer } from '../../protocol/webview';

/** What is known of a compression of a checkpoint: the one that made it, or else the newest that began with it. */
export function reductionOf(index: LayerIndex, file: string): KnownReduction | undefined {
  const facts = factsFor(index, file);
  if (facts === undefined) return undefined;
  return {
    report: path.basename(facts.report),
    role: facts === index.ofResult(file) ? 'result' : 'source',
    stale: index.freshness(facts) === 'stale',
    layers: layersOf(facts),
  };
}

/** The facts of that compression. */
export function factsFor(index: LayerIndex, file: string): CheckpointFacts | undefined {
  return index.ofResult(file) ?? index.ofSource(file).at(0);
}

function layersOf({ layers }: CheckpointFacts): ReducedLayer[] {
  return layers.map((layer) => ({
    name: layer.name,
    orderBefore: layer.orderBefore,
    orderAfter: layer.orderAfter,
    relativeError: layer.relativeError,
    errorKind: layer.kind === 'certified' ? 'certified' : 'estimated',
    ...shareOf(layer),
  }));
}

function shareOf({ contribution, share }: LayerFacts): Pick<ReducedLayer, 'share' | 'shareOf'> {
  if (contribution !== undefined) {
    return { share: contribution.share, shareOf: contribution.evidence };
  }
  return { ...(share === undefined ? {} : { share }), shareOf: 'h2' };
}
