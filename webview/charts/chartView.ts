import { chartFrame } from './chartFrame';
import type { ChartHost, ChartParts, ChartView } from './chartFrame';
import { legend } from './legend';
import type { Plot } from './plot';
import { seriesChart } from './seriesChart';

/** A chart of series over two axes, with all that stands with a chart; one series needs no legend unless it has a band. */
export function chartView(
  name: string,
  plot: Plot,
  host: ChartHost,
  parts: ChartParts = {},
): ChartView<Plot> {
  return chartFrame(
    name,
    plot,
    { draw: seriesChart, legend: ({ series }) => legend(series) },
    host,
    parts,
  );
}
