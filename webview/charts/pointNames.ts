import type { Plugin } from 'chart.js';
import { themeColour } from '../ui/theme';
import type { PlotSeries } from './plot';

/** So many points bear their names; more would cover each other. */
const mostNames = 24;

/** Writes the name of each point beside it, to the left where there is no room to the right. */
export function pointNames(series: readonly PlotSeries[]): Plugin<'line'> {
  const count = series.reduce((sum, { names = [] }) => sum + names.length, 0);
  return {
    id: 'point-names',
    afterDatasetsDraw(chart) {
      if (count > mostNames) return;
      const { ctx, chartArea } = chart;
      ctx.save();
      ctx.font = `12px ${themeColour('--vscode-font-family') || 'sans-serif'}`;
      ctx.fillStyle = themeColour('--vscode-editor-foreground');
      ctx.textBaseline = 'bottom';
      for (const [i, { names = [] }] of series.entries()) {
        for (const [k, { x, y }] of chart.getDatasetMeta(i).data.entries()) {
          if (x < chartArea.left || x > chartArea.right) continue; // not in view after a zoom
          if (y < chartArea.top || y > chartArea.bottom) continue;
          const fits = x + 8 + ctx.measureText(names[k]).width < chartArea.right + 44;
          ctx.textAlign = fits ? 'left' : 'right';
          ctx.fillText(names[k], x + (fits ? 8 : -8), y - 3);
        }
      }
      ctx.restore();
    },
  };
}
