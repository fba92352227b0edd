import { access } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { reportSuffix } from '../protocol/report';
import { anyCheckpointViewType, checkpointViewType } from './checkpointEditor/provider';
import type { SsmContext } from './context';
import { noticeText } from './platform/noticeText';
import { mayWrite } from './platform/trust';
import { reportViewType } from './reportEditor/provider';

const { t } = vscode.l10n;

const checkpointViewTypes = [checkpointViewType, anyCheckpointViewType];

/** Registers the commands of the manifest. What they need beyond a message is loaded when first called. */
export function registerCommands(context: SsmContext): void {
  const commands: Record<string, (uri?: vscode.Uri, selection?: vscode.Uri[]) => unknown> = {
    'ssm.compress': async (uri, selection) => {
      if (!mayWrite()) return []; // before files are asked for
      const { compress, pickCheckpoints } = await import('./compression/command');
      const chosen = uris(uri ?? activeUri(checkpointViewTypes), selection);
      const files = chosen.length > 0 ? chosen : await pickCheckpoints();
      return files.length > 0 ? compress(context, files) : [];
    },
    'ssm.evaluate': async (uri) => {
      const { evaluate } = await import('./evaluation/command');
      const active = activeUri([...checkpointViewTypes, reportViewType]);
      const file = uri ?? active ?? (await pickFile(t('Evaluate')));
      return file === undefined ? undefined : evaluate(context, file);
    },
    'ssm.saveRecordingScript': async (uri) => {
      const { saveRecordingScript } = await import('./samples/recording');
      const file = uri ?? activeUri(checkpointViewTypes) ?? (await pickFile(t('Record')));
      return file === undefined ? undefined : saveRecordingScript(context, file);
    },
    'ssm.inspect': async (uri) => {
      const file = uri ?? (await pickFile(t('Inspect')));
      if (file !== undefined) await inspect(file);
    },
    'ssm.openReport': async (uri) => {
      const file =
        uri ?? activeUri(checkpointViewTypes) ?? (await pickFile(t('Open Report'), ['json']));
      if (file !== undefined) await openReport(file);
    },
    'ssm.installTensorFlow': async () => {
      const { installEngine } = await import('./engines/install');
      return installEngine(context, 'tfjs');
    },
    'ssm.installWebGpu': async () => {
      const { installEngine } = await import('./engines/install');
      return installEngine(context, 'webgpu');
    },
    'ssm.showLog': () => {
      context.log.show();
    },
    'ssm.restartWorker': () => {
      context.worker.stop('asked for by the person');
      void vscode.window.showInformationMessage(
        t('The worker was ended. The next request starts a new one.'),
      );
    },
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
}

/** The files a context-menu command is meant for: the selection if the clicked file is part of it. */
function uris(clicked: vscode.Uri | undefined, selection: vscode.Uri[] | undefined): vscode.Uri[] {
  if (clicked === undefined) return [];
  const selected = Array.isArray(selection) ? selection : [];
  const together = selected.some((other) => other.toString() === clicked.toString());
  return together ? selected : [clicked];
}

/** The file of the active tab if it is of one of these editors. */
function activeUri(viewTypes: readonly string[]): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom && viewTypes.includes(input.viewType)
    ? input.uri
    : undefined;
}

async function pickFile(label: string, endings?: string[]): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    openLabel: label,
    filters: endings === undefined ? {} : { [t('Reports')]: endings },
  });
  return picked?.at(0);
}

async function inspect(file: vscode.Uri): Promise<void> {
  const known =
    /(\.(safetensors|pt|pth|ckpt|msgpack|eqx)|\/pytorch_model[^/]*\.bin|\.(safetensors|bin)\.index\.json)$/i.test(
      file.path,
    );
  const viewType = known ? checkpointViewType : anyCheckpointViewType;
  await vscode.commands.executeCommand('vscode.openWith', file, viewType);
}

/** Opens a report, or the one that lies beside a checkpoint. */
async function openReport(file: vscode.Uri): Promise<void> {
  const isReport = file.path.endsWith(reportSuffix);
  const report = isReport ? file : file.with({ path: file.path + reportSuffix });
  try {
    await access(report.fsPath);
  } catch {
    const name = noticeText(path.basename(file.path));
    void vscode.window.showErrorMessage(
      isReport
        ? t('{0} does not exist.', name)
        : t('There is no report beside {0}. One is written when a checkpoint is compressed.', name),
    );
    return;
  }
  await vscode.commands.executeCommand('vscode.openWith', report, reportViewType);
}
