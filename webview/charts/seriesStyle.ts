import { themeColour } from '../ui/theme';
import type { SeriesRole } from './plot';

interface SeriesStyle {
  /** The colour of the theme, a CSS variable. */
  readonly colour: string;
  readonly dash: readonly number[];
  readonly marker: 'circle' | 'triangle' | 'rectRot' | 'crossRot';
}

/** A role has the same colour, dashes and marker in every chart. */
export const seriesStyles: Readonly<Record<SeriesRole, SeriesStyle>> = {
  original: { colour: '--vscode-charts-blue', dash: [], marker: 'circle' },
  reduced: { colour: '--vscode-charts-green', dash: [7, 4], marker: 'triangle' },
  difference: { colour: '--vscode-charts-purple', dash: [2, 3], marker: 'rectRot' },
  reported: { colour: '--vscode-editor-foreground', dash: [], marker: 'crossRot' },
};

export function seriesColour(role: SeriesRole): string {
  return themeColour(seriesStyles[role].colour);
}
