import type { Evaluation, Measure, MeasuredFigure, MeasureId } from './evaluation';

/** How measured figures are written for a person, the same in every table, chart and notification. */

/** Everything of an evaluation that has one value with an interval. */
export type FigureId = MeasureId | 'agreement' | 'outputError';

/** What is measured of one evaluation under one name: of the model, of the original, and their paired difference. */
export type ShownMeasure = Omit<Measure, 'id'> & { readonly id: FigureId };

/** All figures of an evaluation, in the order in which they are shown. */
export function figuresOf({
  measures,
  agreement,
  outputError,
  sequences: samples,
}: Evaluation): ShownMeasure[] {
  return [
    ...measures,
    ...(agreement === undefined ? [] : [{ id: 'agreement', samples, model: agreement } as const]),
    ...(outputError === undefined
      ? []
      : [{ id: 'outputError', samples, model: outputError } as const]),
  ];
}

/** 0.9731 → "97.3 %" where it is a share, "0.974" for an area, "0.0812" for a loss; null, infinity, → "∞". */
export function showFigure(id: FigureId, value: number | null, language?: string): string {
  if (value === null) return '∞';
  const format = (options: Intl.NumberFormatOptions): string =>
    new Intl.NumberFormat(language, options).format(unit(id) * value);
  switch (id) {
    case 'accuracy':
    case 'agreement':
      return `${format({ minimumFractionDigits: 1, maximumFractionDigits: 1 })} %`;
    case 'nrmse':
    case 'outputError':
      return `${format({ maximumSignificantDigits: 3 })} %`;
    case 'auc':
      return format({ minimumFractionDigits: 3, maximumFractionDigits: 3 });
    case 'loss':
      return format({ maximumSignificantDigits: 3 });
  }
}

/** "97.3 % [96.2 – 98.1 %]": a value with the ends of its interval. */
export function showInterval(id: FigureId, figure: MeasuredFigure, language?: string): string {
  const { value, low, high } = figure;
  const show = (one: number | null): string => showFigure(id, one, language);
  return `${show(value)} [${show(low).replace(/ %$/, '')} – ${show(high)}]`;
}

/**
 * "−0.4": what the model has more than the original, with its sign; of shares in percentage points. A figure that rounds
 * to nothing has no sign.
 */
export function showDifference(id: FigureId, value: number | null, language?: string): string {
  if (value === null) return '∞';
  const digits = id === 'auc' ? 3 : 1;
  const options: Intl.NumberFormatOptions =
    id === 'loss'
      ? { maximumSignificantDigits: 2 }
      : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, { ...options, signDisplay: 'exceptZero' })
    .format(unit(id) * value)
    .replace('-', '−');
}

/** Whether the figure is a share, whose differences are points. */
export function isShare(id: FigureId): boolean {
  return unit(id) === 100;
}

function unit(id: FigureId): 1 | 100 {
  return id === 'loss' || id === 'auc' ? 1 : 100;
}

/** Whether less of it is better. */
export function isLoss(id: FigureId): boolean {
  return id === 'loss' || id === 'nrmse' || id === 'outputError';
}

/** The share of the predictions that would have to change to give the original's balance of classes; 0 if unknown. */
export function balanceShift({ balance, sequences }: Evaluation): number {
  const { model, original } = balance ?? { model: [] };
  if (original === undefined || sequences === 0) return 0;
  const moved = model.reduce((sum, count, i) => sum + Math.abs(count - (original[i] ?? 0)), 0);
  return moved / (2 * sequences);
}
