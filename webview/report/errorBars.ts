import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LogarithmicScale,
  Tooltip,
} from 'chart.js';
import type { ChartOptions } from 'chart.js';
import { showError, showName } from '../../src/protocol/shown';
import type { LayerView } from '../../src/protocol/webview';
import { element, section } from '../ui/dom';
import { themeColour } from '../ui/theme';
import { isHighContrast, keepPainted, paintAxes, showPower, showTick } from './chartStyle';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, LogarithmicScale, Tooltip);

const barHeight = 26;

/** Bars of the layers' relative errors on a logarithmic scale. The table above holds the same figures. */
export function errorBars(layers: readonly LayerView[], title: string): readonly Node[] {
  const shown = layers.filter(({ relativeError }) => relativeError > 0);
  if (shown.length < 2) return []; // nothing to compare
  const summary = shown
    .map(({ name, relativeError }) => `${showName(name, 60)}: ${showError(relativeError)}`)
    .join('; ');
  const canvas = element('canvas', { role: 'img', 'aria-label': `${title}. ${summary}` });
  const holder = element('div', { class: 'chart' }, canvas);
  holder.style.height = `${shown.length * barHeight + 48}px`;
  requestAnimationFrame(() => {
    const chart = makeChart(canvas, shown);
    keepPainted(chart, () => {
      paint(chart);
    });
  });
  return [section('chart', title, holder)];
}

function makeChart(canvas: HTMLCanvasElement, layers: readonly LayerView[]): Chart<'bar'> {
  const errors = layers.map(({ relativeError }) => relativeError);
  return new Chart(canvas, {
    type: 'bar',
    data: {
      labels: layers.map(({ name }) => showName(name, 40)),
      datasets: [{ data: errors, maxBarThickness: 14 }],
    },
    options: {
      animation: false,
      indexAxis: 'y',
      maintainAspectRatio: false,
      scales: { x: errorScale(errors), y: { grid: { display: false } } },
      plugins: {
        tooltip: { callbacks: { label: ({ raw }) => showError(Number(raw)) } },
      },
    },
  });
}

type ErrorScale = NonNullable<ChartOptions<'bar'>['scales']>[string];

/** From zero, so that lengths compare as the errors do; over powers of ten where these are too far apart for that. */
function errorScale(errors: readonly number[]): ErrorScale {
  const least = Math.min(...errors);
  const greatest = Math.max(...errors);
  const ticks = { maxRotation: 0, maxTicksLimit: 8 };
  return greatest / least < 50
    ? { type: 'linear', beginAtZero: true, ticks: { ...ticks, callback: showTick } }
    : {
        type: 'logarithmic',
        min: 10 ** Math.floor(Math.log10(least) - 0.2),
        max: 10 ** Math.ceil(Math.log10(greatest)),
        ticks: { ...ticks, callback: showPower },
      };
}

/** Gives the chart the colours of the theme. */
function paint(chart: Chart<'bar'>): void {
  const [bars] = chart.data.datasets;
  bars.backgroundColor = themeColour('--vscode-charts-blue');
  bars.borderColor = themeColour('--vscode-contrastBorder');
  bars.borderWidth = isHighContrast() ? 1 : 0;
  paintAxes(chart.options.scales, { y: 'code' });
}
