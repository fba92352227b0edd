import { access } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CompressParams } from '../../protocol/worker';
import { pickText } from '../platform/noticeText';

const { t } = vscode.l10n;

/** The runs; those whose result exists only if the person agrees to replace it. */
export async function settleOutputs(
  runs: readonly Omit<CompressParams, 'overwrite'>[],
): Promise<CompressParams[]> {
  const taken = await existing(runs.map(({ output }) => output));
  const decision =
    taken.length === 0 ? 'replace' : await askReplace(taken, runs.length - taken.length);
  if (decision === undefined) return [];
  return runs
    .filter(({ output }) => decision === 'replace' || !taken.includes(output))
    .map((run) => ({ ...run, overwrite: taken.includes(run.output) }));
}

/** Of the paths, those that exist. */
async function existing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, i) => found[i]);
}

/** Asks before files are replaced. `replace` and `skip` are decisions; undefined leaves everything as it is. */
async function askReplace(
  files: readonly string[],
  others: number,
): Promise<'replace' | 'skip' | undefined> {
  const replace = t('Replace');
  const skip = t('Skip');
  const first = files.at(0);
  const message =
    files.length === 1 && first !== undefined
      ? t('{0} exists already. Replace it and its report?', pickText(path.basename(first)))
      : t('{0} of the results exist already. Replace them and their reports?', files.length);
  const choice = await vscode.window.showWarningMessage(
    message,
    { modal: true },
    replace,
    ...(others > 0 ? [skip] : []),
  );
  return choice === replace ? 'replace' : choice === skip ? 'skip' : undefined;
}
