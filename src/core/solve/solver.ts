import type { ComplexVector } from '../linalg/complex';
import type { ModalBatch } from '../systems/modal';

/** The reduction methods a person can choose. `newton` is the recommended one (math: variable projection). */
export const solverIds = ['newton', 'algorithm1', 'balanced'] as const;
export type SolverId = (typeof solverIds)[number];

/** What is asked of a solver; the same for every system of the batch. */
export interface ReductionRequest {
  readonly solver: SolverId;
  /** Poles to keep per system, 1 … slots of the batch. */
  readonly slots: number;
  /** Length of the impulse response over which the h² error counts; an integer ≥ 1 or Infinity. */
  readonly horizon: number;
}

/** Why a solver stopped working on a system. */
export type StopReason = 'converged' | 'stalled' | 'iteration-limit' | 'no-descent' | 'exact';

/** How the reduction of one system went. */
export interface SolverTrace {
  /** Where the search began: `balanced`, `backward elimination`, `reflected balanced`, … */
  readonly start: string;
  readonly stop: StopReason;
  /** Squared h² error after each iteration, the start first. */
  readonly objective: readonly number[];
  /** Remarks: an unstable start replaced (and by what), slots merged, … */
  readonly notes: readonly string[];
}

/** One reduced system: log-poles and weights of the same kernel convention as the original, and how it was found. */
export interface ReducedSystem {
  readonly poles: ComplexVector;
  readonly weights: ComplexVector;
  readonly trace: SolverTrace;
}

/** Reduced systems in the order of the batch, with one trace a system. */
export interface ReductionResult {
  readonly reduced: ModalBatch;
  readonly traces: readonly SolverTrace[];
  /** Hankel singular values of each original real kernel over the horizon, descending, two for every slot. */
  readonly hankelSingularValues: readonly Float64Array[];
}
