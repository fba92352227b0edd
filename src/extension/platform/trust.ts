import * as vscode from 'vscode';

const { t } = vscode.l10n;

/** Whether the workspace is trusted; where not, says why nothing is written and leads to where trust is given. */
export function mayWrite(): boolean {
  if (vscode.workspace.isTrusted) return true;
  const manage = t('Manage Workspace Trust');
  void vscode.window
    .showErrorMessage(t('Compression needs a trusted workspace.'), manage)
    .then((choice) => {
      if (choice === manage) void vscode.commands.executeCommand('workbench.trust.manage');
    });
  return false;
}
