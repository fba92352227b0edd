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

/** Whether a message of a page is a file that can be saved under a harmless name. */
export function isSavedFile(value: unknown): value is SavedFile {
  if (typeof value !== 'object' || value === null) return false;
  const { name, extension, content, encoding } = value as Partial<Record<keyof SavedFile, unknown>>;
  return (
    typeof name === 'string' &&
    /^[a-z-]{1,40}$/.test(name) &&
    (extension === 'csv' || extension === 'png') &&
    typeof content === 'string' &&
    (encoding === 'utf8' || encoding === 'base64')
  );
}
