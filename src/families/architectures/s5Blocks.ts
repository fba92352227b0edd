import type { NetworkInput, Op } from '../../core/network/network';
import type { LayerSite } from '../family';
import type { HyperValues } from '../hyperParameters';
import type { Architecture, NetworkPlan } from './architecture';
import { pooling, poolingOps } from './choices';
import { encoder } from './encoder';
import { unexpected, type Parts } from './parts';
import { siteOfBlock } from './siteOfBlock';

/**
 * A stack of `S5Block` of the s5-pytorch package, numbered below one name, alone or between a linear `encoder` (or an
 * embedding) and a linear `decoder`. A block adds to what its norms give, not to what they take.
 */
export const s5Blocks: Architecture = {
  id: 's5-blocks',
  title: 'a stack of S5Block (s5-pytorch)',
  plan(_, sites): NetworkPlan | undefined {
    const stem = stemOf(sites);
    if (stem === undefined) return undefined;
    return {
      hyperParameters: [pooling],
      layOut: (parts, hyper) => layOut(parts, hyper, stem, sites),
    };
  },
};

const epsilon = 1e-5;

/** `layers.` where the first layer is `layers.0.s5`. */
function stemOf(sites: readonly LayerSite[]): string | undefined {
  for (const name of Object.values(sites[0]?.tensors ?? {})) {
    const found = /^(.*\.|)\d+\.s5\.seq\./.exec(name);
    if (found !== null) return found[1];
  }
  return undefined;
}

function layOut(
  parts: Parts,
  hyper: HyperValues,
  stem: string,
  sites: readonly LayerSite[],
): ReturnType<NetworkPlan['layOut']> {
  const width = parts.shape(`${stem}0.attn_norm.weight`).at(0);
  if (width === undefined) throw unexpected(`There is no tensor ${stem}0.attn_norm.weight.`);
  const root = stem.replace(/[^.]*\.$/, '');
  const first = start(parts, root, width);
  const blocks = sites.flatMap((_, i) => block(parts, `${stem}${i}`, sites, width));
  const last = parts.has(`${root}decoder.weight`)
    ? [parts.linear(`${root}decoder`, 'decoder', { inputs: width })]
    : [];
  return { input: first.input, ops: [...first.ops, ...blocks, ...poolingOps(hyper), ...last] };
}

function start(parts: Parts, root: string, width: number): { input: NetworkInput; ops: Op[] } {
  if (!parts.has(`${root}encoder.weight`)) return { input: { kind: 'values', width }, ops: [] };
  const { input, op } = encoder(parts, `${root}encoder`, width);
  return { input, ops: [op] };
}

function block(parts: Parts, prefix: string, sites: readonly LayerSite[], width: number): Op[] {
  const site = siteOfBlock(sites, `${prefix}.s5.`);
  if (site === undefined) throw unexpected(`There is no state-space layer ${prefix}.s5.`);
  const norm = parts.layerNorm(`${prefix}.attn_norm`, width, epsilon);
  const { op } = parts.stateSpace(site, width, 'unshifted');
  const up = parts.linear(`${prefix}.ff_enc`, 'feed-forward', { inputs: width });
  const [, inner] = parts.shape(`${prefix}.ff_dec.weight`);
  const down = parts.linear(`${prefix}.ff_dec`, 'feed-forward', { outputs: width });
  const gated: Op[] =
    up.outputs === 2 * inner ? [{ kind: 'glu', activation: 'gelu', gate: 'second' }] : [];
  if (gated.length === 0 && up.outputs !== inner) {
    throw unexpected(`${prefix}.ff_dec takes ${inner} features and ff_enc gives ${up.outputs}.`);
  }
  return [
    norm,
    { kind: 'residual', body: [op, { kind: 'activation', activation: 'gelu' }] },
    parts.layerNorm(`${prefix}.ff_norm`, width, epsilon),
    { kind: 'residual', body: [up, ...gated, down] },
  ];
}
