import type { LayerSystems } from '../core/systems/layer';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import type { HyperParameter, HyperValues } from './hyperParameters';

export type FamilyId =
  | 's4v4-dplr'
  | 's4v4-diagonal'
  | 's4v4-real'
  | 's4v4-ema'
  | 'annotated-s4'
  | 'annotated-s4d'
  | 'annotated-dss'
  | 's4v3-nplr'
  | 's4v3-diagonal'
  | 'h3'
  | 's4v2-nplr'
  | 's4d-minimal'
  | 'dss'
  | 'dlr'
  | 'lru'
  | 's5-torch'
  | 's5-flax'
  | 'mega'
  | 'lqo';

/** How the systems of a layer share poles; a reduction keeps it, since the original code needs it to load the result. */
export type Tying = LayerSystems['kind'];

/** One state-space layer as recognised from names and shapes alone, before any value is read. */
export interface LayerSite {
  readonly family: FamilyId;
  /** The common prefix of its tensors without the family's own part: `model.s4_layers.0`. Unique in the file. */
  readonly name: string;
  /** In the unit of the model's own setting (`d_state`). */
  readonly order: number;
  /** Poles stored per system. */
  readonly slots: number;
  /** Number of kernels (single-input single-output), or of inputs where tying is `mimo` or `lqo`. */
  readonly channels: number;
  readonly tying: Tying;
  /** The layer's tensors by role, in the family's own words: `{ C: 'model.s4_layers.0.kernel.C', … }`. */
  readonly tensors: Readonly<Record<string, string>>;
  /** The tensor of the skip weights D, where the layer has one; not among `tensors`, since the reduction leaves it. */
  readonly skip?: string;
  /** Facts that names and shapes tell and that a person may want to see: `version: 'v3'`, `bidirectional: 'yes'`. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Further sizes that the family needs to count parameters, in its own words: `{ outputs: 12 }`. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/**
 * That a layer whose channels share poles can be stored with poles of its own for each, by a value of the original
 * code's configuration.
 */
export interface Untying {
  /** The setting to change, and what to: `n_ssm`, 64. */
  readonly setting: string;
  readonly value: number;
  /** One sentence for a person: what it changes. */
  readonly description: string;
  /** The layer as it is stored then, at the order that it has. */
  readonly site: LayerSite;
  /** Its tensors' values with the shared ones repeated: the layer computes what it did. */
  apply(values: ReadonlyMap<string, TensorValues>): Map<string, TensorValues>;
}

/** A way of storing layers: tensors to systems and back. One file a family; `recognise.ts` picks. */
export interface Family {
  readonly id: FamilyId;
  readonly title: string;
  /** Names under which models record the order in their hyper-parameters, e.g. `d_state`. */
  readonly orderSettings: readonly string[];
  /** What the tensors of a layer do not tell; `read` and `write` need a value for each. */
  hyperParameters?(site: LayerSite): readonly HyperParameter[];
  /**
   * Why these values cannot be meant, as a clause (`the kernel does not decay`), where `read` does not throw for them
   * already; undefined where they can. Shown in the question, decides nothing.
   */
  implausible?(
    site: LayerSite,
    values: ReadonlyMap<string, TensorValues>,
    hyper: HyperValues,
  ): string | undefined;
  /** How to give each channel poles of its own; undefined where the original code cannot or the layer has them. */
  untie?(site: LayerSite): Untying | undefined;
  /** The smallest order the original class can be built with. */
  readonly smallestOrder: number;
  /** The layers of this family among the tensors, in file order. */
  recognise(tensors: ReadonlyMap<string, TensorInfo>): LayerSite[];
  /** Slots stored for an order. Throws `bad-request` with the reason where the family has no such order. */
  slotsForOrder(order: number): number;
  orderForSlots(slots: number): number;
  /** Number of real parameters (as PyTorch counts elements; pairs count 2) of the layer at an order. */
  parameters(site: LayerSite, order: number): number;
  /** The layer's systems from its tensors' values. Throws `bad-parameters` or `unstable` naming the tensor. */
  read(
    site: LayerSite,
    values: ReadonlyMap<string, TensorValues>,
    hyper: HyperValues,
  ): LayerSystems;
  /**
   * The tensors that hold the reduced systems, in the names, layout and element type of the original.
   * Values are already rounded to that element type, so that reading them back gives the systems really stored.
   */
  write(
    site: LayerSite,
    reduced: LayerSystems,
    original: ReadonlyMap<string, TensorValues>,
    hyper: HyperValues,
  ): TensorEdit[];
}
