import type { ChartContents } from './contents';

/** A chart of series over two axes as data: what is drawn, how a point of it is read out, and the same as a table. */
export interface Plot extends ChartContents {
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly series: readonly PlotSeries[];
  /** Drawn behind the points: the unit circle, whose inside is stable. */
  readonly backdrop?: 'unitCircle';
  /** Where a place is drawn, as series and index; where left out, it is the point of the first series. */
  readonly locate?: (place: number) => readonly [series: number, index: number];
  /** A point in words, where the places of a series are its own. */
  readonly readOther?: (series: number, index: number) => readonly string[];
}

export interface PlotAxis {
  readonly title: string;
  readonly scale: 'linear' | 'logarithmic';
  readonly min?: number;
  readonly max?: number;
  /** Room beyond the greatest and the least value, as a share: '5%'. */
  readonly grace?: string;
  /** Ticks at these values and nowhere else. */
  readonly ticks?: readonly number[];
  readonly show?: (value: number) => string;
}

/** How a series is told from the others, by colour, dash pattern and marker alike. */
export type SeriesRole =
  'original' | 'reduced' | 'difference' | 'reported' | 'level' | `group${GroupNumber}`;

export type GroupNumber = 0 | 1 | 2 | 3 | 4 | 5;

export interface PlotSeries {
  readonly role: SeriesRole;
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Drawn as a band from the one to the other around the line. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  /** What the band stands for, in the legend. */
  readonly bandLabel?: string;
  /** Drawn as a thin dotted line. */
  readonly most?: readonly number[];
  readonly mostLabel?: string;
  /** Points alone, points joined by a line, or a line with a few markers or none. */
  readonly form: 'points' | 'joined' | 'line' | 'bare';
  /** Names that are written beside the points. */
  readonly names?: readonly string[];
}
