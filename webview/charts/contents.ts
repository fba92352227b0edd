import { csvCell } from '../ui/tableText';
import type { Zoom, ZoomAxes } from './zoom';

/** What any chart says besides being drawn: read out place by place, in words as a whole, and as numbers. */
export interface ChartContents {
  /** How many places can be read out one after another. */
  readonly places: number;
  /** A place in words, a line for each thing to say. */
  readonly read: (place: number) => readonly string[];
  /** The whole chart in words. */
  readonly summary: string;
  /** The numbers behind it. */
  readonly table: PlotTable;
  /** The numbers as a CSV file, where that is not the table. */
  readonly csv?: () => string;
  /** One unit is as long on both axes. */
  readonly square?: boolean;
  /** Pixels it is high, where it is not as high as any other. */
  readonly height?: number;
  /** What a zoom is about; where left out, the wheel zooms across, with Shift up, and keys zoom both. */
  readonly zoomed?: ZoomAxes;
}

export interface PlotTable {
  readonly headings: readonly string[];
  /** A text of a file of others is shown and saved as nothing but text. */
  readonly rows: readonly (readonly (number | string)[])[];
}

/** A chart on its canvas. */
export interface DrawnChart {
  readonly zoom: Zoom;
  /** Marks a place and shows its tooltip, in view as far as that is possible; nothing for undefined. */
  mark(place: number | undefined): void;
  /** The place nearest to a point in pixels. */
  placeAt(x: number): number;
  /** Where a place is, in pixels. */
  pixelsOf(place: number): { readonly x: number; readonly y: number };
  /** The chart as a PNG file in base64, on the background of the theme. */
  png(): string;
  destroy(): void;
}

export interface ChartHooks {
  /** A place that is marked for good, drawn larger than the others. */
  readonly chosen: () => number | undefined;
  readonly onZoom: (zoomed: boolean) => void;
}

/** The table as a CSV file. */
export function csvOfTable({ headings, rows }: PlotTable): string {
  return [headings, ...rows].map((row) => `${row.map(csvCell).join(',')}\n`).join('');
}
