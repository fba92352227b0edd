/** A quantity over an axis, of one channel or how it spreads over several. */
export interface SpreadCurve {
  /** The value of the one channel, or the median over several. */
  readonly value: Float64Array;
  /** Over several channels: lower and upper quartile and the greatest. */
  readonly low?: Float64Array;
  readonly high?: Float64Array;
  readonly most?: Float64Array;
}

/** Median, quartiles (linear between order statistics) and greatest at each place; the rows are channels. */
export function spreadOf(rows: readonly Float64Array[]): SpreadCurve {
  if (rows.length === 1) return { value: rows[0] };
  const length = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const [value, low, high, most] = Array.from({ length: 4 }, () => new Float64Array(length));
  for (let i = 0; i < length; i++) {
    const sorted = Float64Array.from(rows, (row) => row[i] ?? 0).sort();
    value[i] = quantile(sorted, 0.5);
    low[i] = quantile(sorted, 0.25);
    high[i] = quantile(sorted, 0.75);
    most[i] = sorted[sorted.length - 1];
  }
  return { value, low, high, most };
}

/** A quantile of values sorted ascending. */
export function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below + (above - below) * (position - Math.floor(position));
}

/** At most so many of a number of channels, evenly spaced, the first and the last among them. */
export function evenChannels(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  const step = (count - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => Math.round(i * step));
}
