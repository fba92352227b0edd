import { SsmError } from '../../core/errors';
import { shuffled } from '../../core/random';

/** Indices of the sequences to fit to and of those to judge by, each ascending. */
export interface Split {
  readonly calibration: readonly number[];
  readonly heldOut: readonly number[];
}

/**
 * Splits sequences by chance, the same way for the same seed: what is fitted is never judged by what it was fitted to.
 *
 * @param count of all sequences
 * @param calibration how many to fit to; by default half of them, but no more than 128
 * @throws SsmError `bad-request` where either part would have fewer than two
 */
export function splitSamples(
  count: number,
  { calibration = Math.min(128, Math.floor(count / 2)), seed = 0 } = {},
): Split {
  if (count < 4) {
    throw new SsmError(
      'bad-request',
      `${count === 1 ? 'One sequence' : `${count} sequences`} cannot be split into a part to calibrate with and a part to judge by; at least 4 are needed.`,
    );
  }
  if (calibration < 2 || count - calibration < 2) {
    throw new SsmError(
      'bad-request',
      `Of ${count} sequences ${calibration} cannot be used to calibrate with: each part needs at least 2.`,
    );
  }
  const order = shuffled(count, seed);
  const ascending = (part: number[]): number[] => part.sort((a, b) => a - b);
  return {
    calibration: ascending(order.slice(0, calibration)),
    heldOut: ascending(order.slice(calibration)),
  };
}
