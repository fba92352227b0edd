import * as vscode from 'vscode';
import { registerAnnotations } from './annotations/register';
import { createAnswerMemory } from './answers/memory';
import { registerCheckpointEditor } from './checkpointEditor/provider';
import { registerCommands } from './commands';
import type { SsmContext } from './context';
import { workerNodePath } from './platform/config';
import { registerReportEditor } from './reportEditor/provider';
import { createWorkerClient } from './workerClient';

/** Wires the parts together; starts, reads and shows nothing. */
export function activate(extension: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('SSM Compress', { log: true });
  const worker = createWorkerClient({
    script: vscode.Uri.joinPath(extension.extensionUri, 'dist', 'worker.cjs').fsPath,
    nodePath: workerNodePath,
    log,
  });
  extension.subscriptions.push(
    log,
    new vscode.Disposable(() => {
      worker.stop('the window closes');
    }),
  );
  const context: SsmContext = {
    extensionUri: extension.extensionUri,
    log,
    worker,
    answers: createAnswerMemory(extension.workspaceState),
    subscriptions: extension.subscriptions,
  };
  registerCommands(context);
  registerCheckpointEditor(context);
  registerReportEditor(context);
  registerAnnotations(context, extension.workspaceState);
}
