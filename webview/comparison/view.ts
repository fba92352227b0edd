import type {
  ComparedRun,
  ComparisonAction,
  ComparisonState,
  ComparisonTexts,
} from '../../src/protocol/comparison';
import { fillText, showName } from '../../src/protocol/shown';
import type { Host } from '../api';
import { button, picker } from '../ui/controls';
import { element, section } from '../ui/dom';
import { quantityTexts, spansDecades, valueOf } from './quantities';
import type { Quantity } from './quantities';
import { scatterChart } from './scatterChart';
import type { ScatterChart, Scatter } from './scatterChart';
import { comparisonCsv, comparisonTable } from './table';

export type ComparisonHost = Host<ComparisonTexts, ComparisonState, ComparisonAction>;

/** The page of a comparison: a table of all figures, and a chart of two of them. */
export function drawComparison(state: ComparisonState, host: ComparisonHost): readonly Node[] {
  const { texts } = host;
  const { runs, missing } = state;
  const sources = [...new Set(runs.map(({ source }) => showName(source)))];
  return [
    element(
      'header',
      {},
      element(
        'div',
        {},
        element('h1', {}, fillText(texts.title, String(runs.length))),
        element('p', { class: 'subtitle' }, fillText(texts.subtitle, sources.join(', '))),
      ),
      element(
        'div',
        { class: 'buttons' },
        button(texts.saveCsv, () => {
          const content = comparisonCsv(runs);
          host.save({ name: 'comparison', extension: 'csv', content, encoding: 'utf8' });
        }),
      ),
    ),
    ...(missing.length === 0
      ? []
      : [warning(fillText(texts.missing, missing.map((name) => showName(name)).join(', ')))]),
    ...(runs.length < 2 ? [warning(texts.tooFew)] : []),
    ...(runs.length === 0 ? [] : [comparisonTable(runs, host), chartSection(runs, host)]),
  ];
}

function warning(text: string): HTMLElement {
  return element('div', { class: 'banner', role: 'status' }, element('span', {}, text));
}

/** A chart of what can be chosen against what can be chosen, at first the error against the parameters. */
function chartSection(runs: readonly ComparedRun[], host: ComparisonHost): HTMLElement {
  const { texts } = host;
  const measured = (quantities: readonly Quantity[]): Quantity[] =>
    quantities.filter((one) => runs.some((run) => valueOf(run, one) !== undefined));
  const across = measured(['parameters', 'bytes', 'order']);
  const up = measured(['error', 'bound', 'accuracyLoss', 'outputError', 'parameters']);
  const canvas = element('canvas', { role: 'img' });
  let x = across[0];
  let y = up[0];
  let chart: ScatterChart | undefined;

  const draw = (): void => {
    const scatter = scatterOf(runs, x, y, host);
    canvas.setAttribute('aria-label', summaryOf(scatter, texts));
    chart?.show(scatter);
  };
  draw();
  requestAnimationFrame(() => {
    chart = scatterChart(canvas, scatterOf(runs, x, y, host));
  });
  const names = (quantities: readonly Quantity[]): string[] =>
    quantities.map((one) => quantityTexts(texts)[one]);
  return section(
    'chart',
    texts.chart,
    element(
      'div',
      { class: 'controls' },
      picker('up', texts.vertical, names(up), (index) => {
        y = up[index];
        draw();
      }),
      picker('across', texts.horizontal, names(across), (index) => {
        x = across[index];
        draw();
      }),
      element(
        'div',
        { class: 'buttons' },
        button(texts.savePng, () => {
          const content = chart?.png();
          if (content === undefined) return;
          host.save({ name: 'comparison', extension: 'png', content, encoding: 'base64' });
        }),
      ),
    ),
    element('div', { class: 'chart plot' }, canvas),
  );
}

/** The points, those of one checkpoint together, and how to write them. */
function scatterOf(
  runs: readonly ComparedRun[],
  x: Quantity,
  y: Quantity,
  { texts }: ComparisonHost,
): Scatter {
  const points = runs.flatMap((run) => {
    const [px, py] = [valueOf(run, x), valueOf(run, y)];
    return px === undefined || py === undefined
      ? []
      : [{ x: px, y: py, label: showName(run.label, 40), group: showName(run.source, 60) }];
  });
  const axis = (quantity: Quantity, values: readonly number[]) => ({
    title: quantityTexts(texts)[quantity],
    logarithmic: spansDecades(values),
  });
  return {
    points,
    x: axis(
      x,
      points.map((point) => point.x),
    ),
    y: axis(
      y,
      points.map((point) => point.y),
    ),
    tell: (point, showX, showY) =>
      fillText(texts.point, point.label, showX(point.x), showY(point.y)),
  };
}

function summaryOf({ points, x, y, tell }: Scatter, texts: ComparisonTexts): string {
  const show = (value: number): string => String(Number(value.toPrecision(3)));
  const told = points.slice(0, 20).map((point) => tell(point, show, show));
  return fillText(texts.summary, y.title, x.title, String(points.length), told.join('; '));
}
