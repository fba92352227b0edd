import { themeColour } from './theme';

/** What is drawn on a canvas as a PNG file in base64, on the background of the theme. */
export function pngOf(drawn: HTMLCanvasElement): string {
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [drawn.width, drawn.height];
  const context = copy.getContext('2d');
  if (context === null) return '';
  context.fillStyle = themeColour('--vscode-editor-background');
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(drawn, 0, 0);
  return copy.toDataURL('image/png').split(',')[1];
}
