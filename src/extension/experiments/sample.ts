import * as path from 'node:path';
import * as vscode from 'vscode';
import type { SsmContext } from '../context';
import { reportFault } from '../platform/faults';

const { t } = vscode.l10n;
const sampleName = 's4d-smnist.safetensors';

/** Copies the sample checkpoint into the workspace, or a folder that the person picks, unless it is there, and opens it. */
export async function openSample({ extensionUri, log }: SsmContext): Promise<void> {
  const folder = await targetFolder();
  if (folder === undefined) return;
  const target = vscode.Uri.joinPath(folder, sampleName);
  const source = vscode.Uri.joinPath(extensionUri, 'media', 'samples', sampleName);
  try {
    if (!(await exists(target))) await vscode.workspace.fs.copy(source, target);
    await vscode.commands.executeCommand('vscode.open', target);
  } catch (error) {
    reportFault(log, error, t('{0} could not be copied:', path.basename(sampleName)));
  }
}

async function targetFolder(): Promise<vscode.Uri | undefined> {
  const first = vscode.workspace.workspaceFolders?.at(0);
  if (first !== undefined) return first.uri;
  const picked = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: t('Copy the Sample Here'),
  });
  return picked?.at(0);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
