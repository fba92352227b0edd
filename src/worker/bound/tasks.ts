import { attribute, type Attribution } from '../../core/bound/attribution';
import { deepBound, type BoundOptions, type DeepBound } from '../../core/bound/deepBound';
import { layerGains } from '../../core/bound/layerGains';
import { observeBoth } from '../../core/bound/observeBoth';
import { normAbove } from '../../core/bound/rounding';
import type { Statistics } from '../../core/bound/statistics';
import type { Network } from '../../core/network/network';
import { programOf, type Sequence } from '../../core/network/program';

/** What one sequence tells of two networks. */
export interface Observation {
  readonly statistics: Statistics;
  /** Where it was asked for. */
  readonly attribution?: Attribution;
  /** The largest norm of an input row. */
  readonly inputRow: number;
}

/** The bounds of two networks with all evidence there is. */
export interface Bounds {
  readonly certified: DeepBound;
  readonly paper: DeepBound;
  readonly calibrated?: DeepBound;
}

/** What computing threads do for a bound. */
export interface BoundTasks {
  /** Runs sequences through both networks; measures the errors of the first `attributed` of them layer by layer. */
  observe: {
    input: {
      readonly original: Network;
      readonly reduced: Network;
      readonly sequences: readonly Sequence[];
      readonly attributed: number;
    };
    output: readonly Observation[];
  };
  deepBounds: {
    input: {
      readonly original: Network;
      readonly reduced: Network;
      readonly options: Pick<BoundOptions, 'length' | 'inputBound'>;
      readonly statistics?: Statistics;
    };
    output: Bounds;
  };
}

export const boundRunner: {
  readonly [K in keyof BoundTasks]: (input: BoundTasks[K]['input']) => BoundTasks[K]['output'];
} = {
  observe: ({ original, reduced, sequences, attributed }) => {
    const steps = programOf(original);
    return sequences.map((sequence, i) => ({
      statistics: observeBoth(original, steps, sequence, reduced),
      inputRow: largestRow(sequence),
      ...(i < attributed && { attribution: attribute(original, reduced, sequence) }),
    }));
  },

  deepBounds: ({ original, reduced, options, statistics }) => {
    const { length } = options;
    const gains = original.layers.map((layer, l) => layerGains(layer, reduced.layers[l], length));
    const bound = (further: Partial<BoundOptions>): DeepBound =>
      deepBound(original, reduced, { ...options, gains, ...further });
    return {
      certified: bound({}),
      paper: bound({ certificate: 'h2' }),
      ...(statistics && { calibrated: bound({ statistics }) }),
    };
  },
};

/** The largest norm of a row of a sequence. */
export function largestRow({ x, width, length }: Sequence): number {
  let most = 0;
  for (let t = 0; t < length; t++) {
    most = Math.max(most, normAbove(Array.from({ length: width }, (_, h) => x[h * length + t])));
  }
  return most;
}
