import { normalFigure, type Figure } from './figure';

/** The mean of independent values; its interval is normal, with the sample's standard deviation (infinite for one value). */
export function mean(values: ArrayLike<number>): Figure {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  const average = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i] - average) ** 2;
  return normalFigure(average, n > 1 ? Math.sqrt(squares / (n - 1) / n) : Infinity);
}
