import {
  Chart,
  Filler,
  LineController,
  LineElement,
  LinearScale,
  LogarithmicScale,
  PointElement,
  Tooltip,
} from 'chart.js';
import type { ChartOptions } from 'chart.js';
import type { ConvergenceCurve } from '../../src/protocol/webview';
import { pngOf } from '../ui/png';
import { themeColour } from '../ui/theme';
import {
  isHighContrast,
  keepPainted,
  paintAxes,
  showPower,
  showTick,
  translucent,
} from './chartStyle';

Chart.register(Filler, LineController, LineElement, PointElement);
Chart.register(LinearScale, LogarithmicScale, Tooltip);

export interface ConvergenceChart {
  /** Draws another curve in place of the one before. */
  show(curve: ConvergenceCurve): void;
  /** The chart as a PNG file in base64, on the background of the theme. */
  png(): string;
}

/** Draws the mean as a line and one standard deviation to either side as a band. */
export function convergenceChart(
  canvas: HTMLCanvasElement,
  axes: { readonly x: string; readonly y: string },
  first: ConvergenceCurve,
): ConvergenceChart {
  const chart = new Chart(canvas, {
    type: 'line',
    data: { datasets: bandAndLine(first) },
    options: optionsFor(first, axes),
  });
  keepPainted(chart, () => {
    paintBand(chart);
    paintAxes(chart.options.scales);
  });
  return {
    show(curve) {
      chart.data.datasets = bandAndLine(curve);
      const options = optionsFor(curve, axes);
      paintAxes(options.scales); // the chart gives its options back only after the update
      chart.options = options;
      paintBand(chart);
      chart.update();
    },
    png: () => pngOf(canvas),
  };
}

/** The lower and the upper edge of the band, then the line. */
function bandAndLine(curve: ConvergenceCurve): Chart<'line'>['data']['datasets'] {
  const least = leastShown(curve);
  const series = (value: (mean: number, deviation: number) => number) =>
    curve.mean.map((mean, x) => ({ x, y: Math.max(least, value(mean, curve.deviation[x])) }));
  const shape = { pointRadius: 0, pointHitRadius: 0 };
  return [
    { ...shape, data: series((mean, deviation) => mean - deviation) },
    { ...shape, data: series((mean, deviation) => mean + deviation), fill: '-1' },
    { ...shape, data: series((mean) => mean), borderWidth: 2, pointHoverRadius: 4 },
  ];
}

/** Over powers of ten where the mean falls through more than two of them. */
function isLogarithmic({ mean }: ConvergenceCurve): boolean {
  const greatest = mean.reduce((most, value) => Math.max(most, value), 0);
  return greatest > 100 * leastPositive(mean);
}

/** The foot of the axis: an error cannot lie below 0, and a logarithmic axis ends below the least mean. */
function leastShown(curve: ConvergenceCurve): number {
  if (!isLogarithmic(curve)) return 0;
  return 10 ** Math.floor(Math.log10(leastPositive(curve.mean)) - 0.2);
}

function leastPositive(values: readonly number[]): number {
  return values.reduce((least, value) => (value > 0 && value < least ? value : least), Infinity);
}

function optionsFor(
  curve: ConvergenceCurve,
  axes: { readonly x: string; readonly y: string },
): ChartOptions<'line'> {
  const title = (text: string) => ({ display: true, text });
  return {
    animation: false,
    maintainAspectRatio: false,
    devicePixelRatio: Math.max(2, window.devicePixelRatio), // sharp in a saved picture too
    interaction: { mode: 'index', intersect: false },
    scales: {
      x: {
        type: 'linear',
        title: title(axes.x),
        max: curve.mean.length - 1,
        ticks: { precision: 0, maxRotation: 0 },
        grid: { display: false },
      },
      y: isLogarithmic(curve)
        ? {
            type: 'logarithmic',
            title: title(axes.y),
            min: leastShown(curve),
            ticks: { callback: showPower },
          }
        : { type: 'linear', title: title(axes.y), ticks: { callback: showTick, maxTicksLimit: 7 } },
    },
    plugins: {
      tooltip: {
        displayColors: false,
        filter: ({ datasetIndex }) => datasetIndex === 2,
        callbacks: {
          title: ([item]) => `${axes.x} ${item.dataIndex}`,
          label: ({ dataIndex }) =>
            `${showTick(curve.mean[dataIndex])} ± ${showTick(curve.deviation[dataIndex])}`,
        },
      },
    },
  };
}

/** Gives line and band the colours of the theme. Where contrast counts, the band has edges. */
function paintBand(chart: Chart<'line'>): void {
  const blue = themeColour('--vscode-charts-blue');
  const [lower, upper, line] = chart.data.datasets;
  const edges = isHighContrast() ? 1 : 0;
  for (const edge of [lower, upper]) {
    Object.assign(edge, { borderColor: blue, borderWidth: edges, borderDash: [4, 3] });
    edge.pointHoverRadius = 0;
  }
  upper.backgroundColor = translucent(blue, 0.22);
  line.borderColor = blue;
  line.backgroundColor = blue;
}
