import type { CurvePoint } from '../../src/protocol/calibration';
import { figuresOf } from '../../src/protocol/shownMeasures';
import type { FigureId, ShownMeasure } from '../../src/protocol/shownMeasures';
import { csvNumber } from './measureTable';

/** The figures of a trade-off, by what they measure and at which order. */

/** The figure of a point, if it was measured there. */
export function figureAt({ evaluation }: CurvePoint, id: FigureId): ShownMeasure | undefined {
  return figuresOf(evaluation).find((measure) => measure.id === id);
}

const byImportance = ['accuracy', 'nrmse', 'outputError', 'auc', 'loss', 'agreement'] as const;

/** What was measured at every point, what matters most first. */
export function quantitiesOf(points: readonly CurvePoint[]): FigureId[] {
  return byImportance.filter((id) =>
    points.every((point) => {
      const value = figureAt(point, id)?.model.value;
      return value !== undefined && value !== null;
    }),
  );
}

/** The original's value; undefined where it has none, as for a distance from it. */
export function levelOf(points: readonly CurvePoint[], id: FigureId): number | undefined {
  const last = points.at(-1);
  return last === undefined ? undefined : (figureAt(last, id)?.original?.value ?? undefined);
}

/** All of it as comma-separated values, at full precision. */
export function tradeoffCsv(points: readonly CurvePoint[]): string {
  const ids = byImportance.filter((id) => points.some((point) => figureAt(point, id)));
  const header = ids.flatMap((id) => [id, `${id}_low`, `${id}_high`, `${id}_original`]);
  const rows = points.map((point) => {
    const values = ids.flatMap((id) => {
      const figure = figureAt(point, id);
      const { value, low, high } = figure?.model ?? {};
      return [value, low, high, figure?.original?.value].map(csvNumber);
    });
    return [point.order, point.parameters, ...values, point.evaluation.sequences].join(',');
  });
  return [['order', 'parameters', ...header, 'sequences'].join(','), ...rows, ''].join('\n');
}
