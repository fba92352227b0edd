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
import { onThemeChange, themeColour } from '../ui/theme';

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
    paint(chart);
    onThemeChange(() => {
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

function showTick(value: number | string): string {
  return String(Number(Number(value).toPrecision(3)));
}

/** Labels the powers of ten alone. */
function showPower(value: number | string): string {
  const power = Math.log10(Number(value));
  return Math.abs(power - Math.round(power)) < 1e-6 ? `1e${Math.round(power)}` : '';
}

/** Gives the chart the colours of the theme. Canvas does not know CSS variables. */
function paint(chart: Chart<'bar'>): void {
  const text = themeColour('--vscode-editor-foreground');
  const line = themeColour('--line');
  chart.data.datasets[0].backgroundColor = themeColour('--vscode-charts-blue');
  chart.data.datasets[0].borderColor = themeColour('--vscode-contrastBorder');
  chart.data.datasets[0].borderWidth = themeColour('--vscode-contrastBorder') === '' ? 0 : 1;
  const font = { family: themeColour('--vscode-font-family'), size: 12 };
  const code = { family: themeColour('--vscode-editor-font-family'), size: 12 };
  for (const axis of ['x', 'y'] as const) {
    const scale = chart.options.scales?.[axis];
    if (scale === undefined) continue;
    scale.ticks = { ...scale.ticks, color: text, font: axis === 'x' ? font : code };
    scale.grid = { ...scale.grid, color: line };
    scale.border = { color: line };
  }
  chart.update();
}
