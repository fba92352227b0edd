import * as path from 'node:path';
import type { ComparedRun, ComparisonState } from '../../protocol/comparison';
import { figuresOf } from './figures';
import { resultOf } from './run';
import type { BrokenRun, Run } from './run';

/** The names of things that only the extension host can translate. */
export interface ComparisonNames {
  readonly label: (run: Run) => string;
  readonly solver: (id: string) => string;
}

/** The runs side by side, the smallest first. */
export function compareRuns(
  runs: readonly (Run | BrokenRun | undefined)[],
  reports: readonly string[],
  names: ComparisonNames,
): ComparisonState {
  const readable = runs.flatMap((run) => (run !== undefined && 'summary' in run ? [run] : []));
  const read = new Set(readable.map(({ report }) => report));
  const sorted = readable.sort(
    (a, b) =>
      a.summary.parametersAfter - b.summary.parametersAfter || (a.report < b.report ? -1 : 1),
  );
  const missing = reports.filter((report) => !read.has(report));
  return {
    reports: [...sorted.map(({ report }) => report), ...missing],
    runs: sorted.map((run) => comparedRun(run, names)),
    missing: missing.map((report) => path.basename(report)),
  };
}

function comparedRun(run: Run, { label, solver }: ComparisonNames): ComparedRun {
  const { summary, notes } = run;
  const { error, accuracyLoss } = figuresOf(summary);
  const { calibration, output, worst } = summary;
  const accuracy = calibration?.measures.find(({ id }) => id === 'accuracy')?.model;
  return {
    label: label(run),
    result: path.basename(resultOf(run)),
    source: path.posix.basename(summary.source.path),
    ...(notes.note === undefined ? {} : { note: notes.note }),
    solver: solver(summary.request.solver),
    orderBefore: summary.orderBefore,
    orderAfter: summary.orderAfter,
    parametersBefore: summary.parametersBefore,
    parameters: summary.parametersAfter,
    bytes: summary.result.bytes,
    ...(error === undefined || worst === undefined ? {} : { error, errorKind: worst.errorKind }),
    ...(output === undefined || output.vacuous || output.certified === null
      ? {}
      : { bound: output.certified }),
    ...(accuracy === undefined ? {} : { accuracy }),
    ...(accuracyLoss === undefined ? {} : { accuracyChange: -accuracyLoss }),
    ...(calibration?.outputError === undefined ? {} : { outputError: calibration.outputError }),
    seconds: summary.seconds,
  };
}
