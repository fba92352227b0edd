import type { MeasuredFigure } from '../../protocol/evaluation';
import { showError } from '../../protocol/shown';
import type { RunSummary } from '../../protocol/runSummary';

/** The figures of a run that lists are sorted by and comparisons are drawn from. */
export interface RunFigures {
  readonly order: number;
  readonly parameters: number;
  readonly bytes: number;
  /** Greatest relative h² error among the layers. */
  readonly error?: number;
  /** On held-out sequences, a share; and what was lost against the original, positive for a loss. */
  readonly accuracy?: number;
  readonly accuracyLoss?: number;
  /** Milliseconds since 1970; 0 where the report tells none. */
  readonly date: number;
}

export function figuresOf(summary: RunSummary): RunFigures {
  const { calibration, worst } = summary;
  const measure = calibration?.measures.find(({ id }) => id === 'accuracy');
  const accuracy = measure?.model.value;
  const difference = measure?.difference?.value;
  return {
    order: summary.orderAfter.greatest,
    parameters: summary.parametersAfter,
    bytes: summary.result.bytes,
    ...(worst === undefined ? {} : { error: worst.relativeError }),
    ...(isFigure(accuracy) ? { accuracy } : {}),
    ...(isFigure(difference) ? { accuracyLoss: -difference } : {}),
    date: Date.parse(summary.createdAt) || 0,
  };
}

/** "16/64" or "8–24/64": the order after and before. */
export function showOrders({ orderAfter, orderBefore }: RunSummary): string {
  const { least, greatest } = orderAfter;
  const after = least === greatest ? String(greatest) : `${least}–${greatest}`;
  return `${after}/${orderBefore}`;
}

/** "−0.3 pts": a difference of accuracies in points, always with its sign. */
export function showPoints(difference: number): string {
  const points = (100 * Math.abs(difference)).toFixed(1);
  const sign = points === '0.0' ? '±' : difference < 0 ? '−' : '+';
  return `${sign}${points} pts`;
}

/** "16/64 · 7.6e-3 · −0.3 pts": orders, greatest relative error, change of the accuracy, as far as they are known. */
export function showFigures(summary: RunSummary): string {
  const { error, accuracyLoss } = figuresOf(summary);
  return [
    showOrders(summary),
    error === undefined ? undefined : showError(error),
    accuracyLoss === undefined ? undefined : showPoints(-accuracyLoss),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** "84.3 % [79.8, 88.0]": a share and its 95 % interval. */
export function showInterval({ value, low, high }: MeasuredFigure): string {
  const percent = (x: number | null): string => (x === null ? '∞' : (100 * x).toFixed(1));
  return `${percent(value)} % [${percent(low)}, ${percent(high)}]`;
}

function isFigure(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
