import type { Plugin } from 'chart.js';
import { themeColour } from '../ui/theme';
import { translucent } from './chartStyle';

/** Draws the unit circle and the axes through its centre behind the points. */
export const unitCircle: Plugin<'line'> = {
  id: 'unit-circle',
  beforeDatasetsDraw({ ctx, scales, chartArea }) {
    const { x, y } = scales;
    const [centreX, centreY] = [x.getPixelForValue(0), y.getPixelForValue(0)];
    const colour = themeColour('--vscode-editor-foreground');
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
    ctx.clip();
    ctx.beginPath();
    ctx.moveTo(chartArea.left, centreY);
    ctx.lineTo(chartArea.right, centreY);
    ctx.moveTo(centreX, chartArea.top);
    ctx.lineTo(centreX, chartArea.bottom);
    ctx.strokeStyle = translucent(colour, 0.2);
    ctx.stroke();
    ctx.beginPath();
    ctx.ellipse(
      centreX,
      centreY,
      Math.abs(x.getPixelForValue(1) - centreX),
      Math.abs(y.getPixelForValue(1) - centreY),
      0,
      0,
      2 * Math.PI,
    );
    ctx.strokeStyle = translucent(colour, 0.7);
    ctx.lineWidth = 1.5;
    ctx.stroke();
    ctx.restore();
  },
};
