/** A chart as data: what is drawn, how a point of it is read out, and the same as a table. */
export interface Plot {
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly series: readonly PlotSeries[];
  /** Drawn behind the points: the unit circle, whose inside is stable. */
  readonly backdrop?: 'unitCircle';
  /** One unit is as long on both axes. */
  readonly square?: boolean;
  /** How many places can be read out one after another; the first series has a point at each. */
  readonly places: number;
  /** A place in words, a line for each thing to say. */
  readonly read: (place: number) => readonly string[];
  /** A point of another series than the first in words, where its places are its own. */
  readonly readOther?: (series: number, index: number) => readonly string[];
  /** The whole chart in words. */
  readonly summary: string;
  /** The numbers behind it, a row a place. */
  readonly table: PlotTable;
}

export interface PlotAxis {
  readonly title: string;
  readonly scale: 'linear' | 'logarithmic';
  readonly min?: number;
  readonly max?: number;
  /** Ticks at these values and nowhere else. */
  readonly ticks?: readonly number[];
  readonly show?: (value: number) => string;
}

/** How a series is told from the others, by colour, dash pattern and marker alike. */
export type SeriesRole = 'original' | 'reduced' | 'difference' | 'reported';

export interface PlotSeries {
  readonly role: SeriesRole;
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Drawn as a band from the one to the other around the line. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  /** Drawn as a thin line. */
  readonly most?: readonly number[];
  /** Points alone, points joined by a line, or a line with a few markers. */
  readonly form: 'points' | 'joined' | 'line';
}

export interface PlotTable {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

/** The table as a CSV file. Headings are ours, but they are quoted where they would break it. */
export function csvOfTable({ headings, rows }: PlotTable): string {
  const quoted = headings.map((text) =>
    /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text,
  );
  return [quoted, ...rows].map((row) => row.join(',')).join('\n') + '\n';
}
