import { normalFigure, normalQuantile, type Figure } from './figure';

/** The share of successes in n independent trials with Wilson's interval. */
export function proportion(successes: number, n: number): Figure {
  const z2 = normalQuantile ** 2;
  const share = successes / n;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const margin =
    (normalQuantile / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  // at the ends rounding must not push the share out of its own interval
  const low = Math.min(share, Math.max(0, centre - margin));
  return { value: share, low, high: Math.max(share, Math.min(1, centre + margin)) };
}

/**
 * The difference of two shares measured on the same n trials, second minus first, by Agresti and Min's interval (half a
 * trial added to each of the four outcomes), which does not collapse where both agree on all trials.
 *
 * @param lost trials that only the first won
 * @param won trials that only the second won
 */
export function pairedDifference(lost: number, won: number, n: number): Figure {
  const [b, c, m] = [lost + 0.5, won + 0.5, n + 2];
  const centre = (c - b) / m;
  const { low, high } = normalFigure(centre, Math.sqrt(b + c - (c - b) ** 2 / m) / m);
  return { value: (won - lost) / n, low: Math.max(-1, low), high: Math.min(1, high) };
}
