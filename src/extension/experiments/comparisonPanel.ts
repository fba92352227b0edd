import * as vscode from 'vscode';
import { comparisonTexts } from '../../protocol/comparison';
import type { ComparisonAction, ComparisonState } from '../../protocol/comparison';
import { solverTitle } from '../compression/method';
import type { SsmContext } from '../context';
import { reportFault } from '../platform/faults';
import { servePanel } from '../webviews/panel';
import { compareReportsCommand } from './compareReports';
import { compareRuns } from './comparison';
import { runLabel } from './items';
import type { RunStore } from './store';

const { t } = vscode.l10n;
/** View type, also of the activation event in the manifest. */
const viewType = 'ssm.comparison';

/** Opens runs side by side. */
export function openComparison(
  context: SsmContext,
  store: RunStore,
  reports: readonly string[],
): void {
  const panel = vscode.window.createWebviewPanel(viewType, title(), vscode.ViewColumn.Active, {
    enableFindWidget: true,
  });
  void fill(context, store, panel, reports);
}

/** Brings comparisons back when the window is reopened: the page remembers the reports it showed. */
export function registerComparison(context: SsmContext, store: RunStore): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(compareReportsCommand, (reports: readonly string[]) => {
      openComparison(context, store, reports);
    }),
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: (panel, state: unknown) =>
        fill(context, store, panel, rememberedReports(state)),
    }),
  );
}

async function fill(
  context: SsmContext,
  store: RunStore,
  panel: vscode.WebviewPanel,
  first: readonly string[],
): Promise<void> {
  panel.title = title();
  const changed = new vscode.EventEmitter<undefined>();
  let state: ComparisonState = { reports: first, runs: [], missing: [] };
  const read = async (reports: readonly string[]): Promise<void> => {
    const runs = await Promise.all(reports.map((report) => store.one(report)));
    state = compareRuns(runs, reports, { label: runLabel, solver: solverTitle });
    changed.fire(undefined);
  };
  const readAgain = (reports = state.reports): void => {
    read(reports).catch((error: unknown) => {
      reportFault(context.log, error);
    });
  };
  const listener = store.onDidChange(() => {
    readAgain();
  });
  panel.onDidDispose(() => {
    listener.dispose();
    changed.dispose();
  });
  await read(first);
  servePanel<typeof comparisonTexts, ComparisonState, ComparisonAction>(context, panel, {
    bundle: 'comparison',
    title: title(),
    texts: comparisonTexts,
    model: {
      uri: vscode.Uri.file(first.at(0) ?? '/comparison'),
      state: () => state,
      onDidChange: changed.event,
      actions: {
        openReport: async (index = -1) => {
          const report = state.reports.at(index);
          if (report === undefined) return;
          await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(report));
        },
        remove: (index = -1) => {
          readAgain(state.reports.filter((_, i) => i !== index));
        },
      },
    },
  });
}

function title(): string {
  return t('Comparison of Runs');
}

/** What the page remembered; it is its own, yet a page's word is checked like any other. */
function rememberedReports(state: unknown): string[] {
  const { reports } = (state ?? {}) as { reports?: unknown };
  const isReport = (one: unknown): one is string =>
    typeof one === 'string' && one.endsWith('.ssmreport.json');
  return Array.isArray(reports) ? reports.filter(isReport) : [];
}
