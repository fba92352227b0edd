import type { ModalBatch } from '../core/systems/modal';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';

export type FamilyId = 's4d-minimal';

/** How the systems of a layer share poles; a reduction keeps it, since the original code needs it to load the result. */
export type Tying = 'independent' | 'tied' | 'mimo';

/** One state-space layer as recognised from names and shapes alone, before any value is read. */
export interface LayerSite {
  readonly family: FamilyId;
  /** The common prefix of its tensors without the family's own part: `model.s4_layers.0`. Unique in the file. */
  readonly name: string;
  /** In the unit of the model's own setting (`d_state`). */
  readonly order: number;
  /** Poles stored per system. */
  readonly slots: number;
  /** Number of systems. */
  readonly channels: number;
  readonly tying: Tying;
  /** The layer's tensors by role, in the family's own words: `{ C: 'model.s4_layers.0.kernel.C', … }`. */
  readonly tensors: Readonly<Record<string, string>>;
}

/** A way of storing layers: tensors to systems and back. One file a family; `recognise.ts` picks. */
export interface Family {
  readonly id: FamilyId;
  readonly title: string;
  /** Names under which models record the order in their hyper-parameters, e.g. `d_state`. */
  readonly orderSettings: readonly string[];
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
  read(site: LayerSite, values: ReadonlyMap<string, TensorValues>): ModalBatch;
  /**
   * The tensors that hold the reduced systems, in the names, layout and element type of the original.
   * Values are already rounded to that element type, so that reading them back gives the systems really stored.
   */
  write(
    site: LayerSite,
    reduced: ModalBatch,
    original: ReadonlyMap<string, TensorValues>,
  ): TensorEdit[];
}
