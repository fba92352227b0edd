import type { ComplexVector } from '../linalg/complex';
import type { ModalBatch } from '../systems/modal';
import type { PaperHorizon } from './horizons';

/**
 * The reduction methods a person can choose, in the order in which they are offered. `newton` is the recommended one
 * (math: variable projection), `balanced` the fastest; the others are methods of the literature to compare with.
 */
export const solverIds = ['newton', 'balanced', 'algorithm1', 'irka', 'tf-irka'] as const;
export type SolverId = (typeof solverIds)[number];

/** What is asked of a solver; the same for every system of the batch. */
export interface ReductionRequest {
  readonly solver: SolverId;
  /** Poles to keep per system, 1 … slots of the batch. */
  readonly slots: number;
  /** Length of the impulse response over which the h² error counts; an integer ≥ 1 or Infinity. */
  readonly horizon: number;
  /**
   * Horizon of the continuous objective of `algorithm1`, `L Delta` if left out, where L is `horizon`. The other solvers
   * work on the discrete objective and take no notice.
   */
  readonly continuousHorizon?: PaperHorizon;
}

/** Why a solver stopped working on a system. */
export type StopReason = 'converged' | 'stalled' | 'iteration-limit' | 'no-descent' | 'exact';

/**
 * What the numbers of a trace are: the squared discrete h² error of the real response over the request's horizon, or
 * the squared H² error of the complex continuous systems over tau, ||G||² + f of arXiv 2507.10078.
 */
export const traceQuantities = ['discrete-h2', 'continuous-H2'] as const;
export type TraceQuantity = (typeof traceQuantities)[number];

/** How the reduction of one system went. */
export interface SolverTrace {
  /** Where the search began: `balanced`, `backward elimination`, `reflected balanced`, … */
  readonly start: string;
  readonly stop: StopReason;
  /**
   * `quantity` after each iteration, the start first. The result has the last value; with `irka` and `tf-irka`, which do
   * not fall monotonically, the least.
   */
  readonly objective: readonly number[];
  /** `discrete-h2` if left out. */
  readonly quantity?: TraceQuantity;
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
