import * as path from 'node:path';
import * as vscode from 'vscode';
import { reportTexts } from '../../protocol/texts';
import type { ReportAction, ReportState, ReportView } from '../../protocol/webview';
import type { SsmContext } from '../context';
import { servePanel } from '../webviews/panel';
import { WatchedFile } from '../webviews/watchedFile';
import { reportView } from './view';

/** View type of the manifest. */
export const reportViewType = 'ssm.report';

type ReportDocument = WatchedFile<{ readonly report: ReportView }>;

/** Registers the read-only editor that shows a report in a readable form. */
export function registerReportEditor(context: SsmContext): void {
  const provider: vscode.CustomReadonlyEditorProvider<ReportDocument> = {
    openCustomDocument: (uri) =>
      new WatchedFile(uri, context, async (file, signal) => ({
        report: reportView(await context.worker.request('readReport', { file }, { signal })),
      })),
    resolveCustomEditor: (document, panel) => {
      servePanel<typeof reportTexts, ReportState, ReportAction>(context, panel, {
        bundle: 'report',
        title: vscode.l10n.t('Compression Report'),
        texts: reportTexts,
        model: {
          uri: document.uri,
          state: () => document.state(),
          onDidChange: document.onDidChange,
          actions: {
            openResult: () => openBeside(document, ({ result }) => result.path),
            openSource: () => openBeside(document, ({ source }) => source.path),
            reload: () => document.reload(),
            reopen: () =>
              vscode.commands.executeCommand('vscode.openWith', document.uri, 'default'),
            showLog: () => {
              context.log.show(true);
            },
          },
        },
      });
    },
  };
  context.subscriptions.push(
    vscode.window.registerCustomEditorProvider(reportViewType, provider, {
      supportsMultipleEditorsPerDocument: true,
      webviewOptions: { enableFindWidget: true },
    }),
  );
}

/** Opens a checkpoint that the report names; its path may be relative to the report. */
async function openBeside(
  document: ReportDocument,
  pick: (report: ReportView) => string,
): Promise<void> {
  const state = document.state();
  if (state.kind !== 'ready') return;
  const file = path.resolve(path.dirname(document.uri.fsPath), pick(state.report));
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
}
