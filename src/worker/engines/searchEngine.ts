import type { SearchTargets } from '../../core/calibrate/searchTargets';
import type { ComplexVector } from '../../core/linalg/complex';
import type { ModalBatch } from '../../core/systems/modal';
import type { EngineDevice, SearchEngineId } from '../../protocol/engines';

/** Searches of independent systems for r log-poles each, from given starts. */
export interface SearchBatch {
  /** The systems, every one of h² norm 1. */
  readonly systems: ModalBatch;
  readonly horizon: number;
  readonly slots: number;
  /** Which system each search is for. */
  readonly systemOf: Int32Array;
  /** Reduced log-poles to begin with, `slots` a search. */
  readonly poleRe: Float64Array;
  readonly poleIm: Float64Array;
}

/** Searches by the h² error, and by the weighted error of calibrated layers. */
export type SearchKind = 'plain' | 'weighted';

/** Where the searches came to. Values are of single precision: what is reported, the processor computes anew. */
export interface SearchResult {
  readonly poleRe: Float64Array;
  readonly poleIm: Float64Array;
  /** Squared h² error over the squared norm. */
  readonly value: Float32Array;
}

/** Values and their derivatives in (log(-Re b), Im b), 2 `slots` a search, at the starts. */
export interface SearchDerivatives {
  readonly value: Float32Array;
  readonly gradient: Float32Array;
}

/** What the search of calibrated layers works with at given poles. */
export interface WeightedDerivatives extends SearchDerivatives {
  /** What the loss of each slot would cost, `slots` a target. */
  readonly costs: Float32Array;
  /** For each target the trial pole that lowers the error most: those for all come first, then each target's own. */
  readonly best: Int32Array;
  /** By how much it does. */
  readonly gain: Float32Array;
}

/**
 * Searches in single precision for minima of the h² error over reduced poles, many systems at once. Every engine does the
 * same: saddle-free Newton steps with the exact Hessian of the variable projection, as `newtonSearch` does in double.
 */
export interface SearchEngine {
  readonly id: SearchEngineId;
  readonly device: EngineDevice;
  /** @throws Error when the device is lost or out of memory */
  search(batch: SearchBatch, steps: number): Promise<SearchResult>;
  /** What the search works with at its starts; for the self-test. */
  derivatives(batch: SearchBatch): Promise<SearchDerivatives>;
  /** Searches for the poles of calibrated layers from starts of its own. */
  searchWeighted(targets: SearchTargets): Promise<SearchResult>;
  /** The weighted errors with reduced poles given, `slots` a target, and what to add or take out; for the self-test. */
  weightedDerivatives(targets: SearchTargets, poles: ComplexVector): Promise<WeightedDerivatives>;
  dispose(): Promise<void>;
}

/** Some of the searches of a batch. */
export function sliceSearches(batch: SearchBatch, from: number, to: number): SearchBatch {
  const { slots } = batch;
  return {
    ...batch,
    systemOf: batch.systemOf.slice(from, to),
    poleRe: batch.poleRe.slice(from * slots, to * slots),
    poleIm: batch.poleIm.slice(from * slots, to * slots),
  };
}

/** Relative ridge on the squared norm of each reduced mode: what single precision needs to solve for the weights. */
export const singleRidge = 3e-6;

/** Steps that an engine tries from every start; a few more than the processor needs, since some are tried in vain. */
export const searchSteps = 20;

/** Results of batches one after another. */
export function joinResults(parts: readonly SearchResult[]): SearchResult {
  return {
    poleRe: joinArrays(
      Float64Array,
      parts.map(({ poleRe }) => poleRe),
    ),
    poleIm: joinArrays(
      Float64Array,
      parts.map(({ poleIm }) => poleIm),
    ),
    value: joinArrays(
      Float32Array,
      parts.map(({ value }) => value),
    ),
  };
}

export function joinArrays<A extends Float64Array | Float32Array>(
  Kind: new (length: number) => A,
  parts: readonly A[],
): A {
  const whole = new Kind(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => {
    whole.set(part, at);
    return at + part.length;
  }, 0);
  return whole;
}
