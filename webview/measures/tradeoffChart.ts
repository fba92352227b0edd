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
import { isHighContrast, keepPainted, paintAxes, translucent } from '../report/chartStyle';
import { pngOf } from '../ui/png';
import { themeColour } from '../ui/theme';

Chart.register(Filler, LineController, LineElement, PointElement);
Chart.register(LinearScale, LogarithmicScale, Tooltip);

/** A point with its interval. */
export interface PlottedPoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

export interface Plot {
  readonly points: readonly PlottedPoint[];
  /** The value of the original, drawn as a dashed line. */
  readonly level?: number;
  readonly axes: { readonly x: string; readonly y: string };
  readonly showX: (x: number) => string;
  readonly showY: (y: number) => string;
  /** Writes a point out, for its tooltip. */
  readonly tell: (index: number) => string;
  /** Values of the horizontal axis double from one to the next rather than grow by the same. */
  readonly doubling: boolean;
}

export interface TradeoffChart {
  show(plot: Plot, chosen: number | undefined): void;
  choose(chosen: number | undefined): void;
  /** The chart as a PNG file in base64. */
  png(): string;
}

/** Draws points, joined by a line in a band of their intervals, over the dashed level of the original. */
export function tradeoffChart(
  canvas: HTMLCanvasElement,
  first: Plot,
  onPick: ((index: number) => void) | undefined,
): TradeoffChart {
  let plot = first;
  let chosen: number | undefined;
  const chart = new Chart(canvas, {
    type: 'line',
    data: { datasets: datasetsOf(plot) },
    options: optionsFor(plot, onPick),
  });
  const paint = (): void => {
    paintLines(chart, chosen);
    paintAxes(chart.options.scales);
  };
  keepPainted(chart, paint);
  return {
    show(next, nowChosen) {
      plot = next;
      chosen = nowChosen;
      chart.data.datasets = datasetsOf(plot);
      const options = optionsFor(plot, onPick);
      paintAxes(options.scales); // the chart gives its options back only after the update
      chart.options = options;
      paintLines(chart, chosen);
      chart.update();
    },
    choose(index) {
      chosen = index;
      paintLines(chart, chosen);
      chart.update();
    },
    png: () => pngOf(canvas),
  };
}

/** The ends of the intervals, the line with its points, and the level of the original. */
function datasetsOf({ points, level }: Plot): Chart<'line'>['data']['datasets'] {
  const bare = { pointRadius: 0, pointHitRadius: 0, pointHoverRadius: 0 };
  const series = (value: (point: PlottedPoint) => number) =>
    points.map((point) => ({ x: point.x, y: value(point) }));
  return [
    { ...bare, data: series(({ low }) => low) },
    { ...bare, data: series(({ high }) => high), fill: '-1' },
    { data: series(({ y }) => y), borderWidth: 2, pointHitRadius: 14 },
    { ...bare, data: level === undefined ? [] : series(() => level), borderWidth: 2 },
  ];
}

function optionsFor(
  { points, axes, showX, showY, tell, doubling }: Plot,
  onPick: ((index: number) => void) | undefined,
): ChartOptions<'line'> {
  const title = (text: string) => ({ display: true, text });
  const places = points.map(({ x }) => x);
  return {
    animation: false,
    maintainAspectRatio: false,
    devicePixelRatio: Math.max(2, window.devicePixelRatio), // sharp in a saved picture too
    interaction: { mode: 'nearest', axis: 'x', intersect: false },
    onClick: (_, items) => {
      const at = items.find(({ datasetIndex }) => datasetIndex === 2)?.index;
      if (at !== undefined) onPick?.(at);
    },
    scales: {
      x: {
        type: doubling ? 'logarithmic' : 'linear',
        title: title(axes.x),
        ...rangeOf(places, doubling),
        // ticks where the points are, and nowhere else
        afterBuildTicks: (axis) => {
          axis.ticks = places.map((value) => ({ value }));
        },
        ticks: { callback: (value) => showX(Number(value)), autoSkip: true, maxRotation: 0 },
        grid: { display: false },
      },
      y: {
        type: 'linear',
        title: title(axes.y),
        ...(staysPositive(points) ? { min: 0 } : {}),
        grace: '5%',
        ticks: { callback: (value) => showY(Number(value)), maxTicksLimit: 7 },
      },
    },
    plugins: {
      tooltip: {
        displayColors: false,
        filter: ({ datasetIndex }) => datasetIndex === 2,
        callbacks: { title: () => '', label: ({ dataIndex }) => tell(dataIndex) },
      },
    },
  };
}

/** Whether room below the least value would reach below 0, where nothing that is measured can lie. */
function staysPositive(points: readonly PlottedPoint[]): boolean {
  const least = Math.min(...points.map(({ low }) => low));
  const greatest = Math.max(...points.map(({ high }) => high));
  return least >= 0 && least < 0.06 * (greatest - least);
}

/** A little room at both sides, so that the points at the ends are whole. */
function rangeOf(places: readonly number[], doubling: boolean): { min: number; max: number } {
  const [least, greatest] = [Math.min(...places), Math.max(...places)];
  if (doubling) return { min: least / 1.12, max: greatest * 1.12 };
  const room = greatest > least ? 0.03 * (greatest - least) : Math.max(1, 0.1 * greatest);
  return { min: least - room, max: greatest + room };
}

function paintLines(chart: Chart<'line'>, chosen: number | undefined): void {
  const blue = themeColour('--vscode-charts-blue');
  const text = themeColour('--vscode-editor-foreground');
  const background = themeColour('--vscode-editor-background');
  const [lower, upper, line, level] = chart.data.datasets;
  const edges = isHighContrast() ? 1 : 0;
  for (const edge of [lower, upper]) {
    Object.assign(edge, { borderColor: blue, borderWidth: edges, borderDash: [2, 3] });
  }
  upper.backgroundColor = translucent(blue, 0.2);
  const isChosen = (_: unknown, i: number): boolean => i === chosen;
  const each = <T>(yes: T, no: T): T[] => line.data.map((_, i) => (isChosen(_, i) ? yes : no));
  Object.assign(line, {
    borderColor: blue,
    // the chosen point is told by size and form, not by colour alone
    pointStyle: each('rectRot', 'circle'),
    pointRadius: each(9, 4),
    pointHoverRadius: each(10, 6),
    pointBackgroundColor: each(background, blue),
    pointHoverBackgroundColor: each(background, blue),
    pointBorderColor: each(text, blue),
    pointHoverBorderColor: each(text, blue),
    pointBorderWidth: each(2, 1),
  });
  Object.assign(level, { borderColor: text, borderDash: [8, 5] });
}
