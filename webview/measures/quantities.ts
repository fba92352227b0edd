import { figuresOf, showFigure, showInterval } from '../../src/protocol/shownMeasures';
import type { FigureId, ShownMeasure } from '../../src/protocol/shownMeasures';
import { showError } from '../../src/protocol/shown';
import type { TradeoffPoint } from '../../src/protocol/worker';
import { csvNumber } from './measureTable';

/** The figures of a trade-off, by what they measure or foretell, and at which size. */

/** What was measured on sample data, or is known without. */
export type QuantityId = FigureId | 'layerError' | 'foretoldError' | 'foretoldBound';

/** A figure of a size; what was not measured has no interval. */
export type Quantity = Pick<ShownMeasure, 'model' | 'original'>;

/** The figure of a point, if it is known there. */
export function figureAt(point: TradeoffPoint, id: QuantityId): Quantity | undefined {
  if (!isMeasured(id)) {
    const value = point[id];
    return value === undefined ? undefined : { model: { value, low: value, high: value } };
  }
  if (point.evaluation === undefined) return undefined;
  return figuresOf(point.evaluation).find((measure) => measure.id === id);
}

/** "97.3 %", or a bound that is rounded up. */
export function showQuantity(id: QuantityId, value: number | null, language?: string): string {
  if (id === 'foretoldBound') return value === null ? '∞' : showError(value, 3);
  return showFigure(isMeasured(id) ? id : 'outputError', value, language);
}

/** The same with the ends of its interval where it was measured. */
export function showKnown(id: QuantityId, { model }: Quantity, language?: string): string {
  return isMeasured(id) ? showInterval(id, model, language) : showQuantity(id, model.value);
}

function isMeasured(id: QuantityId): id is FigureId {
  return id !== 'layerError' && id !== 'foretoldError' && id !== 'foretoldBound';
}

const measured = ['accuracy', 'nrmse', 'outputError', 'auc', 'loss', 'agreement'] as const;
const byImportance = [...measured, 'layerError', 'foretoldError', 'foretoldBound'] as const;

/** What is known at every point, what matters most first. */
export function quantitiesOf(points: readonly TradeoffPoint[]): QuantityId[] {
  return byImportance.filter((id) =>
    points.every((point) => {
      const value = figureAt(point, id)?.model.value;
      return value !== undefined && value !== null;
    }),
  );
}

/** The original's value; undefined where it has none, as for a distance from it. */
export function levelOf(points: readonly TradeoffPoint[], id: QuantityId): number | undefined {
  const last = points.at(-1);
  return last === undefined ? undefined : (figureAt(last, id)?.original?.value ?? undefined);
}

/** All of it as comma-separated values, at full precision; orders of single layers in one cell. */
export function tradeoffCsv(points: readonly TradeoffPoint[]): string {
  const ids = measured.filter((id) => points.some((point) => figureAt(point, id)));
  const known = (['layerError', 'foretoldError', 'foretoldBound'] as const).filter((id) =>
    points.some((point) => point[id] !== undefined),
  );
  const shared = points.some(({ layerOrders }) => layerOrders !== undefined);
  const judged = points.some(({ evaluation }) => evaluation !== undefined);
  const header = [
    ...['order', 'parameters'],
    ...ids.flatMap((id) => [id, `${id}_low`, `${id}_high`, `${id}_original`]),
    ...known,
    ...(judged ? ['sequences'] : []),
    ...(shared ? ['layer_orders'] : []),
  ];
  const rows = points.map((point) => {
    const values = ids.flatMap((id) => {
      const figure = figureAt(point, id);
      const { value, low, high } = figure?.model ?? {};
      return [value, low, high, figure?.original?.value].map(csvNumber);
    });
    return [
      ...[point.order, point.parameters, ...values],
      ...known.map((id) => csvNumber(point[id])),
      ...(judged ? [point.evaluation?.sequences ?? ''] : []),
      ...(shared ? [Object.values(point.layerOrders ?? {}).join(' ')] : []),
    ].join(',');
  });
  return [header.join(','), ...rows, ''].join('\n');
}
