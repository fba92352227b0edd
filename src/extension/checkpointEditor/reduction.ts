import * as path from 'node:path';
import type { CheckpointFacts, LayerFacts } from '../annotations/facts';
import type { LayerIndex } from '../annotations/layerIndex';
import type { KnownReduction, ReducedLayer } from '../../protocol/webview';

/** What is known of a compression of a checkpoint: the one that made it, or else the newest that began with it. */
export function reductionOf(index: LayerIndex, file: string): KnownReduction | undefined {
  const result = index.ofResult(file);
  const facts = result ?? index.ofSource(file).at(0);
  if (facts === undefined) return undefined;
  return {
    report: path.basename(facts.report),
    role: result === undefined ? 'source' : 'result',
    stale: index.freshness(facts) === 'stale',
    layers: layersOf(facts),
  };
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
