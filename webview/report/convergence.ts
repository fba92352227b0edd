import { fillText, showCount, showName } from '../../src/protocol/shown';
import type { Convergence, ConvergenceCurve, ReportView } from '../../src/protocol/webview';
import { button, picker } from '../ui/controls';
import { element, section, table } from '../ui/dom';
import { showTick } from './chartStyle';
import { convergenceChart } from './convergenceChart';
import type { ConvergenceChart } from './convergenceChart';
import type { ReportHost } from './view';

/** How the solver converged: a chart for all layers or one, the same as a table, and both to take away. */
export function convergenceSection({ convergence }: ReportView, host: ReportHost): readonly Node[] {
  if (convergence === undefined) return [];
  const { texts } = host;
  const quantity = texts[convergence.quantity];
  const curves = [convergence.all, ...convergence.layers.map(({ curve }) => curve)];
  const canvas = element('canvas', { role: 'img' });
  const remark = element('p', { class: 'remark' });
  const numbers = element('div', { class: 'tall' });
  const disclosure = element('details', {}, element('summary', {}, texts.showTable), numbers);
  let shown = curves[0];
  let chart: ConvergenceChart | undefined;

  const fillTable = (): void => {
    if (disclosure.open) numbers.replaceChildren(numbersOf(shown, host));
  };
  const show = (curve: ConvergenceCurve): void => {
    shown = curve;
    canvas.setAttribute('aria-label', summaryOf(curve, quantity, host));
    remark.textContent = fillText(texts.convergenceRemark, showCount(curve.systems, host.language));
    chart?.show(curve);
    fillTable();
  };
  disclosure.addEventListener('toggle', fillTable);
  show(shown);
  requestAnimationFrame(() => {
    chart = convergenceChart(canvas, { x: texts.iteration, y: quantity }, shown);
  });

  const save = [
    button(texts.saveCsv, () => {
      host.save({ name: 'convergence', extension: 'csv', content: csvOf(shown), encoding: 'utf8' });
    }),
    button(texts.savePng, () => {
      if (chart === undefined) return;
      const content = chart.png();
      host.save({ name: 'convergence', extension: 'png', content, encoding: 'base64' });
    }),
  ];
  return [
    section(
      'convergence',
      texts.convergence,
      element(
        'div',
        { class: 'controls' },
        layerPicker(convergence, host, (i) => {
          show(curves[i]);
        }),
        element('div', { class: 'buttons' }, ...save),
      ),
      element('div', { class: 'chart plot' }, canvas),
      remark,
      disclosure,
    ),
  ];
}

/** Of all layers and each; nothing where there is but one. */
function layerPicker(
  { layers }: Convergence,
  { texts }: ReportHost,
  onPick: (index: number) => void,
): HTMLElement | undefined {
  if (layers.length === 0) return undefined;
  const names = layers.map(({ name }) => showName(name, 60));
  return picker('convergence-layer', texts.convergenceLayer, [texts.allLayers, ...names], onPick);
}

function summaryOf(
  { mean, deviation }: ConvergenceCurve,
  quantity: string,
  { texts, language }: ReportHost,
): string {
  const last = mean.length - 1;
  return fillText(
    texts.convergenceSummary,
    quantity,
    showTick(mean[0]),
    showTick(mean[last]),
    showCount(last, language),
    showTick(deviation[0]),
    showTick(deviation[last]),
  );
}

function numbersOf({ mean, deviation }: ConvergenceCurve, { texts }: ReportHost): HTMLElement {
  return table<number>(
    texts.convergence,
    [
      { heading: texts.iteration, cell: String },
      { heading: texts.mean, numeric: true, cell: (k) => showTick(mean[k]) },
      { heading: texts.deviation, numeric: true, cell: (k) => showTick(deviation[k]) },
    ],
    [...mean.keys()],
  );
}

function csvOf({ mean, deviation }: ConvergenceCurve): string {
  const rows = mean.map((value, k) => `${k},${value},${deviation[k]}`);
  return ['iteration,mean,standard_deviation', ...rows, ''].join('\n');
}
