import type { LayerSystems } from '../../core/systems/layer';
import type { Network, NetworkInput } from '../../core/network/network';
import type { TensorInfo, TensorValues } from '../../formats/tensor';
import type { LayerSite } from '../family';
import type { HyperParameter, HyperValues } from '../hyperParameters';
import type { Parts } from './parts';

export type ArchitectureId = 's4-example' | 'sequence-model' | 'dlru' | 's5-blocks';

/** A code base whose whole networks are known. One file an architecture; `recogniseNetwork.ts` picks. */
export interface Architecture {
  readonly id: ArchitectureId;
  readonly title: string;
  /** The plan of the network if the names are those of this code base, else undefined. */
  plan(
    tensors: ReadonlyMap<string, TensorInfo>,
    sites: readonly LayerSite[],
  ): NetworkPlan | undefined;
}

export interface NetworkPlan {
  /** What the names do not tell. */
  readonly hyperParameters: readonly HyperParameter[];
  /**
   * Lays the network out with the parts. Called once without values to see whether every tensor is there, has the
   * right shape and has a place, and again to build.
   */
  layOut(parts: Parts, hyper: HyperValues): Pick<Network, 'input' | 'ops'>;
}

/** A checkpoint whose whole network is known. */
export interface RecognisedNetwork {
  readonly architecture: ArchitectureId;
  readonly title: string;
  readonly input: NetworkInput;
  readonly hyperParameters: readonly HyperParameter[];
  /** The tensors whose values `build` needs, those of the layers' systems not among them. */
  readonly tensors: readonly string[];
  /**
   * The network.
   *
   * @param hyper a value for each of `hyperParameters`
   * @param values of `tensors`
   * @param systems of every layer, by the name of its site
   * @throws SsmError `bad-parameters` where a value is not finite
   */
  build(
    hyper: HyperValues,
    values: ReadonlyMap<string, TensorValues>,
    systems: ReadonlyMap<string, LayerSystems>,
  ): Network;
}

/** Why the network around the layers is not known, as a sentence for a person. */
export interface UnknownNetwork {
  readonly reason: string;
}
