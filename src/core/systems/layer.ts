import type { DiagonalSystem } from './diagonal';
import type { LqoSystem } from './lqo';
import type { ModalBatch } from './modal';
import type { TiedSystem } from './tied';

/**
 * The linear systems of one layer, exactly as the network convolves with them, and how they share their poles. A
 * reduction keeps the kind, since the original code needs it to load the result.
 */
export type LayerSystems = IndependentSystems | TiedSystems | MimoSystem | LqoLayer;

/** One pole set a kernel. Kernel c * H + h leads from feature h to output channel c of it. */
export interface IndependentSystems {
  readonly kind: 'independent';
  readonly batch: ModalBatch;
  /** `real`: poles z in (0, 1) and real weights are all that the family can store (Mega's moving average). */
  readonly poles: 'complex' | 'real';
}

/** Kernels in groups, each with one pole set for all of its kernels. */
export interface TiedSystems {
  readonly kind: 'tied';
  readonly groups: readonly TiedGroup[];
}

export interface TiedGroup {
  /** Which kernels of the layer the rows of `system.weights` are; numbered as in `IndependentSystems`. */
  readonly kernels: Int32Array;
  readonly system: TiedSystem;
}

/**
 * One system with as many inputs and outputs as the layer has: k_t = Re(C diag(e^{a t}) B) with log-poles a. A layer
 * that runs in both directions has twice the outputs, those of the backward direction last.
 */
export interface MimoSystem {
  readonly kind: 'mimo';
  readonly system: DiagonalSystem;
}

/** A linear system with quadratic outputs, y = Re(C x + x^T M x), in discrete time with log-poles. */
export interface LqoLayer {
  readonly kind: 'lqo';
  readonly system: LqoSystem;
}
