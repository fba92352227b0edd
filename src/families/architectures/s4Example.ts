import type { Op } from '../../core/network/network';
import type { TensorInfo } from '../../formats/tensor';
import type { LayerSite } from '../family';
import type { HyperValues } from '../hyperParameters';
import type { Architecture, NetworkPlan } from './architecture';
import { activationChoice, activationOf, pooling, poolingOps, prenorm } from './choices';
import { encoder } from './encoder';
import { mixing } from './mixing';
import { unexpected, type Parts } from './parts';
import { siteOfBlock } from './siteOfBlock';

/**
 * The model of state-spaces' `example.py`: `encoder`, residual blocks of `s4_layers.i` and the LayerNorm `norms.i`, mean
 * over the sequence, `decoder`. The layers are S4D of `s4d.py` or whole S4 blocks. A norm before the pooling (`norm`) is
 * no part of the original but a common addition to pre-norm models.
 */
export const s4Example: Architecture = {
  id: 's4-example',
  title: 'state-spaces example.py (S4Model)',
  plan,
};

const epsilon = 1e-5;

function plan(
  tensors: ReadonlyMap<string, TensorInfo>,
  sites: readonly LayerSite[],
): NetworkPlan | undefined {
  const root = rootOf(sites);
  if (root === undefined) return undefined;
  const width = tensors.get(`${root}norms.0.weight`)?.shape[0];
  if (width === undefined) return undefined;
  return {
    hyperParameters: [prenorm, pooling, ...activationChoice(sites)],
    layOut: (parts, hyper) => layOut(parts, hyper, root, sites, width),
  };
}

/** What stands before `s4_layers.0` in the names. */
function rootOf(sites: readonly LayerSite[]): string | undefined {
  for (const name of Object.values(sites[0]?.tensors ?? {})) {
    const at = name.search(/(^|\.)s4_layers\.\d+\./);
    if (at >= 0) return name.slice(0, name.indexOf('s4_layers.', at));
  }
  return undefined;
}

function layOut(
  parts: Parts,
  hyper: HyperValues,
  root: string,
  sites: readonly LayerSite[],
  width: number,
): ReturnType<NetworkPlan['layOut']> {
  const { input, op } = encoder(parts, `${root}encoder`, width);
  const blocks = sites.flatMap((_, i) => block(parts, hyper, root, sites, i, width));
  const finalNorm = parts.has(`${root}norm.weight`)
    ? [parts.layerNorm(`${root}norm`, width, epsilon)]
    : [];
  const decoder = parts.linear(`${root}decoder`, 'decoder', { inputs: width });
  return { input, ops: [op, ...blocks, ...finalNorm, ...poolingOps(hyper), decoder] };
}

function block(
  parts: Parts,
  hyper: HyperValues,
  root: string,
  sites: readonly LayerSite[],
  i: number,
  width: number,
): Op[] {
  const prefix = `${root}s4_layers.${i}`;
  const site = siteOfBlock(sites, `${prefix}.`);
  if (site === undefined) throw unexpected(`There is no state-space layer ${prefix}.`);
  const { op, outputs } = parts.stateSpace(site, width, 'shifted');
  const body: Op[] = [op, ...mixing(parts, prefix, outputs, width, activationOf(hyper))];
  const norm = parts.layerNorm(`${root}norms.${i}`, width, epsilon);
  return hyper.prenorm === 'true'
    ? [{ kind: 'residual', body: [norm, ...body] }]
    : [{ kind: 'residual', body }, norm];
}
