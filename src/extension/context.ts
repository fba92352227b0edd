import type * as vscode from 'vscode';
import type { AnswerMemory } from './answers/memory';
import type { EngineUse } from './engines/settings';
import type { SampleMemory } from './samples/memory';
import type { LiveRuns } from './compression/liveRuns';
import type { PanelMemory } from './webviews/panelMemory';
import type { WorkerClient } from './workerClient';

/** What every part of the extension works with. */
export interface SsmContext {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly worker: WorkerClient;
  readonly answers: AnswerMemory;
  readonly liveRuns: LiveRuns;
  readonly samples: SampleMemory;
  readonly panels: PanelMemory;
  readonly engines: EngineUse;
  readonly subscriptions: { dispose(): unknown }[];
}
