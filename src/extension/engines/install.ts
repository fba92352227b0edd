import * as vscode from 'vscode';
import type { EngineTrial } from '../../protocol/engines';
import type { SsmContext } from '../context';
import { signalOf } from '../platform/cancellation';
import { isCancelled, reportFault } from '../platform/faults';
import { noticeText } from '../platform/noticeText';

const { t } = vscode.l10n;

/**
 * Installs TensorFlow's package for GPUs with npm, after the person has read what it needs, and tells what it is good
 * for on this machine.
 */
export async function installTensorFlow(context: SsmContext): Promise<EngineTrial | undefined> {
  const folder = context.engines.folder();
  const install = t('Install');
  const answer = await vscode.window.showWarningMessage(
    t('Install the TensorFlow GPU back end?'),
    { modal: true, detail: describeNeeds(folder) },
    install,
  );
  if (answer !== install) return undefined;
  try {
    const trial = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: t('Installing TensorFlow'),
        cancellable: true,
      },
      (progress, token) =>
        context.worker.request(
          'installEngine',
          { engine: 'tfjs', folder },
          {
            signal: signalOf(token),
            onEvent: {
              line: (line) => {
                context.log.info(`npm: ${line}`);
                progress.report({ message: noticeText(line).slice(0, 80) });
              },
            },
          },
        ),
    );
    await tell(context, trial);
    return trial;
  } catch (error) {
    if (!isCancelled(error)) reportFault(context.log, error);
    return undefined;
  }
}

function describeNeeds(folder: string): string {
  return [
    t('It computes on NVIDIA GPUs only, on Linux or Windows (x64), and needs on this machine:'),
    t('• the NVIDIA driver, 450 or later, CUDA 11.2 and cuDNN 8.1'),
    t('• npm, and access to the npm registry and to storage.googleapis.com'),
    t(
      'Later versions of CUDA do not do. npm runs the install scripts of @tensorflow/tfjs-node-gpu, which download some 500 MB, into {0}.',
      folder,
    ),
    t('Without it everything works on the processor.'),
  ].join('\n');
}

/** The verdict of the self-test. */
async function tell({ log }: SsmContext, trial: EngineTrial): Promise<void> {
  log.info(`TensorFlow: ${JSON.stringify(trial)}`);
  const showLog = t('Show Log');
  const { device, usable } = trial;
  const name = device === undefined ? '' : noticeText(device.name);
  const works = usable && device?.kind === 'gpu';
  const text = works
    ? t('TensorFlow is installed and passed its self-test: {0}.', name)
    : t('TensorFlow is installed, but no GPU can be used. {0}', noticeText(trial.verdict));
  const shown = works
    ? await vscode.window.showInformationMessage(text, showLog)
    : await vscode.window.showWarningMessage(name === '' ? text : `${text} ${name}.`, showLog);
  if (shown === showLog) log.show();
}
