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
import type { ChartOptions, TooltipItem } from 'chart.js';
import {
  isHighContrast,
  keepPainted,
  paintAxes,
  showPower,
  showTick,
  translucent,
} from '../report/chartStyle';
import { pngOf } from '../ui/png';
import { themeColour } from '../ui/theme';
import { unitCircle } from './backdrop';
import type { Plot, PlotAxis, PlotSeries, SeriesRole } from './plot';
import { seriesColour, seriesStyles } from './seriesStyle';
import { chartZoom } from './zoom';
import type { Zoom } from './zoom';

Chart.register(Filler, LineController, LineElement, PointElement);
Chart.register(LinearScale, LogarithmicScale, Tooltip);

export interface SeriesChart {
  readonly zoom: Zoom;
  /** Marks a place and shows its tooltip, in view as far as that is possible; nothing for undefined. */
  mark(place: number | undefined): void;
  /** The place nearest to a point in pixels. */
  placeAt(x: number): number;
  /** Where a place is, in pixels. */
  pixelsOf(place: number): { readonly x: number; readonly y: number };
  /** The chart as a PNG file in base64, on the background of the theme. */
  png(): string;
  destroy(): void;
}

/** A line has so many markers at most. */
const fewMarkers = 10;

/** Draws a plot. `chosen` is a place that is marked for good, drawn larger than the others. */
export function seriesChart(
  canvas: HTMLCanvasElement,
  plot: Plot,
  {
    chosen,
    onZoom,
  }: { readonly chosen: () => number | undefined; readonly onZoom: (zoomed: boolean) => void },
): SeriesChart {
  const chart = new Chart(canvas, {
    type: 'line',
    data: { datasets: plot.series.flatMap(datasetsOf) },
    options: optionsFor(plot),
    plugins: plot.backdrop === 'unitCircle' ? [unitCircle] : [],
  });
  const main = mainDatasets(plot.series);
  keepPainted(chart, () => {
    plot.series.forEach((series, i) => {
      paintSeries(chart, main[i], series, i === 0 ? chosen() : undefined);
    });
    paintAxes(chart.options.scales);
    paintTooltip(chart);
  });
  const pixelsOf = (place: number): { x: number; y: number } => {
    const { x, y } = plot.series[0];
    const from = chart.scales.x.getPixelForValue(x[place]);
    return { x: from, y: chart.scales.y.getPixelForValue(y[place]) };
  };
  return {
    zoom: chartZoom(chart, onZoom),
    mark(place) {
      if (chosen() !== undefined) paintSeries(chart, main[0], plot.series[0], chosen());
      const active = place === undefined ? [] : [{ datasetIndex: main[0], index: place }];
      chart.setActiveElements(active);
      chart.tooltip?.setActiveElements(
        active,
        place === undefined ? { x: 0, y: 0 } : pixelsOf(place),
      );
      chart.update();
    },
    placeAt(pixel) {
      const at = plot.series[0].x.map((value) =>
        Math.abs(chart.scales.x.getPixelForValue(value) - pixel),
      );
      return at.indexOf(Math.min(...at));
    },
    pixelsOf,
    png: () => pngOf(canvas),
    destroy() {
      chart.destroy();
    },
  };
}

/** Where the line of each series is among the datasets: the last of its own. */
function mainDatasets(series: readonly PlotSeries[]): number[] {
  let end = -1;
  return series.map((one, i) => (end += datasetsOf(one, i).length));
}

/** The edges of the band, the greatest, the line itself. */
function datasetsOf(
  { x, y, low, high, most, form }: PlotSeries,
  at: number,
): Chart<'line'>['data']['datasets'] {
  const points = (values: readonly number[]) => values.map((value, i) => ({ x: x[i], y: value }));
  const order = -at; // later series over earlier ones
  const bare = { order, pointRadius: 0, pointHitRadius: 0, pointHoverRadius: 0 };
  return [
    ...(low === undefined || high === undefined
      ? []
      : [
          { ...bare, data: points(low) },
          { ...bare, data: points(high), fill: '-1' },
        ]),
    ...(most === undefined ? [] : [{ ...bare, data: points(most) }]),
    { order, clip: 6, data: points(y), showLine: form !== 'points', borderWidth: 2 },
  ];
}

function paintSeries(
  chart: Chart<'line'>,
  main: number,
  { role, low, most, form, y }: PlotSeries,
  chosen: number | undefined,
): void {
  const { datasets } = chart.data;
  const { dash, marker } = seriesStyles[role];
  const colour = seriesColour(role);
  const text = themeColour('--vscode-editor-foreground');
  const first = main - (low === undefined ? 0 : 2) - (most === undefined ? 0 : 1);
  if (low !== undefined) {
    const edges = {
      borderColor: colour,
      borderWidth: isHighContrast() ? 1 : 0,
      borderDash: [4, 3],
    };
    Object.assign(datasets[first], edges);
    Object.assign(datasets[first + 1], edges, { backgroundColor: translucent(colour, 0.18) });
  }
  if (most !== undefined) {
    Object.assign(datasets[main - 1], { borderColor: colour, borderWidth: 1, borderDash: [1, 3] });
  }
  const every = Math.max(1, Math.ceil(y.length / fewMarkers));
  const offset = Math.floor(every / 2);
  const isMarked = (i: number): boolean => form !== 'line' || i % every === offset;
  const each = <T>(yes: T, no: T): T[] => y.map((_, i) => (i === chosen ? yes : no));
  Object.assign(datasets[main], {
    borderColor: colour,
    borderDash: [...dash],
    backgroundColor: colour,
    pointStyle: each('rectRot', marker),
    pointRadius: y.map((_, i) =>
      i === chosen ? 8 : isMarked(i) ? (form === 'points' ? pointSize(role, y.length) : 3.5) : 0,
    ),
    pointHoverRadius: each(9, 6),
    pointHitRadius: form === 'line' ? 2 : 8,
    pointBackgroundColor: each('transparent', form === 'points' ? 'transparent' : colour),
    pointHoverBackgroundColor: each('transparent', form === 'points' ? 'transparent' : colour),
    pointBorderColor: each(text, colour),
    pointHoverBorderColor: text,
    pointBorderWidth: each(2, form === 'points' || marker === 'crossRot' ? 1.5 : 1),
    pointHoverBorderWidth: 2,
  });
}

/** Hundreds of points are drawn smaller. */
function pointSize(role: SeriesRole, count: number): number {
  return role === 'reported' ? 6 : count > 600 ? 2 : 3.5;
}

function optionsFor(plot: Plot): ChartOptions<'line'> {
  const main = mainDatasets(plot.series);
  return {
    animation: false,
    maintainAspectRatio: false,
    normalized: true,
    devicePixelRatio: Math.max(2, window.devicePixelRatio), // sharp in a saved picture too
    interaction:
      plot.readOther === undefined
        ? { mode: 'nearest', axis: 'x', intersect: false }
        : { mode: 'nearest', intersect: true },
    scales: { x: axisOptions(plot.x, true), y: axisOptions(plot.y, false) },
    plugins: {
      tooltip: {
        displayColors: false,
        filter: ({ datasetIndex }, at) => at === 0 && main.includes(datasetIndex),
        callbacks: { title: () => '', label: (item) => tooltipLines(plot, main, item) },
      },
    },
  };
}

function tooltipLines(
  plot: Plot,
  main: readonly number[],
  { datasetIndex, dataIndex }: TooltipItem<'line'>,
): string[] {
  const series = main.indexOf(datasetIndex);
  if (series > 0 && plot.readOther !== undefined) return [...plot.readOther(series, dataIndex)];
  return [...plot.read(Math.min(dataIndex, plot.places - 1))];
}

type AxisOptions = NonNullable<NonNullable<ChartOptions<'line'>['scales']>[string]>;

function axisOptions(
  { title, scale, min, max, ticks, show }: PlotAxis,
  horizontal: boolean,
): AxisOptions {
  const usual = scale === 'logarithmic' ? showPower : showTick;
  const options = {
    title: { display: true, text: title },
    grid: { display: !horizontal },
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ticks: {
      maxRotation: 0,
      autoSkip: ticks === undefined,
      maxTicksLimit: horizontal ? 9 : 7,
      callback: (value: number | string) =>
        show === undefined ? usual(value) : show(Number(value)),
    },
    ...(ticks === undefined
      ? {}
      : {
          afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
            axis.ticks = ticks.map((value) => ({ value }));
          },
        }),
  };
  return scale === 'logarithmic'
    ? { type: 'logarithmic', ...options }
    : { type: 'linear', ...options };
}

/** As hovers of the editor look. */
function paintTooltip(chart: Chart<'line'>): void {
  const tooltip = chart.options.plugins?.tooltip;
  if (tooltip === undefined) return;
  const text = themeColour('--vscode-editorHoverWidget-foreground');
  Object.assign(tooltip, {
    backgroundColor: themeColour('--vscode-editorHoverWidget-background'),
    bodyColor: text === '' ? themeColour('--vscode-editor-foreground') : text,
    borderColor: themeColour('--vscode-editorHoverWidget-border'),
    borderWidth: 1,
    cornerRadius: 3,
    padding: 8,
    bodyFont: { family: themeColour('--vscode-font-family'), size: 12 },
  });
}
