import type { Network } from '../core/network/network';
import type { LayerSystems } from '../core/systems/layer';
import type { RecognisedNetwork } from '../families/architectures/architecture';
import type { LayerSite } from '../families/family';
import type { HyperValues } from '../families/hyperParameters';
import { familyOf } from '../families/recognise';
import type { Checkpoint } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';

/** The values of every hyper-parameter: of the network, and of each layer by its name. */
export interface NetworkHyper {
  readonly network: HyperValues;
  readonly layers: ReadonlyMap<string, HyperValues>;
}

/** Reads a recognised network: its layers' systems and the tensors around them. */
export async function loadNetwork(
  checkpoint: Checkpoint,
  recognised: RecognisedNetwork,
  sites: readonly LayerSite[],
  hyper: NetworkHyper,
  signal?: AbortSignal,
): Promise<Network> {
  const systems = new Map<string, LayerSystems>();
  for (const site of sites) {
    const values = await readTensors(checkpoint, Object.values(site.tensors), signal);
    const layerHyper = hyper.layers.get(site.name) ?? {};
    systems.set(site.name, familyOf(site.family).read(site, values, layerHyper));
  }
  const values = await readTensors(checkpoint, recognised.tensors, signal);
  return recognised.build(hyper.network, values, systems);
}

async function readTensors(
  checkpoint: Checkpoint,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, TensorValues>> {
  const values = new Map<string, TensorValues>();
  for (const name of names) values.set(name, await checkpoint.readTensor(name, signal));
  return values;
}
