import { uniform } from '../random';
import type { Figure } from './figure';

const resamples = 1000;

/**
 * sqrt(sum of numerators / sum of denominators) over independent samples, e.g. a relative error over sequences. The
 * interval is that of the percentile bootstrap; the seed is fixed, so that it is the same every time. A sum of
 * denominators of 0 gives 0 where the numerators are 0, too, else infinity.
 */
export function rootRatio(numerators: Float64Array, denominators: Float64Array, seed = 1): Figure {
  const n = numerators.length;
  const next = uniform(seed);
  const values = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let [a, b] = [0, 0];
    for (let i = 0; i < n; i++) {
      const j = Math.floor(next() * n);
      a += numerators[j];
      b += denominators[j];
    }
    values[r] = root(a, b);
  }
  values.sort();
  return {
    value: root(sum(numerators), sum(denominators)),
    low: quantile(values, 0.025),
    high: quantile(values, 0.975),
  };
}

function root(a: number, b: number): number {
  return a === 0 ? 0 : Math.sqrt(a / b);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** By linear interpolation between the sorted values. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const [lower, upper] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return lower === upper ? lower : lower + (at - Math.floor(at)) * (upper - lower);
}
