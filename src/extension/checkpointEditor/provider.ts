import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { reportSuffix } from '../../protocol/report';
import { checkpointTexts } from '../../protocol/texts';
import type { CheckpointAction, CheckpointState } from '../../protocol/webview';
import type { CheckpointSummary } from '../../protocol/worker';
import { inspectRemembering } from '../answers/inspect';
import type { LayerIndex } from '../annotations/layerIndex';
import type { SsmContext } from '../context';
import { localPath } from '../platform/localPath';
import { servePanel } from '../webviews/panel';
import { WatchedFile } from '../webviews/watchedFile';
import { layerQueries } from './layerQueries';
import { checkpointQueries, nothingComputed } from './queries';
import type { Computed } from './queries';
import { factsFor, reductionsOf } from './reduction';

/** View types of the manifest: for the known endings, and for any file through *Reopen With…*. */
export const checkpointViewType = 'ssm.checkpoint';
export const anyCheckpointViewType = 'ssm.checkpointAny';

interface Contents {
  readonly summary: CheckpointSummary;
  readonly hasReport: boolean;
  readonly computed: Computed;
}

type CheckpointDocument = WatchedFile<Contents>;

/** Registers the read-only editor that shows what a checkpoint holds. */
export function registerCheckpointEditor(context: SsmContext, index: LayerIndex): void {
  const provider: vscode.CustomReadonlyEditorProvider<CheckpointDocument> = {
    openCustomDocument: (uri) =>
      new WatchedFile(uri, context, async (file, signal) => ({
        summary: await inspectRemembering(context, file, signal),
        hasReport: await reportBeside(index, file),
        computed: nothingComputed(),
      })),
    resolveCustomEditor: (document, panel) => {
      servePanel<typeof checkpointTexts, CheckpointState, CheckpointAction>(context, panel, {
        bundle: 'checkpoint',
        title: vscode.l10n.t('Checkpoint'),
        texts: checkpointTexts,
        model: {
          uri: document.uri,
          state: () => checkpointState(document, index),
          onDidChange: changesOf(document, index),
          queries: {
            ...checkpointQueries(context, document.uri, () => latestOf(document)),
            ...layerQueries(context, localPath(document.uri), {
              latest: () => latestOf(document),
              known: (report) => factsFor(index, localPath(document.uri), report),
            }),
          },
          actions: {
            compress: () => vscode.commands.executeCommand('ssm.compress', document.uri),
            answer: () => answer(context, document),
            openReport: () => vscode.commands.executeCommand('ssm.openReport', document.uri),
            reload: () => document.reload(),
            reopen: () =>
              vscode.commands.executeCommand('workbench.action.reopenWithEditor', document.uri),
            showLog: () => {
              context.log.show(true);
            },
          },
        },
      });
    },
  };
  for (const viewType of [checkpointViewType, anyCheckpointViewType]) {
    context.subscriptions.push(
      vscode.window.registerCustomEditorProvider(viewType, provider, {
        supportsMultipleEditorsPerDocument: true,
        webviewOptions: { enableFindWidget: true },
      }),
    );
  }
}

/** Asks what the file does not tell, and shows it anew with the answers. */
async function answer(context: SsmContext, document: CheckpointDocument): Promise<void> {
  const state = document.state();
  if (state.kind !== 'ready') return;
  const { signal } = new AbortController();
  const { settleQuestions } = await import('../answers/ask');
  const settled = await settleQuestions(context, state.summary, signal);
  if (settled !== undefined) await document.reload();
}

function checkpointState(document: CheckpointDocument, index: LayerIndex): CheckpointState {
  const state = document.state();
  if (state.kind !== 'ready') return state;
  const { computed, ...ready } = state;
  return {
    ...ready,
    canCompress: vscode.workspace.isTrusted && state.summary.choices.length > 0,
    reductions: reductionsOf(index, localPath(document.uri)),
    statistics: [...computed.statistics.values()],
    figures: [...computed.figures.values()],
  };
}

/** The document's own changes, and those of what is known of its compression. */
function changesOf(document: CheckpointDocument, index: LayerIndex): vscode.Event<unknown> {
  return (listener) => {
    const known = (): string => JSON.stringify(reductionsOf(index, localPath(document.uri)));
    let before = known();
    const onIndex = index.onDidChange(() => {
      if (known() === before) return;
      before = known();
      listener(undefined);
    });
    return vscode.Disposable.from(
      onIndex,
      document.onDidChange(() => {
        listener(undefined);
      }),
    );
  };
}

function latestOf(document: CheckpointDocument): {
  readonly summary?: CheckpointSummary;
  readonly computed: Computed;
} {
  const state = document.state();
  return state.kind === 'ready' ? state : { computed: nothingComputed() };
}

/** Whether there is a report beside the file; one that the index does not know is read in the background. */
async function reportBeside(index: LayerIndex, file: string): Promise<boolean> {
  const report = file + reportSuffix;
  const exists = await access(report).then(
    () => true,
    () => false,
  );
  if (exists && index.ofResult(file) === undefined) void index.refresh(report);
  return exists;
}
