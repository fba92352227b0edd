import { fillText, showCount, showError, showName } from '../../src/protocol/shown';
import type { LayerView, ReportView } from '../../src/protocol/webview';
import type { BarPlot } from '../charts/barChart';
import { barView } from '../charts/barView';
import { showPower, showTick } from '../charts/chartStyle';
import { element, obtained, section } from '../ui/dom';
import type { ReportHost } from './view';

const barHeight = 26;
/** So many bars can be looked at; of more layers, those with the greatest errors are drawn. */
const mostBars = 60;
/** So many layers are told in the chart's words. */
const mostTold = 20;

/** Bars of the layers' relative errors, in words, as a table, and to take away. */
export function errorBars({ layers }: ReportView, host: ReportHost): readonly Node[] {
  const { texts, language } = host;
  const known = layers.filter(({ relativeError }) => relativeError > 0);
  if (known.length < 2) return []; // nothing to compare
  const least = known.map((layer) => layer.relativeError).sort((a, b) => b - a)[mostBars - 1] ?? 0;
  const shown = known.filter(({ relativeError }) => relativeError >= least).slice(0, mostBars);
  const view = barView('layer-errors', plotOf(shown, host), host);
  requestAnimationFrame(() => {
    view.draw();
  });
  const counts = [shown.length, known.length].map((count) => showCount(count, language));
  const remark =
    shown.length < known.length
      ? element('p', { class: 'remark' }, fillText(texts.chartWorst, ...counts))
      : undefined;
  const kinds = new Set(known.map(({ errorKind }) => errorKind));
  const how = [...kinds].map((kind) => texts[kind]).join(', ');
  return [section('chart', obtained(texts.chart, how), view.element, remark)];
}

function plotOf(layers: readonly LayerView[], { texts }: ReportHost): BarPlot {
  const errors = layers.map(({ relativeError }) => relativeError);
  const read = ({ name, relativeError, errorKind }: LayerView): string =>
    `${showName(name, 60)}: ${showError(relativeError)} (${texts[errorKind]})`;
  return {
    rows: layers.map(({ name }) => showName(name, 40)),
    code: true,
    pieces: [errors],
    axis: errorAxis(errors),
    zoomed: 'x',
    height: layers.length * barHeight + 48,
    places: layers.length,
    locate: (place) => [0, place],
    placeOf: (_, row) => row,
    read: (place) => [read(layers[place])],
    summary: `${texts.chart}. ${layers.slice(0, mostTold).map(read).join('; ')}`,
    table: {
      headings: [texts.layer, texts.relativeError, texts.evidence],
      rows: layers.map(({ name, relativeError, errorKind }) => [
        ...[name, relativeError, texts[errorKind]],
      ]),
    },
  };
}

/** From zero, so that lengths compare as the errors do; over powers of ten where these are too far apart for that. */
function errorAxis(errors: readonly number[]): BarPlot['axis'] {
  const least = Math.min(...errors);
  const greatest = Math.max(...errors);
  return greatest / least < 50
    ? { scale: 'linear', min: 0, show: showTick }
    : {
        scale: 'logarithmic',
        min: 10 ** Math.floor(Math.log10(least) - 0.2),
        max: 10 ** Math.ceil(Math.log10(greatest)),
        show: showPower,
      };
}
