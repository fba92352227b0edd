import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CompressParams, CompressProgress, CompressResult } from '../../protocol/worker';
import { shapesOf } from '../answers/inspect';
import type { SsmContext } from '../context';
import { compareReportsCommand } from '../experiments/compareReports';
import { signalOf } from '../platform/cancellation';
import { describeFault, faultForLog, isCancelled, reportFault } from '../platform/faults';
import { noticeText } from '../platform/noticeText';
import type { LiveRunHandle } from './liveRuns';
import { workerQueue } from './queue';
import { resultText } from './resultText';
import { describeStage } from './stageText';

const { t } = vscode.l10n;

/** How one run of several ended. */
export type Outcome =
  | { readonly file: string; readonly result: CompressResult }
  | { readonly file: string; readonly error: unknown };

/**
 * Compresses the checkpoints one after another behind a notification that shows how far they are and can cancel them.
 * Tells of the end, and resolves to the outcomes, in order, of the runs that were begun.
 */
export async function runCompressions(
  context: SsmContext,
  runs: readonly CompressParams[],
): Promise<Outcome[]> {
  const first = runs.at(0);
  if (first === undefined) return [];
  const title = titleOf(runs, first);
  const live = runs.map((run) => context.liveRuns.add(run));
  const outcomes = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const signal = signalOf(token);
      const show = progressOf(progress, runs.length);
      if (workerQueue.busy()) progress.report({ message: t('waiting for the run before it') });
      const ended: Outcome[] = [];
      for (const [i, run] of runs.entries()) {
        const outcome = await compressOne(context, run, signal, live[i], (at) => {
          show(i, path.basename(isSweep(runs) ? run.output : run.file), at);
        });
        ended.push(outcome);
        if (signal.aborted) break;
      }
      for (const notBegun of live.slice(ended.length)) notBegun.ended();
      return ended;
    },
  );
  tell(context, outcomes, runs);
  return outcomes;
}

function titleOf(runs: readonly CompressParams[], first: CompressParams): string {
  const name = noticeText(path.basename(first.file));
  if (runs.length === 1) return t('Compressing {0}', name);
  return isSweep(runs)
    ? t('Compressing {0} {1} times', name, runs.length)
    : t('Compressing {0} checkpoints', runs.length);
}

/** Whether several runs are of one checkpoint. */
function isSweep(runs: readonly CompressParams[]): boolean {
  return runs.length > 1 && new Set(runs.map(({ file }) => file)).size === 1;
}

async function compressOne(
  { worker, log, answers, engines }: SsmContext,
  run: CompressParams,
  cancelled: AbortSignal,
  live: LiveRunHandle,
  showProgress: (progress: CompressProgress) => void,
): Promise<Outcome> {
  const { file } = run;
  const signal = AbortSignal.any([cancelled, live.signal]);
  const progress = (at: CompressProgress): void => {
    live.progress(at);
    showProgress(at);
  };
  log.info(`Compressing ${file} to ${run.output}: ${JSON.stringify(run)}`);
  try {
    const result = await workerQueue.run(() => {
      live.started();
      const engine = run.engine ?? engines.request();
      return worker.request('compress', { ...run, engine }, { signal, onEvent: { progress } });
    }, signal);
    // what holds for the source holds for the result
    await answers.remember(result.output, result.fingerprint, run.answers?.remembered ?? {});
    if (run.fields !== undefined) await rememberFields(worker, answers, result.output, run.fields);
    const { totalSeconds } = result.report.timings;
    engines.show(result.report.device.search);
    log.info(`Wrote ${result.output} and ${result.reportPath} in ${totalSeconds.toFixed(2)} s.`);
    live.ended();
    return { file, result };
  } catch (error) {
    if (isCancelled(error)) live.ended();
    else live.failed(describeFault(error));
    log.info(`${file}: ${isCancelled(error) ? 'cancelled' : faultForLog(error)}`);
    return { file, error };
  }
}

/** The arrays of a result stand in the order of the source, which need not be asked for again. */
async function rememberFields(
  worker: SsmContext['worker'],
  answers: SsmContext['answers'],
  file: string,
  fields: readonly string[],
): Promise<void> {
  const summary = await worker.request('inspect', { file });
  await answers.rememberFields(file, shapesOf(summary), fields);
}

/** Turns the fractions of single runs into the increments of the whole, with a sentence. */
function progressOf(
  progress: vscode.Progress<{ message?: string; increment?: number }>,
  runs: number,
): (run: number, name: string, at: CompressProgress) => void {
  let shown = 0;
  return (run, name, at) => {
    const done = (100 * (run + Math.min(1, Math.max(0, at.fraction)))) / runs;
    const increment = Math.max(0, done - shown);
    shown += increment;
    const stage = describeStage(at);
    const message =
      runs === 1 ? stage : t('{0} ({1} of {2}): {3}', noticeText(name), run + 1, runs, stage);
    progress.report({ increment, message });
  };
}

/** Says how it ended: loudly for results and failures, quietly for what the person cancelled. */
function tell(
  context: SsmContext,
  outcomes: readonly Outcome[],
  runs: readonly CompressParams[],
): void {
  const asked = runs.length;
  const results = outcomes.flatMap((outcome) => ('result' in outcome ? [outcome.result] : []));
  const failures = outcomes.flatMap((outcome) =>
    'error' in outcome && !isCancelled(outcome.error) ? [outcome] : [],
  );
  const result = results.at(0);
  const failure = failures.at(0);
  if (asked === 1 && failure !== undefined) {
    reportFault(context.log, failure.error, t('Compression failed:'));
  } else if (failures.length > 0 && failure !== undefined) {
    const names = [...new Set(failures.map(({ file }) => path.basename(file)))].join(', ');
    const text = t('{0} of {1} runs failed: {2}.', failures.length, asked, names);
    reportFault(context.log, new Error(`${text} ${describeFault(failure.error)}`));
  }
  if (result !== undefined && results.length > 1 && isSweep(runs)) {
    void tellSweep(results);
  } else if (result !== undefined) void tellResult(result, results.length);
  else if (failures.length === 0) {
    vscode.window.setStatusBarMessage(t('$(circle-slash) Compression cancelled'), 6000);
  }
}

async function tellResult(result: CompressResult, count: number): Promise<void> {
  const { output, reportPath } = result;
  const openReport = t('Open Report');
  const reveal = t('Reveal');
  const text =
    count === 1
      ? resultText(result)
      : t('{0} checkpoints were compressed. The first is {1}.', count, path.basename(output));
  const choice = await vscode.window.showInformationMessage(noticeText(text), openReport, reveal);
  if (choice === openReport) {
    await vscode.commands.executeCommand('ssm.openReport', vscode.Uri.file(reportPath));
  } else if (choice === reveal) {
    await revealFile(vscode.Uri.file(output));
  }
}

async function tellSweep(results: readonly CompressResult[]): Promise<void> {
  const compare = t('Compare');
  const text = t(
    '{0} results were written. Compare them by size, error and accuracy.',
    results.length,
  );
  const choice = await vscode.window.showInformationMessage(text, compare);
  if (choice === compare) {
    const reports = results.map(({ reportPath }) => reportPath);
    await vscode.commands.executeCommand(compareReportsCommand, reports);
  }
}

/** In the Explorer when the file lies in the workspace, else in the system's file manager. */
async function revealFile(file: vscode.Uri): Promise<void> {
  const inside = vscode.workspace.getWorkspaceFolder(file) !== undefined;
  await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', file);
}
