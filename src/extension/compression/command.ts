import * as path from 'node:path';
import * as vscode from 'vscode';
import { SsmError } from '../../core/errors';
import type { CheckpointSummary, CompressParams } from '../../protocol/worker';
import { settleQuestions } from '../answers/ask';
import { inspectRemembering } from '../answers/inspect';
import type { SsmContext } from '../context';
import { signalOf } from '../platform/cancellation';
import { describeFault, faultForLog, isCancelled, reportFault } from '../platform/faults';
import { noticeText } from '../platform/noticeText';
import { localPath } from '../platform/localPath';
import { defaultOutputName } from './outputName';
import { askHow, askReplace, existing } from './questions';
import type { Answers } from './questions';
import { runCompressions } from './run';
import type { Outcome } from './run';

const { t } = vscode.l10n;

/** The command `SSM: Compress SSM…`: reads the headers, asks how small, compresses. Resolves to what became of it. */
export async function compress(
  context: SsmContext,
  files: readonly vscode.Uri[],
): Promise<Outcome[]> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showErrorMessage(t('Compression needs a trusted workspace.'));
    return [];
  }
  const summaries = await readHeaders(context, files);
  if (summaries.length === 0) return [];
  const settled = await settleAll(context, summaries);
  if (settled === undefined) return [];
  const answers = await askHow(settled);
  if (answers === undefined) return [];
  const runs = await decideOutputs(context, settled, answers);
  return runCompressions(context, runs);
}

/** Asks what the checkpoints do not tell, one checkpoint after another; undefined when the person left. */
async function settleAll(
  context: SsmContext,
  summaries: readonly CheckpointSummary[],
): Promise<CheckpointSummary[] | undefined> {
  const { signal } = new AbortController();
  const settled: CheckpointSummary[] = [];
  for (const summary of summaries) {
    const one = await settleQuestions(context, summary, signal);
    if (one === undefined) return undefined;
    settled.push(one);
  }
  return settled;
}

/** The checkpoints that can be compressed. Of the others the person hears before anything is asked. */
async function readHeaders(
  context: SsmContext,
  files: readonly vscode.Uri[],
): Promise<CheckpointSummary[]> {
  const read = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t('Reading checkpoint headers') },
    (_, token) =>
      Promise.all(
        files.map((file) =>
          readHeader(context, file, signalOf(token)).catch((error: unknown) => ({ file, error })),
        ),
      ),
  );
  const failures = read.flatMap((item) => ('error' in item ? [item] : []));
  tellUnfit(context, failures, files.length);
  return read.flatMap((item) => ('error' in item ? [] : [item]));
}

async function readHeader(
  context: SsmContext,
  uri: vscode.Uri,
  signal: AbortSignal,
): Promise<CheckpointSummary> {
  const file = localPath(uri);
  const summary = await inspectRemembering(context, file, signal);
  if (summary.layers.length === 0) {
    const reasons = summary.refusals.map(({ reason }) => reason);
    throw new SsmError(
      'no-layers',
      reasons.at(0) ??
        t('No state-space layer was recognised in this file, so there is nothing to compress.'),
      { file },
    );
  }
  if (summary.choices.length === 0) {
    throw new SsmError('bad-request', t('Its state-space layers are as small as they can be.'), {
      file,
    });
  }
  return summary;
}

function tellUnfit(
  { log }: SsmContext,
  failures: readonly { readonly file: vscode.Uri; readonly error: unknown }[],
  asked: number,
): void {
  const faults = failures.filter(({ error }) => !isCancelled(error));
  const first = faults.at(0);
  if (first === undefined) return;
  if (asked === 1) {
    reportFault(log, first.error);
    return;
  }
  for (const { error } of faults) log.error(faultForLog(error));
  const names = faults.map(({ file }) => path.basename(file.path)).join(', ');
  reportFault(
    log,
    new Error(
      t('{0} of {1} files cannot be compressed: {2}.', faults.length, asked, names) +
        ` ${describeFault(first.error)}`,
    ),
  );
}

/** One run a checkpoint; those whose result exists only if the person agrees to replace it. */
async function decideOutputs(
  context: SsmContext,
  summaries: readonly CheckpointSummary[],
  answers: Omit<Answers, 'output'> | Answers,
): Promise<CompressParams[]> {
  const { size, horizon, method, poles } = answers;
  const runs = summaries.map(({ path: file, fingerprint, layers }) => ({
    file,
    answers: { remembered: context.answers.recall(file, fingerprint) },
    untie: poles === 'own' && layers.some(({ untying }) => untying !== undefined),
    output:
      'output' in answers
        ? answers.output
        : path.join(path.dirname(file), defaultOutputName(file, size.order)),
    target: size.target,
    ...(horizon === 'own' ? {} : { horizon }),
    ...method,
  }));
  const taken = await existing(runs.map(({ output }) => output));
  const decision =
    taken.length === 0 ? 'replace' : await askReplace(taken, runs.length - taken.length);
  if (decision === undefined) return [];
  return runs
    .filter(({ output }) => decision === 'replace' || !taken.includes(output))
    .map((run) => ({ ...run, overwrite: taken.includes(run.output) }));
}

/** Asks for checkpoints when the command was called without. */
export async function pickCheckpoints(): Promise<vscode.Uri[]> {
  const picked = await vscode.window.showOpenDialog({
    canSelectMany: true,
    openLabel: t('Compress'),
    title: noticeText(t('Checkpoints to Compress')),
    filters: { [t('Checkpoints')]: ['safetensors', 'pt', 'pth', 'ckpt'] },
  });
  return picked ?? [];
}
