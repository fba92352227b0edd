import * as path from 'node:path';
import * as vscode from 'vscode';
import { showName } from '../../protocol/shown';
import type { SourceFiles } from './sourceFile';

const { t } = vscode.l10n;

/** Says, among the language's status items, what checkpoint the active file is linked to. */
export function registerLinkStatus(files: SourceFiles): vscode.Disposable {
  let item: vscode.LanguageStatusItem | undefined;
  const show = (): void => {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined || !files.hasSites(document)) {
      item?.dispose();
      item = undefined;
      return;
    }
    item ??= vscode.languages.createLanguageStatusItem('ssm.link', []);
    item.selector = { language: document.languageId, scheme: document.uri.scheme };
    item.name = t('SSM Checkpoint');
    item.command = { title: t('Link to a Checkpoint…'), command: 'ssm.linkFile' };
    const link = files.annotated(document)?.link;
    item.text =
      link === undefined
        ? t('SSM: no checkpoint')
        : `SSM: ${showName(path.basename(link.facts.result), 60)}`;
    item.detail = link === undefined ? '' : link.by === 'link' ? t('linked') : t('matched by name');
  };
  let waiting: NodeJS.Timeout | undefined;
  const later = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 300);
  };
  show();
  return vscode.Disposable.from(
    files.onDidChange(later),
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document === vscode.window.activeTextEditor?.document) later();
    }),
    new vscode.Disposable(() => {
      clearTimeout(waiting);
      item?.dispose();
    }),
  );
}
