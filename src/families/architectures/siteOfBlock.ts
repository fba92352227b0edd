import type { LayerSite } from '../family';

/** The layer whose tensors all stand below a prefix (with its final dot). */
export function siteOfBlock(sites: readonly LayerSite[], prefix: string): LayerSite | undefined {
  return sites.find(({ tensors }) =>
    Object.values(tensors).every((name) => name.startsWith(prefix)),
  );
}
