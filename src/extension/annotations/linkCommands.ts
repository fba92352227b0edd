import * as path from 'node:path';
import * as vscode from 'vscode';
import { reportSuffix } from '../../protocol/report';
import { pickText } from '../platform/noticeText';
import { showOrders } from './figures';
import type { LayerIndex } from './layerIndex';
import { checkpointOf, withLink } from './links';
import { linksOf, setLinks } from './settings';
import type { SourceFiles } from './sourceFile';

const { t } = vscode.l10n;

interface Choice extends vscode.QuickPickItem {
  readonly checkpoint?: string;
  readonly action?: 'browse' | 'unlink';
}

/** The commands that link a source file to a checkpoint, or say that a suggestion is wrong. */
export function registerLinkCommands(index: LayerIndex, files: SourceFiles): vscode.Disposable {
  const linkFile = async (file?: vscode.Uri, checkpoint?: vscode.Uri): Promise<void> => {
    const source = file ?? vscode.window.activeTextEditor?.document.uri;
    const folder = source === undefined ? undefined : vscode.workspace.getWorkspaceFolder(source);
    if (source === undefined || folder === undefined) {
      void vscode.window.showInformationMessage(
        t('Open a Python, YAML or JSON file of the workspace to link it to a checkpoint.'),
      );
      return;
    }
    const links = linksOf(source);
    const chosen = checkpoint?.fsPath ?? (await choose(index, path.basename(source.fsPath)));
    if (chosen === undefined) return;
    const target = chosen === '' ? undefined : checkpointOf(chosen);
    await setLinks(folder, withLink(links, source.fsPath, target, folder.uri.fsPath));
    if (target === undefined) return;
    await index.refresh(target + reportSuffix);
    if (index.ofResult(target) === undefined && index.ofSource(target).length === 0) {
      void vscode.window.showInformationMessage(
        t('No report speaks of this checkpoint yet. Annotations appear when it is compressed.'),
      );
    }
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand('ssm.linkFile', linkFile),
    vscode.commands.registerCommand(
      'ssm.rejectLink',
      async (file?: vscode.Uri, checkpoint?: vscode.Uri) => {
        const source = file ?? vscode.window.activeTextEditor?.document.uri;
        if (source === undefined || checkpoint === undefined) return;
        await files.reject(source, checkpoint.fsPath);
      },
    ),
  );
}

/** Asks for a checkpoint; undefined where nothing was chosen, empty for no link at all. */
async function choose(index: LayerIndex, file: string): Promise<string | undefined> {
  const known = index.all().map((facts): Choice => {
    const shown = vscode.workspace.asRelativePath(facts.result);
    return {
      label: pickText(path.basename(facts.result)),
      description: facts.layers.length === 0 ? '' : t('order {0}', showOrders(facts.layers)),
      detail: pickText(shown),
      checkpoint: facts.result,
    };
  });
  const other: Choice[] = [
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: t('$(folder-opened) Another Checkpoint…'), action: 'browse' },
    { label: t('$(close) No Link'), action: 'unlink' },
  ];
  const picked = await vscode.window.showQuickPick<Choice>([...known, ...other], {
    title: t('Link {0}', pickText(file)),
    placeHolder: t('Which checkpoint does this file describe?'),
    matchOnDetail: true,
  });
  if (picked?.action === 'unlink') return '';
  if (picked?.action !== 'browse') return picked?.checkpoint;
  const opened = await vscode.window.showOpenDialog({ openLabel: t('Link') });
  return opened?.at(0)?.fsPath;
}
