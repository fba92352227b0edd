import type { MeasuredFigure } from '../protocol/evaluation';

/** "84.3 % [79.8, 88.0]" or "0.425 [0.311, 0.539]": a figure and its interval. */
export function showMeasure({ value, low, high }: MeasuredFigure, percent: boolean): string {
  const show = (x: number | null): string => {
    if (x === null) return '∞';
    return percent ? (100 * x).toFixed(1) : Number(x.toPrecision(3)).toString();
  };
  return `${show(value)}${percent ? ' %' : ''} [${show(low)}, ${show(high)}]`;
}
