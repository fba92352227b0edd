import {
  firstOrderChanges,
  measuredChanges,
  type LayerChoices,
} from '../../core/allocate/outputChanges';
import { forward } from '../../core/network/forward';
import type { Network } from '../../core/network/network';
import type { Sequence } from '../../core/network/program';

/** What the options of every layer change in the output, summed over sequences. */
export interface Weighed {
  /** Squared norms by layer and option. */
  readonly squares: readonly Float64Array[];
  /** Of the output itself. */
  readonly output: number;
}

/** What computing threads do to share orders out. */
export interface AllocateTasks {
  weigh: {
    input: {
      readonly original: Network;
      readonly choices: LayerChoices;
      readonly sequences: readonly Sequence[];
      readonly by: 'measured' | 'first-order';
    };
    output: Weighed;
  };
}

export const allocateRunner: {
  readonly [K in keyof AllocateTasks]: (
    input: AllocateTasks[K]['input'],
  ) => AllocateTasks[K]['output'];
} = {
  weigh: ({ original, choices, sequences, by }) => {
    const changes = by === 'measured' ? measuredChanges : firstOrderChanges;
    const all = sequences.map((sequence) => changes(original, choices, sequence));
    return { squares: all.reduce(addAll), output: outputSquares(original, sequences) };
  },
};

/** The sums of two lists of arrays. */
export function addAll(a: readonly Float64Array[], b: readonly Float64Array[]): Float64Array[] {
  return a.map((one, l) => one.map((value, i) => value + b[l][i]));
}

function outputSquares(original: Network, sequences: readonly Sequence[]): number {
  return sequences.reduce((sum, sequence) => {
    const { x, length } = forward(original, sequence);
    return sum + x.reduce((squares, value) => squares + value * value, 0) / length;
  }, 0);
}
