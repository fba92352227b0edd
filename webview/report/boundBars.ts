import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from 'chart.js';
import type { Plugin } from 'chart.js';
import { pngOf } from '../ui/png';
import { themeColour } from '../ui/theme';
import type { EvidenceRow } from './boundShares';
import { sharesOf } from './boundShares';
import { isHighContrast, keepPainted, paintAxes, translucent } from './chartStyle';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);

/** A number needs so many pixels to stand in its piece. */
const leastWidth = 18;

export interface BoundBars {
  readonly rows: readonly EvidenceRow[];
  readonly labels: readonly string[];
  /** A piece of a bar in words. */
  readonly tell: (row: number, piece: number) => string;
  readonly showShare: (share: number) => string;
}

/**
 * Draws a bar for each kind of evidence, cut into the pieces of the layers, the first layer on the left. Pieces carry
 * the number of their layer, so that no colour has to be told apart. Returns how to save it as a picture.
 */
export function boundBars(
  canvas: HTMLCanvasElement,
  { rows, labels, tell, showShare }: BoundBars,
): { readonly png: () => string } {
  const shares = rows.map(sharesOf);
  const pieces = shares[0].length;
  const chart = new Chart(canvas, {
    type: 'bar',
    data: {
      labels: [...labels],
      datasets: Array.from({ length: pieces }, (_, piece) => ({
        data: shares.map((row) => row[piece]),
        stack: 'all',
        maxBarThickness: 28,
      })),
    },
    options: {
      animation: false,
      indexAxis: 'y',
      maintainAspectRatio: false,
      devicePixelRatio: Math.max(2, window.devicePixelRatio), // sharp in a saved picture too
      scales: {
        x: {
          ...{ stacked: true, min: 0, max: 1 },
          grid: { display: false },
          ticks: { maxTicksLimit: 6, callback: (value) => showShare(Number(value)) },
        },
        y: { stacked: true, grid: { display: false } },
      },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            title: () => '',
            label: ({ dataIndex, datasetIndex }) => tell(dataIndex, datasetIndex),
          },
        },
      },
    },
    plugins: [numbers(shares)],
  });
  keepPainted(chart, () => {
    paint(chart);
  });
  return { png: () => pngOf(canvas) };
}

/** Every second piece is lighter, and the theme's edge or background parts them. */
function paint(chart: Chart<'bar'>): void {
  const blue = themeColour('--vscode-charts-blue');
  const edge = isHighContrast() ? '--vscode-contrastBorder' : '--vscode-editor-background';
  chart.data.datasets.forEach((piece, i) => {
    piece.backgroundColor = isLight(i) ? translucent(blue, 0.45) : blue;
    piece.borderColor = themeColour(edge);
    piece.borderWidth = { left: 0, right: 1, top: 0, bottom: 0 };
    piece.borderSkipped = false;
  });
  paintAxes(chart.options.scales);
}

function isLight(piece: number): boolean {
  return piece % 2 === 1;
}

/** Writes the number of its layer into each piece that is wide enough; the piece outside the layers has none. */
function numbers(shares: readonly (readonly number[])[]): Plugin<'bar'> {
  return {
    id: 'numbers',
    afterDatasetsDraw({ ctx, scales, chartArea }) {
      ctx.save();
      ctx.font = `12px ${themeColour('--vscode-font-family')}`;
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      shares.forEach((row, r) => {
        let from = 0;
        row.slice(0, -1).forEach((share, piece) => {
          const width = share * chartArea.width;
          const middle = scales.x.getPixelForValue(from + share / 2);
          from += share;
          if (width < leastWidth) return;
          ctx.fillStyle = themeColour(
            isLight(piece) ? '--vscode-editor-foreground' : '--vscode-editor-background',
          );
          ctx.fillText(String(piece + 1), middle, scales.y.getPixelForValue(r));
        });
      });
      ctx.restore();
    },
  };
}
