import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { SsmError } from '../../core/errors';
import type { SsmContext } from '../context';
import { signalOf } from '../platform/cancellation';
import { isCancelled, reportFault } from '../platform/faults';
import { localPath } from '../platform/localPath';
import { noticeText, pickText } from '../platform/noticeText';
import { back, choose } from '../platform/steps';
import type { StepPlace } from '../platform/steps';

const { t } = vscode.l10n;

/** Inputs of the layers, recorded in the live model: for networks that are not known here. */
export interface Recording {
  readonly recorded: string;
}

/**
 * Lets the person choose a recording and tries it on the checkpoint. Resolves to `back` where none was chosen or the
 * person would rather take something else.
 */
export async function chooseRecording(
  context: SsmContext,
  file: string,
  place: StepPlace,
): Promise<Recording | typeof back | undefined> {
  for (;;) {
    const recorded = await openRecordingFile();
    if (recorded === undefined) return back;
    const complaint = await checkRecording(context, file, recorded);
    if (complaint === undefined) return { recorded };
    if (complaint === 'cancelled') return back;
    context.log.info(`${recorded} does not fit ${file}: ${complaint}`);
    const what = await choose(
      { ...place, canGoBack: true },
      t('{0} does not fit: {1}', path.basename(recorded), noticeText(complaint)),
      [
        {
          label: t('Choose Another Recording…'),
          detail: pickText(complaint),
          value: 'other' as const,
        },
      ],
    );
    if (what === undefined || what === back) return what;
  }
}

async function openRecordingFile(): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: t('Recorded Inputs of the Layers'),
    openLabel: t('Use'),
    filters: { [t('Recordings')]: ['npz'] },
  });
  const file = picked?.at(0);
  return file === undefined ? undefined : localPath(file);
}

/** Why a recording does not fit; undefined where it does. */
export async function checkRecording(
  { worker }: SsmContext,
  file: string,
  recorded: string,
): Promise<string | undefined> {
  try {
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: t('Reading the recording'),
        cancellable: true,
      },
      (_, token) =>
        worker.request('describeRecording', { file, recorded }, { signal: signalOf(token) }),
    );
    return undefined;
  } catch (error) {
    if (isCancelled(error)) return 'cancelled';
    if (SsmError.is(error) && error.reason !== 'worker-lost') return error.message;
    throw error;
  }
}

/**
 * The command `SSM: Save Recording Script…`: writes the Python script that records what the layers of a checkpoint receive
 * in the live model, and opens it. Resolves to where it is, undefined where the person left or it cannot be made.
 */
export async function saveRecordingScript(
  { worker, log }: SsmContext,
  checkpoint: vscode.Uri,
): Promise<vscode.Uri | undefined> {
  try {
    const file = localPath(checkpoint);
    const { script } = await worker.request('recordScript', { file });
    const target = await vscode.window.showSaveDialog({
      title: t('Script That Records the Inputs of the Layers'),
      defaultUri: vscode.Uri.joinPath(checkpoint, '..', 'record_inputs.py'),
      filters: { Python: ['py'] },
    });
    if (target === undefined) return undefined;
    await writeFile(localPath(target), script);
    await vscode.window.showTextDocument(target, { preview: false });
    void vscode.window.showInformationMessage(
      t(
        'Run {0} with the live model; its first lines say how. Then compress with what it wrote.',
        noticeText(path.basename(target.path)),
      ),
    );
    return target;
  } catch (error) {
    if (!isCancelled(error)) reportFault(log, error, t('The script could not be made:'));
    return undefined;
  }
}
