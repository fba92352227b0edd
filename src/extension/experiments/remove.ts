import * as path from 'node:path';
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { noticeText } from '../platform/noticeText';
import { notesPathOf } from './notes';
import { resultOf } from './run';
import type { BrokenRun, Run } from './run';

const { t } = vscode.l10n;

/** Asks, then puts results, reports and notes into the trash. Where there is no trash, it asks again. */
export async function removeRuns(runs: readonly (Run | BrokenRun)[]): Promise<void> {
  const files = await filesOf(runs);
  if (files.length === 0) return;
  const names = files.map((file) => noticeText(path.basename(file)));
  const shown =
    names.length > 12 ? [...names.slice(0, 12), t('and {0} more', names.length - 12)] : names;
  const question =
    runs.length === 1
      ? t('Move the result of this run and its report to the trash?')
      : t('Move the results of {0} runs and their reports to the trash?', runs.length);
  const move = t('Move to Trash');
  const detail = shown.join('\n');
  const choice = await vscode.window.showWarningMessage(question, { modal: true, detail }, move);
  if (choice !== move) return;
  const left = await removeAll(files, true);
  if (left.length > 0) await removeForGood(left);
}

/** Where files are deleted for good (a remote machine without a trash), the person has to say so. */
async function removeForGood(files: readonly string[]): Promise<void> {
  const forGood = t('Delete Permanently');
  const choice = await vscode.window.showWarningMessage(
    t('There is no trash here. Delete the files permanently?'),
    { modal: true, detail: files.map((file) => noticeText(path.basename(file))).join('\n') },
    forGood,
  );
  if (choice !== forGood) return;
  const left = await removeAll(files, false);
  if (left.length === 0) return;
  void vscode.window.showErrorMessage(
    noticeText(t('These files could not be deleted: {0}', left.join(', '))),
  );
}

/** The files that could not be removed. Reports go last: while something is left, its run is still listed. */
async function removeAll(files: readonly string[], useTrash: boolean): Promise<string[]> {
  const left: string[] = [];
  for (const file of files) {
    try {
      await vscode.workspace.fs.delete(vscode.Uri.file(file), { useTrash, recursive: true });
    } catch {
      left.push(file);
    }
  }
  return left;
}

/** What there is of the runs: results that exist, notes, reports. */
async function filesOf(runs: readonly (Run | BrokenRun)[]): Promise<string[]> {
  const candidates = runs.flatMap(({ report, ...run }) =>
    'summary' in run ? [resultOf({ report }), notesPathOf(report), report] : [report],
  );
  const found = await Promise.all(
    candidates.map((file) =>
      stat(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return candidates.filter((_, i) => found[i]);
}
