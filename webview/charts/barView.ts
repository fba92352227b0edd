import { barChart } from './barChart';
import type { BarPlot } from './barChart';
import { chartFrame } from './chartFrame';
import type { ChartHost, ChartParts, ChartView } from './chartFrame';

/** A chart of bars, with all that stands with a chart. */
export function barView(
  name: string,
  plot: BarPlot,
  host: ChartHost,
  parts: ChartParts = {},
): ChartView<BarPlot> {
  return chartFrame(name, plot, { draw: barChart }, host, parts);
}
