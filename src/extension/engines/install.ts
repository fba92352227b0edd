import * as vscode from 'vscode';
import { engineNames, type EngineTrial, type SearchEngineId } from '../../protocol/engines';
import type { SsmContext } from '../context';
import { signalOf } from '../platform/cancellation';
import { isCancelled, reportFault } from '../platform/faults';
import { noticeText } from '../platform/noticeText';

const { t } = vscode.l10n;

/**
 * Installs the package of an engine with npm, after the person has read what it needs, and tells what it is good for on
 * this machine.
 */
export async function installEngine(
  context: SsmContext,
  engine: SearchEngineId,
): Promise<EngineTrial | undefined> {
  const folder = context.engines.folder();
  const install = t('Install');
  const answer = await vscode.window.showWarningMessage(
    engine === 'tfjs'
      ? t('Install the TensorFlow GPU back end?')
      : t('Install the WebGPU back end?'),
    { modal: true, detail: needs[engine](folder).join('\n') },
    install,
  );
  if (answer !== install) return undefined;
  try {
    const trial = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: t('Installing {0}', engineNames[engine]),
        cancellable: true,
      },
      (progress, token) =>
        context.worker.request(
          'installEngine',
          { engine, folder },
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

/** What an engine needs, line by line. */
const needs: Readonly<Record<SearchEngineId, (folder: string) => string[]>> = {
  tfjs: (folder) => [
    t('It computes on NVIDIA GPUs only, on Linux or Windows (x64), and needs on this machine:'),
    t('• the NVIDIA driver, 450 or later, CUDA 11.2 and cuDNN 8.1'),
    t('• npm, and access to the npm registry and to storage.googleapis.com'),
    t(
      'Later versions of CUDA do not do. npm runs the install scripts of @tensorflow/tfjs-node-gpu, which download some 500 MB, into {0}.',
      folder,
    ),
    t('Without it everything works on the processor.'),
  ],
  webgpu: (folder) => [
    t('It computes on GPUs with Vulkan, Metal or Direct3D 12, and needs on this machine:'),
    t('• npm, and access to the npm registry'),
    t('• Node.js 20 or later on the PATH or in the setting ssm.worker.nodePath'),
    t('npm installs webgpu, some 140 MB, into {0}.', folder),
    t('Without it everything works on the processor.'),
  ],
};

/** The verdict of the self-test. */
async function tell({ log }: SsmContext, trial: EngineTrial): Promise<void> {
  const engine = engineNames[trial.engine];
  log.info(`${engine}: ${JSON.stringify(trial)}`);
  const showLog = t('Show Log');
  const { device, usable } = trial;
  const name = device === undefined ? '' : noticeText(device.name);
  const works = usable && device?.kind === 'gpu';
  const text = works
    ? t('{0} is installed and passed its self-test: {1}.', engine, name)
    : t('{0} is installed, but no GPU can be used. {1}', engine, noticeText(trial.verdict));
  const shown = works
    ? await vscode.window.showInformationMessage(text, showLog)
    : await vscode.window.showWarningMessage(name === '' ? text : `${text} ${name}.`, showLog);
  if (shown === showLog) log.show();
}
