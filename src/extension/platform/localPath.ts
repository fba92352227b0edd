import * as vscode from 'vscode';
import { SsmError } from '../../core/errors';

/** The path of a file on the machine where the extension runs. Throws `unsupported-file` where there is none. */
export function localPath(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new SsmError(
    'unsupported-file',
    vscode.l10n.t('Only files on a disk can be read, not those of "{0}".', uri.scheme),
    { file: uri.path },
  );
}
