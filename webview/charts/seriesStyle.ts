import { themeColour } from '../ui/theme';
import type { GroupNumber, SeriesRole } from './plot';

export type Marker = 'circle' | 'triangle' | 'rectRot' | 'crossRot' | 'rect' | 'star';

interface SeriesStyle {
  /** The colour of the theme, a CSS variable. */
  readonly colour: string;
  readonly dash: readonly number[];
  readonly marker: Marker;
}

/** A role has the same colour, dashes and marker in every chart. */
export const seriesStyles: Readonly<Record<SeriesRole, SeriesStyle>> = {
  original: { colour: '--vscode-charts-blue', dash: [], marker: 'circle' },
  reduced: { colour: '--vscode-charts-green', dash: [7, 4], marker: 'triangle' },
  difference: { colour: '--vscode-charts-purple', dash: [2, 3], marker: 'rectRot' },
  reported: { colour: '--vscode-editor-foreground', dash: [], marker: 'crossRot' },
  level: { colour: '--vscode-editor-foreground', dash: [8, 5], marker: 'circle' },
  group0: { colour: '--vscode-charts-blue', dash: [], marker: 'circle' },
  group1: { colour: '--vscode-charts-purple', dash: [], marker: 'rect' },
  group2: { colour: '--vscode-charts-green', dash: [], marker: 'triangle' },
  group3: { colour: '--vscode-charts-red', dash: [], marker: 'rectRot' },
  group4: { colour: '--vscode-charts-yellow', dash: [], marker: 'crossRot' },
  group5: { colour: '--vscode-charts-orange', dash: [], marker: 'star' },
};

/** Groups beyond the sixth look like earlier ones; their points bear names. */
export function groupRole(at: number): SeriesRole {
  return `group${(at % 6) as GroupNumber}`;
}

export function seriesColour(role: SeriesRole): string {
  return themeColour(seriesStyles[role].colour);
}
