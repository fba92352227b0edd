import * as vscode from 'vscode';
import { registerAnnotations } from './annotations/register';
import { createAnswerMemory } from './answers/memory';
import { registerCheckpointEditor } from './checkpointEditor/provider';
import { registerCommands } from './commands';
import { createLiveRuns } from './compression/liveRuns';
import type { SsmContext } from './context';
import { createEngineUse } from './engines/settings';
import { registerExperiments } from './experiments/register';
import { workerNodePath } from './platform/config';
import { createStatusItem } from './platform/statusItem';
import { registerReportEditor } from './reportEditor/provider';
import { createSampleMemory } from './samples/memory';
import { createPanelMemory } from './webviews/panelMemory';
import { registerPanels } from './webviews/restore';
import { createWorkerClient } from './workerClient';

/** Wires the parts together; starts, reads and shows nothing. */
export function activate(extension: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('SSM Compress', { log: true });
  const liveRuns = createLiveRuns();
  const status = createStatusItem(liveRuns);
  const worker = createWorkerClient({
    script: vscode.Uri.joinPath(extension.extensionUri, 'dist', 'worker.cjs').fsPath,
    nodePath: workerNodePath,
    log,
    onHealth: status.showHealth,
  });
  extension.subscriptions.push(
    log,
    status,
    new vscode.Disposable(() => {
      worker.stop('the window closes');
    }),
  );
  const context: SsmContext = {
    extensionUri: extension.extensionUri,
    log,
    worker,
    answers: createAnswerMemory(extension.workspaceState),
    liveRuns,
    samples: createSampleMemory(extension.workspaceState),
    panels: createPanelMemory(extension.workspaceState),
    engines: createEngineUse(extension.globalStorageUri, status.showEngine),
    subscriptions: extension.subscriptions,
  };
  registerCommands(context);
  const layers = registerAnnotations(context, extension.workspaceState);
  registerCheckpointEditor(context, layers);
  registerReportEditor(context);
  registerPanels(context);
  registerExperiments(context, extension.workspaceState);
}
