import * as path from 'node:path';
import { reportSuffix } from '../../protocol/report';
import type { RunSummary } from '../../protocol/runSummary';
import type { RunNotes } from './notes';

/** A report in the workspace that could be read, and what the person wrote about it. */
export interface Run {
  /** Path of the report. It names the run. */
  readonly report: string;
  readonly summary: RunSummary;
  readonly notes: RunNotes;
}

/** A report that could not be read. */
export interface BrokenRun {
  readonly report: string;
  readonly fault: string;
}

/**
 * The result that a report is about. By convention it lies beside the report under the same name; what a report says
 * itself is not believed, since files are deleted by this path.
 */
export function resultOf({ report }: Pick<Run, 'report'>): string {
  return report.slice(0, -reportSuffix.length);
}

/** The checkpoint that was compressed, as the report names it. */
export function sourceOf({ report, summary }: Pick<Run, 'report' | 'summary'>): string {
  return path.resolve(path.dirname(report), summary.source.path);
}
