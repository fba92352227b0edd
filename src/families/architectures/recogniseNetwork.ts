import { SsmError } from '../../core/errors';
import type { Network } from '../../core/network/network';
import type { TensorInfo } from '../../formats/tensor';
import type { LayerSite } from '../family';
import type { HyperParameter, HyperValues } from '../hyperParameters';
import type { Architecture, NetworkPlan, RecognisedNetwork, UnknownNetwork } from './architecture';
import { dlru } from './dlru';
import { createParts, unexpected, type Material, type Used } from './parts';
import { s4Example } from './s4Example';
import { s5Blocks } from './s5Blocks';
import { sequenceModel } from './sequenceModel';

/** Every code base known, in the order in which they are tried. */
const architectures: readonly Architecture[] = [s4Example, sequenceModel, dlru, s5Blocks];

/**
 * The whole network of a checkpoint, from names and shapes alone, or why it is not known. Every tensor of the model must
 * have its place in it: a tensor too many means that the code base was changed, and then nothing is guessed.
 *
 * @param tensors of the model, those of optimizers not among them
 * @param sites its layers, as `recogniseLayers` found them
 */
export function recogniseNetwork(
  tensors: readonly TensorInfo[],
  sites: readonly LayerSite[],
): RecognisedNetwork | UnknownNetwork {
  const infos = new Map(tensors.map((info) => [info.name, info]));
  if (sites.length === 0) return { reason: 'The checkpoint has no state-space layer.' };
  for (const architecture of architectures) {
    const plan = architecture.plan(infos, sites);
    if (plan === undefined) continue;
    try {
      return recognised(architecture, plan, infos, sites);
    } catch (error) {
      if (!SsmError.is(error) || error.reason !== 'unsupported-file') throw error;
      return { reason: `This looks like ${architecture.title}, but is not: ${error.message}` };
    }
  }
  return {
    reason:
      'The code base of the network around the layers is not known. Known are ' +
      `${architectures.map(({ title }) => title).join(', ')}.`,
  };
}

/** Whether a network was recognised. */
export function isRecognised(
  found: RecognisedNetwork | UnknownNetwork,
): found is RecognisedNetwork {
  return 'build' in found;
}

function recognised(
  { id, title }: Architecture,
  plan: NetworkPlan,
  infos: ReadonlyMap<string, TensorInfo>,
  sites: readonly LayerSite[],
): RecognisedNetwork {
  const { used, input } = layOut(plan, { infos }, anyValues(plan.hyperParameters));
  requireComplete(used, infos, sites);
  return {
    architecture: id,
    title,
    input,
    hyperParameters: plan.hyperParameters,
    tensors: [...used.tensors],
    build(hyper, values, systems) {
      const laid = layOut(plan, { infos, values, systems }, hyper);
      const layers = laid.used.layers.map((layer) => {
        const found = systems.get(layer.name);
        if (found === undefined) throw new SsmError('internal', `No systems of ${layer.name}.`);
        return { ...layer, systems: found };
      });
      return { input: laid.input, ops: laid.ops, layers };
    },
  };
}

function layOut(
  plan: NetworkPlan,
  material: Material,
  hyper: HyperValues,
): Pick<Network, 'input' | 'ops'> & { readonly used: Used } {
  const parts = createParts(material);
  return { ...plan.layOut(parts, hyper), used: parts.used };
}

/** Some value for each: which tensors there are does not depend on them. */
function anyValues(parameters: readonly HyperParameter[]): HyperValues {
  return Object.fromEntries(
    parameters.map(({ name, usual, options }) => [name, usual ?? options.at(0)?.value ?? '1']),
  );
}

function requireComplete(
  used: Used,
  infos: ReadonlyMap<string, TensorInfo>,
  sites: readonly LayerSite[],
): void {
  const placed = new Set(used.layers.map(({ name }) => name));
  const lost = sites.find(({ name }) => !placed.has(name));
  if (lost !== undefined) throw unexpected(`layer ${lost.name} has no place in it.`);
  const known = new Set(used.tensors);
  for (const site of sites) Object.values(site.tensors).forEach((name) => known.add(name));
  const extra = [...infos.keys()].filter((name) => !known.has(name) && !isCounter(name));
  if (extra.length === 0) return;
  const shown = extra.slice(0, 3).join(', ') + (extra.length > 3 ? ', …' : '');
  throw unexpected(`${extra.length} tensors have no place in it (${shown}).`);
}

/** Counters that computing never looks at. */
function isCounter(name: string): boolean {
  return name.endsWith('.num_batches_tracked');
}
