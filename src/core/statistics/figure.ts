/** A measured value with the ends of its 95 % confidence interval. */
export interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % quantile of the normal distribution. */
export const normalQuantile = 1.959963984540054;

/** value ± quantile * deviation. */
export function normalFigure(value: number, deviation: number): Figure {
  const margin = normalQuantile * deviation;
  return { value, low: value - margin, high: value + margin };
}
