import * as path from 'node:path';
import * as vscode from 'vscode';
import type { SavedFile } from '../../protocol/webview';

/** Asks where to save what a page made, proposes a name beside the file that the page shows, and writes it. */
export async function saveBeside(
  shown: vscode.Uri,
  { name, extension, content, encoding }: SavedFile,
): Promise<void> {
  const stem = path.posix.basename(shown.path).replace(/(\.ssmreport)?\.json$/i, '');
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(shown, '..', `${stem}.${name}.${extension}`),
    filters: { [extension.toUpperCase()]: [extension] },
  });
  if (target !== undefined) {
    await vscode.workspace.fs.writeFile(target, Buffer.from(content, encoding));
  }
}
