import type { ComparedRun } from '../../src/protocol/comparison';
import { fillText, showName } from '../../src/protocol/shown';
import { showTick } from '../charts/chartStyle';
import { logRange } from '../charts/logRange';
import type { Plot, PlotAxis, PlotSeries } from '../charts/plot';
import { groupRole } from '../charts/seriesStyle';
import { quantityTexts, spansDecades, valueOf } from './quantities';
import type { Quantity } from './quantities';
import type { ComparisonHost } from './view';

interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  /** The checkpoint; runs of one share colour and form. */
  readonly group: string;
}

/** So many runs are told in the chart's words. */
const mostTold = 20;

/** The runs as points with their names, those of one checkpoint in one colour and form. */
export function scatterPlot(
  runs: readonly ComparedRun[],
  x: Quantity,
  y: Quantity,
  { texts, language }: ComparisonHost,
): Plot {
  const points = pointsOf(runs, x, y);
  const [titleX, titleY] = [quantityTexts(texts)[x], quantityTexts(texts)[y]];
  const tell = (point: Point): string =>
    fillText(texts.point, point.label, showTick(point.x), showTick(point.y));
  const groups = [...new Set(points.map(({ group }) => group))];
  const members = groups.map((group) => points.filter((point) => point.group === group));
  const series = members.map((of, i): PlotSeries => ({
    ...{ role: groupRole(i), label: groups[i], form: 'points' },
    x: of.map((point) => point.x),
    y: of.map((point) => point.y),
    names: of.map(({ label }) => label),
  }));
  const axis = (title: string, values: readonly number[]): PlotAxis =>
    spansDecades(values)
      ? { title, scale: 'logarithmic', ...logRange(values) }
      : { title, scale: 'linear', grace: '8%', show: (value) => compact(value, language) };
  return {
    x: axis(
      titleX,
      points.map((point) => point.x),
    ),
    y: axis(
      titleY,
      points.map((point) => point.y),
    ),
    series,
    places: points.length,
    locate: (place) => {
      const at = groups.indexOf(points[place].group);
      return [at, members[at].indexOf(points[place])];
    },
    read: (place) => [tell(points[place])],
    readOther: (at, index) => [tell(members[at][index])],
    summary: fillText(
      texts.summary,
      titleY,
      titleX,
      String(points.length),
      points.slice(0, mostTold).map(tell).join('; '),
    ),
    table: {
      headings: [texts.run, texts.source, titleX, titleY],
      rows: points.map((point) => [point.label, point.group, point.x, point.y]),
    },
  };
}

function pointsOf(runs: readonly ComparedRun[], x: Quantity, y: Quantity): Point[] {
  return runs.flatMap((run) => {
    const [px, py] = [valueOf(run, x), valueOf(run, y)];
    return px === undefined || py === undefined
      ? []
      : [{ x: px, y: py, label: showName(run.label, 40), group: showName(run.source, 60) }];
  });
}

/** 5000 → "5K"; small numbers as they are. */
function compact(value: number, language: string): string {
  if (Math.abs(value) < 1000) return showTick(value);
  const format = { notation: 'compact', maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(language, format).format(value);
}
