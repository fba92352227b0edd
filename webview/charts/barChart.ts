import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LogarithmicScale,
  Tooltip,
} from 'chart.js';
import type { ChartOptions, Plugin } from 'chart.js';
import { pngOf } from '../ui/png';
import { themeColour } from '../ui/theme';
import { isHighContrast, keepPainted, paintAxes, paintTooltip, translucent } from './chartStyle';
import type { ChartContents, ChartHooks, DrawnChart } from './contents';
import { chartZoom } from './zoom';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, LogarithmicScale, Tooltip);

/** Horizontal bars, each of one piece or cut into several. */
export interface BarPlot extends ChartContents {
  readonly rows: readonly string[];
  /** Whether the rows are named by what stands in a file. */
  readonly code?: boolean;
  /** Lengths of a piece in each row; pieces follow each other from left to right. */
  readonly pieces: readonly (readonly number[])[];
  /** What stands in each piece, so that no colour has to be told apart; bars of several pieces are parted by it. */
  readonly labels?: readonly string[];
  /** The piece that stands for all that has none of its own, in a colour of its own. */
  readonly rest?: number | undefined;
  readonly axis: {
    readonly scale: 'linear' | 'logarithmic';
    readonly title?: string;
    readonly min: number;
    readonly max?: number;
    readonly show: (value: number | string) => string;
  };
  /** Which piece of which row a place is. */
  readonly locate: (place: number) => readonly [piece: number, row: number];
  /** The place of a piece. */
  readonly placeOf: (piece: number, row: number) => number;
}

/** A label needs so many pixels beside it to stand in its piece. */
const leastRoom = 8;

/** Draws bars; they zoom along their lengths. */
export function barChart(
  canvas: HTMLCanvasElement,
  plot: BarPlot,
  { onZoom }: ChartHooks,
): DrawnChart {
  const chart = new Chart(canvas, {
    type: 'bar',
    data: {
      labels: [...plot.rows],
      datasets: plot.pieces.map((lengths) => ({
        data: [...lengths],
        stack: 'all',
        maxBarThickness: plot.labels === undefined ? 14 : 28,
      })),
    },
    options: optionsFor(plot),
    plugins: plot.labels === undefined ? [] : [pieceLabels(plot, plot.labels)],
  });
  const destroy = keepPainted(chart, () => {
    paint(chart, plot.rest);
    paintAxes(chart.options.scales, plot.code === true ? { y: 'code' } : {});
    paintTooltip(chart.options.plugins?.tooltip);
  });
  const pixelsOf = (place: number): { x: number; y: number } => {
    const [piece, row] = plot.locate(place);
    const bar = chart.getDatasetMeta(piece).data[row];
    return { x: bar.x, y: bar.y };
  };
  return {
    zoom: chartZoom(chart, onZoom),
    mark(place) {
      const [datasetIndex, index] = plot.locate(place ?? 0);
      const active = place === undefined ? [] : [{ datasetIndex, index }];
      chart.setActiveElements(active);
      chart.tooltip?.setActiveElements(
        active,
        place === undefined ? { x: 0, y: 0 } : pixelsOf(place),
      );
      chart.update();
    },
    placeAt: () => 0,
    pixelsOf,
    png: () => pngOf(canvas),
    destroy,
  };
}

function optionsFor(plot: BarPlot): ChartOptions<'bar'> {
  const { scale, title, min, max, show } = plot.axis;
  const x = {
    ...{ stacked: true, min },
    ...(max === undefined ? {} : { max }),
    grid: { display: plot.labels === undefined },
    title: { display: title !== undefined, text: title ?? '' },
    ticks: { maxRotation: 0, maxTicksLimit: 8, callback: show },
  };
  return {
    animation: false,
    indexAxis: 'y',
    maintainAspectRatio: false,
    devicePixelRatio: Math.max(2, window.devicePixelRatio), // sharp in a saved picture too
    scales: {
      x: scale === 'linear' ? { type: 'linear', ...x } : { type: 'logarithmic', ...x },
      y: { stacked: true, grid: { display: false } },
    },
    plugins: {
      tooltip: {
        displayColors: false,
        callbacks: {
          title: () => '',
          label: ({ dataIndex, datasetIndex }) => [
            ...plot.read(plot.placeOf(datasetIndex, dataIndex)),
          ],
        },
      },
    },
  };
}

/** Every second piece is lighter, and the theme's edge or background parts them. */
function paint(chart: Chart<'bar'>, rest: number | undefined): void {
  const blue = themeColour('--vscode-charts-blue');
  const several = chart.data.datasets.length > 1;
  const edge = themeColour(
    isHighContrast() ? '--vscode-contrastBorder' : '--vscode-editor-background',
  );
  const text = themeColour('--vscode-editor-foreground');
  chart.data.datasets.forEach((piece, i) => {
    const fill = i === rest ? translucent(text, 0.2) : isLight(i) ? translucent(blue, 0.45) : blue;
    Object.assign(piece, {
      backgroundColor: fill,
      hoverBackgroundColor: fill,
      hoverBorderColor: text, // the current one is told by its edge
      hoverBorderWidth: 2,
      borderColor: edge,
      borderWidth: several ? { left: 0, right: 1, top: 0, bottom: 0 } : isHighContrast() ? 1 : 0,
      borderSkipped: false,
    });
  });
}

function isLight(piece: number): boolean {
  return piece % 2 === 1;
}

/** Writes its label into each piece that is wide enough. */
function pieceLabels({ pieces, rest }: BarPlot, labels: readonly string[]): Plugin<'bar'> {
  return {
    id: 'piece-labels',
    afterDatasetsDraw({ ctx, scales, chartArea: { left, right } }) {
      ctx.save();
      ctx.font = `12px ${themeColour('--vscode-font-family')}`;
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      const from = pieces[0].map(() => 0);
      pieces.forEach((lengths, piece) => {
        lengths.forEach((length, row) => {
          const start = scales.x.getPixelForValue(from[row]);
          const end = scales.x.getPixelForValue((from[row] += length));
          const middle = (start + end) / 2;
          if (
            end - start < ctx.measureText(labels[piece]).width + leastRoom ||
            middle < left ||
            middle > right
          )
            return;
          ctx.fillStyle = themeColour(
            isLight(piece) || piece === rest
              ? '--vscode-editor-foreground'
              : '--vscode-editor-background',
          );
          ctx.fillText(labels[piece], middle, scales.y.getPixelForValue(row));
        });
      });
      ctx.restore();
    },
  };
}
