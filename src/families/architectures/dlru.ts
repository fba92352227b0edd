import type { Op } from '../../core/network/network';
import type { TensorInfo } from '../../formats/tensor';
import type { LayerSite } from '../family';
import type { Architecture, NetworkPlan } from './architecture';
import { unexpected, type Parts } from './parts';
import { siteOfBlock } from './siteOfBlock';

/**
 * DLRU of lru-reduction: `encoder`, pre-norm blocks `blocks.i` of `ln`, `lru` and `ff` (GELU and a GLU, or an MLP), and
 * `decoder`, with an output at every position.
 */
export const dlru: Architecture = {
  id: 'dlru',
  title: 'DLRU of lru-reduction',
  plan(
    tensors: ReadonlyMap<string, TensorInfo>,
    sites: readonly LayerSite[],
  ): NetworkPlan | undefined {
    const root = rootOf(sites);
    if (root === undefined) return undefined;
    const width = tensors.get(`${root}blocks.0.ln.weight`)?.shape[0];
    if (width === undefined) return undefined;
    return { hyperParameters: [], layOut: (parts) => layOut(parts, root, sites, width) };
  },
};

const epsilon = 1e-5;

/** What stands before `blocks.0.lru` in the names. */
function rootOf(sites: readonly LayerSite[]): string | undefined {
  for (const name of Object.values(sites[0]?.tensors ?? {})) {
    const found = /(^|\.)blocks\.\d+\.lru\./.exec(name);
    if (found !== null) return name.slice(0, found.index) + found[1];
  }
  return undefined;
}

function layOut(
  parts: Parts,
  root: string,
  sites: readonly LayerSite[],
  width: number,
): ReturnType<NetworkPlan['layOut']> {
  const encoder = parts.linear(`${root}encoder`, 'encoder', { outputs: width });
  const blocks = sites.map((_, i): Op => {
    const prefix = `${root}blocks.${i}`;
    const site = siteOfBlock(sites, `${prefix}.lru.`);
    if (site === undefined) throw unexpected(`There is no state-space layer ${prefix}.lru.`);
    const norm = parts.layerNorm(`${prefix}.ln`, width, epsilon);
    const { op, outputs } = parts.stateSpace(site, width);
    return { kind: 'residual', body: [norm, op, ...feedForward(parts, `${prefix}.ff`, outputs)] };
  });
  const decoder = parts.linear(`${root}decoder`, 'decoder', { inputs: width });
  return {
    input: { kind: 'values', width: encoder.inputs },
    ops: [encoder, ...blocks, decoder],
  };
}

function feedForward(parts: Parts, prefix: string, width: number): Op[] {
  if (parts.has(`${prefix}.c_fc.weight`)) {
    const up = parts.linear(`${prefix}.c_fc`, 'mixing', { inputs: width });
    const down = parts.linear(`${prefix}.c_proj`, 'feed-forward', { inputs: up.outputs });
    return [up, { kind: 'activation', activation: 'gelu' }, down];
  }
  const sizes = { inputs: width, outputs: 2 * width };
  return [
    { kind: 'activation', activation: 'gelu' },
    parts.linear(`${prefix}.output_linear.0`, 'mixing', sizes),
    { kind: 'glu', activation: 'sigmoid', gate: 'second' },
  ];
}
