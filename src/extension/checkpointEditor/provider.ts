import { access } from 'node:fs/promises';
import * as vscode from 'vscode';
import { reportSuffix } from '../../protocol/report';
import { checkpointTexts } from '../../protocol/texts';
import type { CheckpointAction, CheckpointState } from '../../protocol/webview';
import type { CheckpointSummary } from '../../protocol/worker';
import { inspectRemembering } from '../answers/inspect';
import type { SsmContext } from '../context';
import { servePanel } from '../webviews/panel';
import { WatchedFile } from '../webviews/watchedFile';

/** View types of the manifest: for the known endings, and for any file through *Reopen With…*. */
export const checkpointViewType = 'ssm.checkpoint';
export const anyCheckpointViewType = 'ssm.checkpointAny';

interface Contents {
  readonly summary: CheckpointSummary;
  readonly hasReport: boolean;
}

type CheckpointDocument = WatchedFile<Contents>;

/** Registers the read-only editor that shows what a checkpoint holds. */
export function registerCheckpointEditor(context: SsmContext): void {
  const provider: vscode.CustomReadonlyEditorProvider<CheckpointDocument> = {
    openCustomDocument: (uri) =>
      new WatchedFile(uri, context, async (file, signal) => ({
        summary: await inspectRemembering(context, file, signal),
        hasReport: await exists(file + reportSuffix),
      })),
    resolveCustomEditor: (document, panel) => {
      servePanel<typeof checkpointTexts, CheckpointState, CheckpointAction>(context, panel, {
        bundle: 'checkpoint',
        title: vscode.l10n.t('Checkpoint'),
        texts: checkpointTexts,
        model: {
          uri: document.uri,
          state: () => checkpointState(document),
          onDidChange: document.onDidChange,
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

function checkpointState(document: CheckpointDocument): CheckpointState {
  const state = document.state();
  if (state.kind !== 'ready') return state;
  const canCompress = vscode.workspace.isTrusted && state.summary.choices.length > 0;
  return { ...state, canCompress };
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
