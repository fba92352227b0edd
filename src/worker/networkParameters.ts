import { isRecognised, recogniseNetwork } from '../families/architectures/recogniseNetwork';
import type { LayerSite } from '../families/family';
import type { HyperParameter } from '../families/hyperParameters';
import type { Checkpoint } from '../formats/checkpoint';

/** What tensors do not tell of the network around the layers; none where it is not known. */
export function networkParameters(
  checkpoint: Pick<Checkpoint, 'tensors'>,
  sites: readonly LayerSite[],
): readonly HyperParameter[] {
  const tensors = checkpoint.tensors.filter(({ role }) => role === 'model');
  const recognised = recogniseNetwork(tensors, sites);
  return isRecognised(recognised) ? recognised.hyperParameters : [];
}
