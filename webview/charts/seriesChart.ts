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
  paintTooltip,
  showPower,
  showTick,
  translucent,
} from './chartStyle';
import { pngOf } from '../ui/png';
import { themeColour } from '../ui/theme';
import { unitCircle } from './backdrop';
import type { ChartHooks, DrawnChart } from './contents';
import type { Plot, PlotAxis, PlotSeries, SeriesRole } from './plot';
import { pointNames } from './pointNames';
import { seriesColour, seriesStyles } from './seriesStyle';
import { chartZoom } from './zoom';

Chart.register(Filler, LineController, LineElement, PointElement);
Chart.register(LinearScale, LogarithmicScale, Tooltip);

/** A line has so many markers at most. */
const fewMarkers = 10;

/** Draws a plot. */
export function seriesChart(
  canvas: HTMLCanvasElement,
  plot: Plot,
  { chosen, onZoom }: ChartHooks,
): DrawnChart {
  const locate = plot.locate ?? ((place: number) => [0, place] as const);
  const chart = new Chart(canvas, {
    type: 'line',
    data: { datasets: plot.series.flatMap(datasetsOf) },
    options: optionsFor(plot),
    plugins: [
      ...(plot.backdrop === 'unitCircle' ? [unitCircle] : []),
      ...(plot.series.some(({ names }) => names !== undefined) ? [pointNames(plot.series)] : []),
    ],
  });
  const main = mainDatasets(plot.series);
  const destroy = keepPainted(chart, () => {
    plot.series.forEach((series, i) => {
      paintSeries(chart, main[i], series, i === 0 ? chosen() : undefined);
    });
    paintAxes(chart.options.scales);
    paintTooltip(chart.options.plugins?.tooltip);
  });
  const pixelsOf = (place: number): { x: number; y: number } => {
    const [series, index] = locate(place);
    const { x, y } = plot.series[series];
    const from = chart.scales.x.getPixelForValue(x[index]);
    return { x: from, y: chart.scales.y.getPixelForValue(y[index]) };
  };
  return {
    zoom: chartZoom(chart, onZoom),
    mark(place) {
      if (chosen() !== undefined) paintSeries(chart, main[0], plot.series[0], chosen());
      const [series, index] = locate(place ?? 0);
      const active = place === undefined ? [] : [{ datasetIndex: main[series], index }];
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
    destroy,
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
    Object.assign(datasets[main - 1], {
      borderColor: colour,
      borderWidth: 1.5,
      borderDash: [2, 3],
    });
  }
  const every = Math.max(1, Math.ceil(y.length / fewMarkers));
  const offset = Math.floor(every / 2);
  const isMarked = (i: number): boolean =>
    form === 'line' ? i % every === offset : form !== 'bare';
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
    pointHitRadius: form === 'line' ? 2 : form === 'bare' ? 0 : 8,
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
  if (role.startsWith('group')) return 5;
  return role === 'reported' ? 6 : count > 600 ? 2 : 3.5;
}

function optionsFor(plot: Plot): ChartOptions<'line'> {
  const main = mainDatasets(plot.series);
  return {
    animation: false,
    maintainAspectRatio: false,
    normalized: true,
    devicePixelRatio: Math.max(2, window.devicePixelRatio), // sharp in a saved picture too
    layout: { padding: { right: plot.series.some(({ names }) => names !== undefined) ? 48 : 12 } },
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
  if ((series > 0 || plot.locate !== undefined) && plot.readOther !== undefined)
    return [...plot.readOther(series, dataIndex)];
  return [...plot.read(Math.min(dataIndex, plot.places - 1))];
}

type AxisOptions = NonNullable<NonNullable<ChartOptions<'line'>['scales']>[string]>;

function axisOptions(
  { title, scale, min, max, grace, ticks, show }: PlotAxis,
  horizontal: boolean,
): AxisOptions {
  const usual = scale === 'logarithmic' ? showPower : showTick;
  const options = {
    title: { display: true, text: title },
    grid: { display: !horizontal },
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(grace === undefined ? {} : { grace }),
    ticks: {
      maxRotation: 0,
      autoSkip: true,
      autoSkipPadding: 8,
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
