import {
  Chart,
  Legend,
  LinearScale,
  LogarithmicScale,
  PointElement,
  ScatterController,
  LineElement,
  Tooltip,
} from 'chart.js';
import type { ChartOptions, Plugin, PointStyle } from 'chart.js';
import { keepPainted, paintAxes, showPower, showTick } from '../report/chartStyle';
import { pngOf } from '../ui/png';
import { themeColour } from '../ui/theme';

Chart.register(Legend, LinearScale, LineElement, LogarithmicScale, PointElement);
Chart.register(ScatterController, Tooltip);

export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  /** Points of a group share colour and form. */
  readonly group: string;
}

interface ScatterAxis {
  readonly title: string;
  readonly logarithmic: boolean;
}

export interface Scatter {
  readonly points: readonly ScatterPoint[];
  readonly x: ScatterAxis;
  readonly y: ScatterAxis;
  /** Writes a point out, for its tooltip and for who does not see the chart. */
  readonly tell: (
    point: ScatterPoint,
    showX: (value: number) => string,
    showY: (value: number) => string,
  ) => string;
}

export interface ScatterChart {
  show(scatter: Scatter): void;
  /** The chart as a PNG file in base64. */
  png(): string;
}

/** Groups differ by form and by colour. */
const forms: readonly PointStyle[] = ['circle', 'rect', 'triangle', 'rectRot', 'crossRot', 'star'];
const colours = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'] as const;
/** So many points bear their labels; more would cover each other. */
const mostLabels = 24;

/** Draws runs as points with their names. */
export function scatterChart(canvas: HTMLCanvasElement, first: Scatter): ScatterChart {
  let scatter = first;
  const chart = new Chart(canvas, {
    type: 'scatter',
    data: { datasets: datasetsOf(scatter) },
    options: optionsFor(scatter),
    plugins: [labels(() => scatter)],
  });
  const paint = (): void => {
    paintPoints(chart);
    paintAxes(chart.options.scales);
  };
  keepPainted(chart, paint);
  return {
    show(next) {
      scatter = next;
      chart.data.datasets = datasetsOf(scatter);
      const options = optionsFor(scatter);
      paintAxes(options.scales); // the chart gives its options back only after the update
      chart.options = options;
      paintPoints(chart);
      chart.update();
    },
    png: () => pngOf(canvas),
  };
}

function groupsOf({ points }: Scatter): string[] {
  return [...new Set(points.map(({ group }) => group))];
}

function datasetsOf(scatter: Scatter): Chart<'scatter'>['data']['datasets'] {
  return groupsOf(scatter).map((group, i) => ({
    label: group,
    data: scatter.points.filter((point) => point.group === group).map((point) => ({ ...point })),
    pointStyle: forms[i % forms.length],
    pointRadius: 5,
    pointHoverRadius: 7,
    pointHitRadius: 8,
    showLine: false,
  }));
}

function optionsFor(scatter: Scatter): ChartOptions<'scatter'> {
  const { x, y, tell } = scatter;
  const show = (value: number): string => showTick(value);
  const scale = ({ title, logarithmic }: ScatterAxis) => ({
    type: logarithmic ? ('logarithmic' as const) : ('linear' as const),
    title: { display: true, text: title },
    grace: '8%',
    ticks: {
      callback: logarithmic ? showPower : compact,
      maxTicksLimit: 7,
      maxRotation: 0,
    },
  });
  return {
    animation: false,
    maintainAspectRatio: false,
    devicePixelRatio: Math.max(2, window.devicePixelRatio), // sharp in a saved picture too
    layout: { padding: { right: 48, top: 12 } },
    scales: { x: scale(x), y: scale(y) },
    plugins: {
      legend: {
        display: groupsOf(scatter).length > 1,
        position: 'bottom',
        labels: {
          usePointStyle: true,
          color: themeColour('--vscode-editor-foreground'),
          font: { family: themeColour('--vscode-font-family') },
        },
      },
      tooltip: {
        displayColors: false,
        callbacks: {
          title: () => '',
          label: ({ raw }) => tell(raw as ScatterPoint, show, show),
        },
      },
    },
  };
}

const compactFormat = new Intl.NumberFormat(undefined, {
  notation: 'compact',
  maximumSignificantDigits: 3,
});

/** 120000 → "120K"; small numbers as they are. */
function compact(value: number | string): string {
  const number = Number(value);
  return Math.abs(number) >= 10_000 ? compactFormat.format(number) : showTick(number);
}

function paintPoints(chart: Chart<'scatter'>): void {
  for (const [i, dataset] of chart.data.datasets.entries()) {
    const colour = themeColour(`--vscode-charts-${colours[i % colours.length]}`);
    Object.assign(dataset, { borderColor: colour, backgroundColor: colour, borderWidth: 2 });
  }
}

/** Writes the name of each point beside it, to the left where there is no room to the right. */
function labels(scatter: () => Scatter): Plugin<'scatter'> {
  return {
    id: 'pointLabels',
    afterDatasetsDraw(chart) {
      if (scatter().points.length > mostLabels) return;
      const { ctx, chartArea } = chart;
      ctx.save();
      ctx.font = `12px ${themeColour('--vscode-font-family') || 'sans-serif'}`;
      ctx.fillStyle = themeColour('--vscode-editor-foreground');
      ctx.textBaseline = 'bottom';
      for (const [i, { data }] of chart.data.datasets.entries()) {
        for (const [k, point] of chart.getDatasetMeta(i).data.entries()) {
          const { label } = data[k] as unknown as ScatterPoint;
          const fits = point.x + 8 + ctx.measureText(label).width < chartArea.right + 44;
          ctx.textAlign = fits ? 'left' : 'right';
          ctx.fillText(label, point.x + (fits ? 8 : -8), point.y - 3);
        }
      }
      ctx.restore();
    },
  };
}
