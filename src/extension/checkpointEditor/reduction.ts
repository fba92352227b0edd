import * as path from 'node:path';
import type { CheckpointFacts, LayerFacts } from '../annotations/facts';
import type { LayerIndex } from '../annotations/layerIndex';
import type { KnownReduction, ReducedLayer } from '../../protocol/webview';

/** A page can choose among so many; older ones are in the sidebar. */
const mostReductions = 12;

/** What is known of compressions of a checkpoint: the one that made it, then those that began with it, newest first. */
export function reductionsOf(index: LayerIndex, file: string): KnownReduction[] {
  return knownFacts(index, file).map((facts) => ({
    path: facts.report,
    report: path.basename(facts.report),
    result: path.basename(facts.result),
    role: facts === index.ofResult(file) ? 'result' : 'source',
    stale: index.freshness(facts) === 'stale',
    layers: layersOf(facts),
  }));
}

/** The facts of the one of them whose report it is; of the first where it is none of theirs. */
export function factsFor(
  index: LayerIndex,
  file: string,
  report: string | undefined,
): CheckpointFacts | undefined {
  const known = knownFacts(index, file);
  return known.find((facts) => facts.report === report) ?? known.at(0);
}

function knownFacts(index: LayerIndex, file: string): CheckpointFacts[] {
  const own = index.ofResult(file);
  const begun = index.ofSource(file).filter((facts) => facts !== own);
  return [...(own === undefined ? [] : [own]), ...begun].slice(0, mostReductions);
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
