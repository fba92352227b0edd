import type { ChartCurve, ChartCurves } from '../../../src/protocol/layerCharts';
import { fillText } from '../../../src/protocol/shown';
import type { LayerPanelTexts } from '../../../src/protocol/chartTexts';
import type { PlotTable } from '../../charts/contents';
import type { Plot, PlotAxis, PlotSeries, SeriesRole } from '../../charts/plot';
import { logRange } from '../../charts/logRange';
import { showTick } from '../../charts/chartStyle';

/** What a chart of curves over one axis needs besides the curves. */
export interface CurvePlotParts {
  readonly title: string;
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly form: PlotSeries['form'];
}

const roles: Readonly<Record<ChartCurve['id'], SeriesRole>> = {
  original: 'original',
  reduced: 'reduced',
  difference: 'difference',
  error: 'original',
};

/** A chart of curves over one axis, each read out with what spreads around it. */
export function curvePlot(
  { x, curves }: ChartCurves,
  parts: CurvePlotParts,
  texts: LayerPanelTexts,
): Plot {
  const logarithmic = parts.y.scale === 'logarithmic';
  const shown = logarithmic ? curves.map(positive) : curves;
  const label = ({ id }: ChartCurve): string => (id === 'error' ? parts.y.title : texts[id]);
  const series = shown.map(({ id, value, low, high, most }, i): PlotSeries => ({
    ...{ role: roles[id], x, y: value, form: parts.form },
    label: id === 'error' ? parts.y.title : texts[id],
    // one band, and the greatest where it tells something of its own: more would hide each other
    ...(low === undefined || high === undefined || i > 0
      ? {}
      : { low, high, bandLabel: texts.bandLabel }),
    ...(most === undefined || id === 'reduced' ? {} : { most }),
    ...(most === undefined || i > 0 ? {} : { mostLabel: texts.mostLabel }),
  }));
  return {
    x: parts.x,
    y: logarithmic ? withRange(parts.y, shown) : parts.y,
    series,
    places: x.length,
    read: (place) => [
      `${parts.x.title} ${showTick(x[place])}`,
      ...curves.flatMap((curve) => readCurve(curve, label(curve), place, texts)),
    ],
    summary: [parts.title, ...curves.map((curve) => summarise(curve, label(curve), x, texts))].join(
      '. ',
    ),
    table: tableOf(x, curves, parts.x.title, label, texts),
  };
}

function withRange(axis: PlotAxis, curves: readonly ChartCurve[]): PlotAxis {
  const values = curves.flatMap(({ value, low = [], most = [] }) => [...value, ...low, ...most]);
  return { ...axis, ...logRange(values) };
}

/** Nothing is drawn where a logarithm is not defined. */
function positive(curve: ChartCurve): ChartCurve {
  const keep = (values: readonly number[]): number[] =>
    values.map((value) => (value === 0 ? NaN : Math.abs(value)));
  return {
    id: curve.id,
    value: keep(curve.value),
    ...(curve.low === undefined ? {} : { low: keep(curve.low) }),
    ...(curve.high === undefined ? {} : { high: keep(curve.high) }),
    ...(curve.most === undefined ? {} : { most: keep(curve.most) }),
  };
}

function readCurve(
  { value, low, high, most }: ChartCurve,
  label: string,
  place: number,
  texts: LayerPanelTexts,
): string[] {
  if (place >= value.length) return [];
  const at = (values: readonly number[]): string => showTick(values[place]);
  if (low === undefined || high === undefined || most === undefined)
    return [`${label}: ${at(value)}`];
  const parts = [
    fillText(texts.median, at(value)),
    fillText(texts.quartiles, at(low), at(high)),
    fillText(texts.greatest, at(most)),
  ];
  return [`${label}: ${parts.join(', ')}`];
}

function summarise(
  { value }: ChartCurve,
  label: string,
  x: readonly number[],
  { seriesSummary }: LayerPanelTexts,
): string {
  if (value.length === 0) return label;
  const last = value.length - 1;
  const greatest = value.reduce((a, b) => Math.max(a, b), -Infinity);
  return fillText(
    seriesSummary,
    label,
    ...[value[0], x[0], value[last], x[last], greatest, x[value.indexOf(greatest)]].map(showTick),
  );
}

function tableOf(
  x: readonly number[],
  curves: readonly ChartCurve[],
  heading: string,
  label: (curve: ChartCurve) => string,
  texts: LayerPanelTexts,
): PlotTable {
  const columns = curves.flatMap((curve) => {
    const own = { heading: label(curve), values: curve.value };
    const { low, high, most } = curve;
    if (low === undefined || high === undefined || most === undefined) return [own];
    return [
      own,
      { heading: `${own.heading}, ${texts.lowerQuartile}`, values: low },
      { heading: `${own.heading}, ${texts.upperQuartile}`, values: high },
      { heading: `${own.heading}, ${texts.greatestWord}`, values: most },
    ];
  });
  return {
    headings: [heading, ...columns.map((column) => column.heading)],
    rows: x.map((value, i) => [value, ...columns.map(({ values }) => values[i] ?? NaN)]),
  };
}
