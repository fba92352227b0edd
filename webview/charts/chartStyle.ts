import type { Chart } from 'chart.js';
import { color } from 'chart.js/helpers';
import { powerOfTen, showNumber } from '../../src/protocol/shown';
import { onThemeChange, themeColour } from '../ui/theme';

/** What all charts of the page have in common. */

/** Three digits of a number: 0.0123, 1.2 × 10⁻⁷. */
export function showTick(value: number | string): string {
  return showNumber(Number(value));
}

/** Labels the powers of ten alone: 100, 1, 0.01, 10⁻³. */
export function showPower(value: number | string): string {
  const power = Math.log10(Number(value));
  const whole = Math.round(power);
  if (Math.abs(power - whole) > 1e-6) return '';
  return whole < -2 || whole > 4 ? powerOfTen(whole) : String(Number(`1e${whole}`));
}

/**
 * Paints the chart now and whenever the theme changes, as long as its canvas is in the page.
 *
 * @returns what destroys the chart and ends that
 */
export function keepPainted(
  chart: Pick<Chart, 'canvas' | 'update' | 'destroy'>,
  paint: () => void,
): () => void {
  const { canvas } = chart;
  const repaint = (): void => {
    paint();
    chart.update();
  };
  repaint();
  const onLoad = new AbortController();
  if (document.readyState !== 'complete')
    window.addEventListener('load', repaint, { once: true, signal: onLoad.signal });
  const stop = onThemeChange(() => {
    if (canvas.isConnected) repaint();
    else destroy();
  });
  function destroy(): void {
    onLoad.abort();
    stop();
    chart.destroy();
  }
  return destroy;
}

/** Whether the theme asks for edges where others are content with areas. */
export function isHighContrast(): boolean {
  return themeColour('--vscode-contrastBorder') !== '';
}

/** The colour with an opacity; as it is where it cannot be read, since a style sheet may not be there yet. */
export function translucent(colour: string, alpha: number): string {
  const parsed = color(colour);
  return parsed.valid ? parsed.alpha(alpha).rgbString() : colour;
}

interface Axis {
  ticks?: object;
  grid?: object;
  border?: object;
  title?: object;
}

/** Gives the axes the colours and fonts of the theme. Canvas does not know CSS variables. */
export function paintAxes(
  scales: Partial<Record<string, Axis>> | undefined,
  fonts: Partial<Record<string, 'code'>> = {},
): void {
  const color = themeColour('--vscode-editor-foreground');
  const line = themeColour('--line');
  // lines as strong as those of a high contrast theme would hide the curves
  const grid = isHighContrast() ? translucent(line, 0.35) : line;
  const size = 12;
  for (const [name, axis] of Object.entries(scales ?? {})) {
    if (axis === undefined) continue;
    const text = { family: themeColour('--vscode-font-family'), size };
    const code = { family: themeColour('--vscode-editor-font-family'), size };
    axis.ticks = { ...axis.ticks, color, font: fonts[name] === 'code' ? code : text };
    axis.title = { ...axis.title, color, font: text };
    axis.grid = { ...axis.grid, color: grid };
    axis.border = { ...axis.border, color: line };
  }
}

/** Makes the tooltips of a chart look as the hovers of the editor do. */
export function paintTooltip(tooltip: object | undefined): void {
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
