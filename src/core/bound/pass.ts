import type { Network } from '../network/network';
import type { Step } from '../network/program';
import type { ErrorState } from './errorState';
import type { FactorBuilder } from './factors';
import type { LayerGains } from './layerGains';
import type { Reach } from './reach';
import type { Statistics, StepStatistics } from './statistics';

/** What one pass of a bound through two networks works with. */
export interface Pass {
  readonly original: Network;
  readonly reduced: Network;
  readonly steps: readonly Step[];
  readonly reducedSteps: readonly Step[];
  /** Positions, the most there are. */
  readonly length: number;
  readonly gains: readonly LayerGains[];
  readonly statistics: Statistics | undefined;
  /** The paper's certificate sqrt(L) h² for every layer, in the place of the best one. */
  readonly h2Only: boolean;
  /** The layer's error on the recorded inputs, where that was recorded, in the place of gains times energies. */
  readonly exactLocal: boolean;
  /** Every layer's error counts as unbounded: what holds without looking at them. */
  readonly blind: boolean;
  readonly factors: readonly FactorBuilder[];
}

/** Where the pass is: the signal's reach in both networks, and how far they are apart. */
export interface Moment {
  readonly width: number;
  readonly length: number;
  readonly reach: Reach;
  readonly reducedReach: Reach;
  readonly error: ErrorState;
  readonly kept: readonly Pick<Moment, 'reach' | 'reducedReach' | 'error'>[];
  /** The last layer met; -1 before the first. */
  readonly layer: number;
}

/** A step of both networks with what is recorded of it. */
export interface StepPair<S extends Step> {
  readonly op: S;
  readonly reduced: S;
  readonly recorded: StepStatistics | undefined;
}
