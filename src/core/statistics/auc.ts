import { normalFigure, type Figure } from './figure';

/**
 * The area under the ROC curve of scores for two classes: the chance that a positive has a higher score than a negative,
 * ties counting half. Its interval is DeLong's, cut to [0, 1]. Undefined where a class has no sample.
 *
 * @param labels 1 for positives, 0 for negatives
 */
export function areaUnderCurve(scores: Float64Array, labels: Int32Array): Figure | undefined {
  const parts = components(scores, labels);
  if (parts === undefined) return undefined;
  const { low, high, value } = normalFigure(parts.area, Math.sqrt(variance(parts, parts)));
  return { value, low: Math.max(0, low), high: Math.min(1, high) };
}

/** The difference of the areas of two scores on the same samples, second minus first, with DeLong's interval. */
export function areaDifference(
  first: Float64Array,
  second: Float64Array,
  labels: Int32Array,
): Figure | undefined {
  const [a, b] = [components(first, labels), components(second, labels)];
  if (a === undefined || b === undefined) return undefined;
  const spread = variance(a, a) + variance(b, b) - 2 * variance(a, b);
  return normalFigure(b.area - a.area, Math.sqrt(Math.max(0, spread)));
}

/** DeLong's structural components: of each sample, the share of the other class that it is ranked rightly against. */
interface Components {
  readonly area: number;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

function components(scores: Float64Array, labels: Int32Array): Components | undefined {
  const of = (label: number): Float64Array => scores.filter((_, i) => labels[i] === label);
  const [positive, negative] = [of(1), of(0)];
  if (positive.length === 0 || negative.length === 0) return undefined;
  const below = [...negative].sort((a, b) => a - b);
  const above = [...positive].sort((a, b) => a - b);
  const positives = positive.map((score) => rank(below, score) / below.length);
  const negatives = negative.map((score) => 1 - rank(above, score) / above.length);
  const area = positives.reduce((sum, x) => sum + x, 0) / positives.length;
  return { area, positives, negatives };
}

/** How many of the ascending values lie below x, those equal to it counting half. */
function rank(ascending: readonly number[], x: number): number {
  return (firstWhere(ascending, (y) => y >= x) + firstWhere(ascending, (y) => y > x)) / 2;
}

function firstWhere(ascending: readonly number[], is: (y: number) => boolean): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(ascending[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The covariance of two areas. */
function variance(a: Components, b: Components): number {
  return (
    covariance(a.positives, a.area, b.positives, b.area) / a.positives.length +
    covariance(a.negatives, a.area, b.negatives, b.area) / a.negatives.length
  );
}

function covariance(x: Float64Array, meanX: number, y: Float64Array, meanY: number): number {
  if (x.length < 2) return 0;
  return x.reduce((sum, value, i) => sum + (value - meanX) * (y[i] - meanY), 0) / (x.length - 1);
}
