import { fillText, showCount, showName } from '../../src/protocol/shown';
import type { Convergence, ConvergenceCurve, ReportView } from '../../src/protocol/webview';
import { showTick } from '../charts/chartStyle';
import { chartView } from '../charts/chartView';
import { logRange } from '../charts/logRange';
import type { Plot } from '../charts/plot';
import { element, section } from '../ui/dom';
import { pickedBefore, rememberedPicker } from '../ui/rememberedPicker';
import type { ReportHost } from './view';

const pickerName = 'convergence-layer';

/** How the solver converged: a chart for all layers or one, the same as a table, and both to take away. */
export function convergenceSection({ convergence }: ReportView, host: ReportHost): readonly Node[] {
  if (convergence === undefined) return [];
  const { texts } = host;
  const layers = [
    { id: '', label: texts.allLayers },
    ...convergence.layers.map(({ name }) => ({ id: name, label: showName(name, 60) })),
  ];
  const first = pickedBefore(pickerName, layers, host);
  const curves = [convergence.all, ...convergence.layers.map(({ curve }) => curve)];
  const remark = element('p', { class: 'remark' });
  const remarkOn = ({ systems }: ConvergenceCurve): void => {
    remark.textContent = fillText(texts.convergenceRemark, showCount(systems, host.language));
  };
  const plots = curves.map((curve) => plotOf(curve, convergence, host));
  const choose = (i: number): void => {
    view.show(plots[i]);
    remarkOn(curves[i]);
  };
  const choice =
    convergence.layers.length === 0 // of one layer there is nothing to pick
      ? undefined
      : rememberedPicker(pickerName, texts.convergenceLayer, layers, host, choose);
  const view = chartView('convergence', plots[first], host, { controls: [choice] });
  remarkOn(curves[first]);
  requestAnimationFrame(() => {
    view.draw();
  });
  return [section('convergence', texts.convergence, view.element, remark)];
}

/** The mean as a line and one standard deviation to either side as a band, over powers of ten where it falls far. */
function plotOf(curve: ConvergenceCurve, { quantity }: Convergence, host: ReportHost): Plot {
  const { texts } = host;
  const { mean, deviation } = curve;
  const x = [...mean.keys()];
  const scale = fallsFar(mean) ? ('logarithmic' as const) : ('linear' as const);
  const upper = mean.map((value, k) => value + deviation[k]);
  const range = scale === 'linear' ? { min: 0 } : logRange([...mean, ...upper]);
  const low = mean.map((value, k) => Math.max(range.min ?? 0, value - deviation[k]));
  return {
    x: { title: texts.iteration, scale: 'linear', min: 0, max: Math.max(1, mean.length - 1) },
    y: { title: texts[quantity], scale, ...range },
    series: [
      {
        ...{ role: 'original', label: texts.mean, form: 'bare', x, y: mean },
        ...{ low, high: upper, bandLabel: texts.deviation },
      },
    ],
    places: mean.length,
    read: (k) => [
      `${texts.iteration} ${showCount(k, host.language)}`,
      `${showTick(mean[k])} ± ${showTick(deviation[k])}`,
    ],
    summary: summaryOf(curve, texts[quantity], host),
    table: {
      headings: [texts.iteration, texts.mean, texts.deviation],
      rows: mean.map((value, k) => [k, value, deviation[k]]),
    },
    csv: () => csvOf(curve),
  };
}

/** Through more than two powers of ten. */
function fallsFar(values: readonly number[]): boolean {
  const greatest = values.reduce((most, value) => Math.max(most, value), 0);
  const least = values.reduce((low, value) => (value > 0 && value < low ? value : low), Infinity);
  return greatest > 100 * least;
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

function csvOf({ mean, deviation }: ConvergenceCurve): string {
  const rows = mean.map((value, k) => `${k},${value},${deviation[k]}`);
  return ['iteration,mean,standard_deviation', ...rows, ''].join('\n');
}
