import type { LayerPanelTexts } from '../../../src/protocol/chartTexts';
import type { LayerCurve, LayerOrderPoint } from '../../../src/protocol/layerCharts';
import { fillText, showCount, showError, showShare } from '../../../src/protocol/shown';
import { logRange } from '../../charts/logRange';
import type { Plot, PlotSeries } from '../../charts/plot';

/** Below this a relative error is rounding of what it is computed from. */
const leastError = 1e-9;

/** Error against order. What a report says of its own order is a cross beside the curve. */
export function orderPlot(curve: LayerCurve, texts: LayerPanelTexts, language: string): Plot {
  const { points, reported } = curve;
  const orders = points.map(({ order }) => order);
  const raised = (value: number): number => Math.max(value, leastError);
  const errors = points.map(({ error }) => raised(error));
  const most = points.map((point) => raised(point.most ?? point.error));
  const read = (place: number): string[] => readPoint(curve, place, texts, language);
  const report: PlotSeries[] =
    reported === undefined || !(reported.error > 0)
      ? []
      : [
          {
            ...{ role: 'reported', label: texts.reported, form: 'points' },
            ...{ x: [reported.order], y: [raised(reported.error)] },
          },
        ];
  const all = [...errors, ...most, ...report.flatMap(({ y }) => y)];
  const hasContribution = points.some(({ contribution }) => contribution !== undefined);
  return {
    x: {
      ...{ title: texts.order, scale: 'logarithmic', ticks: orders },
      ...{ min: (orders[0] ?? 1) / 1.15, max: (orders.at(-1) ?? 1) * 1.15 },
      show: (value) => showCount(value, language),
    },
    y: {
      ...{ title: texts.layerError, scale: 'logarithmic' },
      ...logRange(all),
    },
    series: [
      {
        ...{ role: 'original', label: texts.layerError, form: 'joined' },
        ...{ x: orders, y: errors },
        ...(points.some((point) => point.most !== undefined)
          ? { most, mostLabel: texts.mostLabel }
          : {}),
      },
      ...report,
    ],
    places: points.length,
    read,
    readOther: () => readReported(curve, texts),
    summary: [texts.tabOrder, ...[0, points.length - 1].flatMap((i) => read(i).slice(0, 1))].join(
      '. ',
    ),
    table: {
      headings: [
        ...[texts.order, texts.layerError, texts.medianColumn, texts.greatestColumn],
        ...[texts.parameters, ...(hasContribution ? [texts.contributionColumn] : [])],
      ],
      rows: points.map((point) => [
        ...[point.order, point.error, point.median ?? NaN, point.most ?? NaN, point.parameters],
        ...(hasContribution ? [point.contribution ?? NaN] : []),
      ]),
    },
  };
}

/** The order to begin with: that of the report, or the largest one that halves the layer. */
export function firstChosen({ points, reported, orderBefore }: LayerCurve): number {
  const wanted = reported?.order ?? orderBefore / 2;
  const at = points.filter(({ order }) => order <= wanted).length - 1;
  return Math.max(0, at);
}

/** An order with its error, the parameters and what is known of the output's error, a line each. */
export function readPoint(
  { points, parametersBefore, reported }: LayerCurve,
  place: number,
  texts: LayerPanelTexts,
  language: string,
): string[] {
  const point = points.at(place);
  if (point === undefined) return [];
  const less = parametersBefore > 0 ? 1 - point.parameters / parametersBefore : 0;
  const evidence = reported?.contribution?.evidence;
  return [
    fillText(
      texts.orderReading,
      showCount(point.order, language),
      showEstimate(point.error),
      showCount(point.parameters, language),
      showShare(less, language),
    ),
    ...spreadOf(point, texts),
    ...(point.contribution === undefined || evidence === undefined
      ? []
      : [
          fillText(
            texts.orderContribution,
            showError(point.contribution),
            fillText(texts.contributionEstimated, texts[evidence]),
          ),
        ]),
  ];
}

function spreadOf({ median, most }: LayerOrderPoint, { orderSpread }: LayerPanelTexts): string[] {
  if (median === undefined || most === undefined) return [];
  return [fillText(orderSpread, showEstimate(median), showEstimate(most))];
}

/** What the report says of the layer at its order. */
export function readReported({ reported }: LayerCurve, texts: LayerPanelTexts): string[] {
  if (reported === undefined) return [];
  const { order, error, kind, contribution } = reported;
  return [
    fillText(texts.orderReported, String(order), showError(error), texts[kind]),
    ...(contribution === undefined
      ? []
      : [
          fillText(
            texts.orderAsReported,
            showError(contribution.value),
            texts[contribution.evidence],
          ),
        ]),
  ];
}

function showEstimate(error: number): string {
  return error < leastError ? `< ${showError(leastError)}` : showError(error);
}
