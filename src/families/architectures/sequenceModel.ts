import type { LayerNormOp, BatchNormOp, Op } from '../../core/network/network';
import type { TensorInfo } from '../../formats/tensor';
import type { LayerSite } from '../family';
import type { HyperValues } from '../hyperParameters';
import type { Architecture, NetworkPlan } from './architecture';
import { activationChoice, activationOf, pooling, poolingOps } from './choices';
import { encoder } from './encoder';
import { mixing } from './mixing';
import { unexpected, type Parts } from './parts';
import { siteOfBlock } from './siteOfBlock';

/**
 * The `SequenceModel` backbone of the s4 repository and of those derived from it (dss, dlr), with its encoder and
 * decoder: `encoder.0`, residual blocks `model.layers.i` of `layer` and `norm.norm`, `decoder.0.output_transform`. A norm
 * after the last block (`model.norm.norm`) is there exactly where the blocks are pre-norm. Running statistics tell batch
 * from layer norm.
 */
export const sequenceModel: Architecture = {
  id: 'sequence-model',
  title: 'the SequenceModel backbone of s4, dss and dlr',
  plan,
};

/** PyTorch's default, which the backbone leaves as it is. */
const epsilon = 1e-5;
const blockName = /(^|\.)model\.layers\.(\d+)\.layer\./;

function plan(
  tensors: ReadonlyMap<string, TensorInfo>,
  sites: readonly LayerSite[],
): NetworkPlan | undefined {
  const root = rootOf(sites);
  if (root === undefined || !tensors.has(`${root}decoder.0.output_transform.weight`)) {
    return undefined;
  }
  return {
    hyperParameters: [pooling, ...activationChoice(sites)],
    layOut: (parts, hyper) => layOut(parts, hyper, root, sites),
  };
}

/** What stands before `model.layers.0` in the names. */
function rootOf(sites: readonly LayerSite[]): string | undefined {
  for (const name of Object.values(sites[0]?.tensors ?? {})) {
    const found = blockName.exec(name);
    if (found !== null) return name.slice(0, found.index) + found[1];
  }
  return undefined;
}

function layOut(
  parts: Parts,
  hyper: HyperValues,
  root: string,
  sites: readonly LayerSite[],
): ReturnType<NetworkPlan['layOut']> {
  const [, width] = parts.shape(`${root}decoder.0.output_transform.weight`);
  const { input, op } = encoder(parts, `${root}encoder.0`, width);
  const last = norm(parts, `${root}model.norm.norm`, width);
  const blocks = sites.flatMap((_, i) =>
    block(
      parts,
      hyper,
      { prefix: `${root}model.layers.${i}`, prenorm: last.length > 0, width },
      sites,
    ),
  );
  const decoder = parts.linear(`${root}decoder.0.output_transform`, 'decoder', { inputs: width });
  return { input, ops: [op, ...blocks, ...last, ...poolingOps(hyper), decoder] };
}

interface Block {
  readonly prefix: string;
  readonly prenorm: boolean;
  readonly width: number;
}

function block(
  parts: Parts,
  hyper: HyperValues,
  { prefix, prenorm, width }: Block,
  sites: readonly LayerSite[],
): Op[] {
  const site = siteOfBlock(sites, `${prefix}.layer.`);
  if (site === undefined) throw unexpected(`${prefix} is no state-space layer.`);
  const { op, outputs } = parts.stateSpace(site, width, 'shifted');
  const after = mixing(parts, `${prefix}.layer`, outputs, width, activationOf(hyper));
  const norms = norm(parts, `${prefix}.norm.norm`, width);
  return prenorm
    ? [{ kind: 'residual', body: [...norms, op, ...after] }]
    : [{ kind: 'residual', body: [op, ...after] }, ...norms];
}

/** The norm at a prefix; none where there are no tensors of one. */
function norm(parts: Parts, prefix: string, width: number): (LayerNormOp | BatchNormOp)[] {
  if (parts.has(`${prefix}.running_mean`)) return [parts.batchNorm(prefix, width, epsilon)];
  return parts.has(`${prefix}.weight`) ? [parts.layerNorm(prefix, width, epsilon)] : [];
}
