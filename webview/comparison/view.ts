import type {
  ComparedRun,
  ComparisonAction,
  ComparisonState,
  ComparisonTexts,
} from '../../src/protocol/comparison';
import { fillText, showName } from '../../src/protocol/shown';
import type { Host } from '../api';
import { chartView } from '../charts/chartView';
import { button } from '../ui/controls';
import { element, section } from '../ui/dom';
import { pickedBefore, rememberedPicker } from '../ui/rememberedPicker';
import { quantityTexts, valueOf } from './quantities';
import type { Quantity } from './quantities';
import { scatterPlot } from './scatterPlot';
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
        runs.length === 0
          ? undefined
          : element('p', { class: 'subtitle' }, fillText(texts.subtitle, sources.join(', '))),
      ),
      runs.length === 0
        ? undefined
        : element(
            'div',
            { class: 'buttons' },
            button(texts.saveAllCsv, () => {
              const content = comparisonCsv(runs);
              host.save({ name: 'runs', extension: 'csv', content, encoding: 'utf8' });
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
  const items = (quantities: readonly Quantity[]) =>
    quantities.map((id) => ({ id, label: quantityTexts(texts)[id] }));
  let x = across[pickedBefore('across', items(across), host)];
  let y = up[pickedBefore('up', items(up), host)];
  const show = (): void => {
    view.show(scatterPlot(runs, x, y, host));
  };
  const controls = [
    rememberedPicker('up', texts.vertical, items(up), host, (index) => {
      y = up[index];
      show();
    }),
    rememberedPicker('across', texts.horizontal, items(across), host, (index) => {
      x = across[index];
      show();
    }),
  ];
  const view = chartView('comparison', scatterPlot(runs, x, y, host), host, { controls });
  requestAnimationFrame(() => {
    view.draw();
  });
  return section('chart', texts.chart, view.element);
}
