import { chartTexts } from './chartTexts';
import type { MeasuredFigure } from './evaluation';
import type { ErrorRecord } from './report';

/** What the comparison of runs draws. */
export interface ComparisonState {
  /** Paths of the reports, for the page to remember: it comes back with them when the window is reopened. */
  readonly reports: readonly string[];
  /** The runs whose reports could be read, in the order of their sizes. */
  readonly runs: readonly ComparedRun[];
  /** Reports that could not be read, by file name. */
  readonly missing: readonly string[];
}

export interface ComparedRun {
  readonly label: string;
  /** File names of the result and of the checkpoint it was made from. */
  readonly result: string;
  readonly source: string;
  readonly note?: string;
  readonly solver: string;
  readonly orderBefore: number;
  readonly orderAfter: { readonly least: number; readonly greatest: number };
  readonly parametersBefore: number;
  readonly parameters: number;
  readonly bytes: number;
  /** The greatest relative h² error among the layers. */
  readonly error?: number;
  readonly errorKind?: ErrorRecord['kind'];
  /** Certified bound on the error of the network's output (a norm), where one was derived that says something. */
  readonly bound?: number;
  /** Measured on held-out sequences: shares with their intervals. */
  readonly accuracy?: MeasuredFigure;
  /** The result's accuracy minus the original's. */
  readonly accuracyChange?: number;
  readonly outputError?: MeasuredFigure;
  readonly seconds: number;
}

/** What a person can do; `openReport` and `remove` say with a value which run is meant. */
export type ComparisonAction = 'openReport' | 'remove';

/** The page's English texts; the host translates them as it does those in `texts.ts`. */
export const comparisonTexts = {
  ...chartTexts,
  title: 'Comparison of {0} runs',
  saveAllCsv: 'Save All Figures as CSV',
  subtitle: 'Results of {0}',
  missing: 'These reports can no longer be read: {0}.',
  tooFew: 'Fewer than two of the runs are left. Choose others in the sidebar.',
  chart: 'Error against size',
  horizontal: 'Across',
  vertical: 'Up',
  run: 'Run',
  source: 'Checkpoint',
  order: 'Order',
  parameters: 'Parameters',
  bytes: 'File size',
  error: 'Relative h² error',
  errorHelp:
    'The greatest among the layers: h² norm of the difference of the impulse responses, divided by the norm of the original.',
  certified: 'certified',
  estimated: 'estimated',
  measured: 'measured',
  bound: 'Output bound',
  boundHelp:
    'Certified bound on the error of the output of the network, a norm. Empty where none was derived, or where it is vacuous: no more than what holds whatever the layers do.',
  accuracy: 'Accuracy',
  accuracyHelp: 'On sequences that were held out, with its 95 % confidence interval.',
  accuracyLoss: 'Loss of accuracy (points)',
  outputError: 'Error of the output',
  outputErrorHelp: 'Relative error of the output on held-out sequences, with its 95 % interval.',
  time: 'Time',
  solver: 'Solver',
  arrow: '{0} → {1}',
  points: '{0} points',
  best: 'best',
  openReport: 'Open the report of {0}',
  remove: 'Take {0} out of the comparison',
  summary: '{0} against {1}, of {2} runs. {3}.',
  point: '{0}: {1}, {2}',
  none: 'not measured',
} as const;

export type ComparisonTexts = { readonly [K in keyof typeof comparisonTexts]: string };
