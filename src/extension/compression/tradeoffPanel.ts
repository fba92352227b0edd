import * as path from 'node:path';
import * as vscode from 'vscode';
import { curveTexts } from '../../protocol/measureTexts';
import type { CurveAction, CurveState } from '../../protocol/webview';
import type { CompressParams, CurveResult } from '../../protocol/worker';
import type { SsmContext } from '../context';
import { servePanel } from '../webviews/panel';
import { rememberedPanel } from '../webviews/panelMemory';
import { tradeoffViewType } from '../webviews/restore';
import { isCurveResult } from '../workerGuards';
import { settleOutputs } from './outputs';
import { askOutputName } from './questions';
import { runCompressions } from './run';

/** A run as far as it is decided before its size is. */
export type RunBase = Omit<CompressParams, 'target' | 'output' | 'overwrite'>;

/** What a panel shows, as it is remembered. */
interface Shown {
  readonly run: RunBase;
  readonly curve: CurveResult;
}

/** Shows what each order keeps, in a panel from which one of them can be taken. */
export async function openTradeoffPanel(context: SsmContext, shown: Shown): Promise<void> {
  const name = await context.panels.keep(shown);
  const options = { enableFindWidget: true };
  const panel = vscode.window.createWebviewPanel(
    tradeoffViewType,
    titleOf(shown),
    vscode.ViewColumn.Active,
    options,
  );
  fill(context, panel, shown, name);
}

/** Brings a panel back as it was when the window was closed; one that is not remembered goes. */
export function restoreTradeoff(
  context: SsmContext,
  panel: vscode.WebviewPanel,
  state: unknown,
): void {
  const name = rememberedPanel(state);
  const shown = context.panels.recall(name);
  if (typeof name === 'string' && isShown(shown)) fill(context, panel, shown, name);
  else panel.dispose();
}

function fill(context: SsmContext, panel: vscode.WebviewPanel, shown: Shown, name: string): void {
  const { run, curve } = shown;
  panel.title = titleOf(shown);
  const state: CurveState = { ...curve, panel: name, fileName: path.basename(run.file) };
  const offered = new Set(curve.points.map(({ order }) => order));
  servePanel<typeof curveTexts, CurveState, CurveAction>(context, panel, {
    bundle: 'curve',
    title: panel.title,
    texts: curveTexts,
    model: {
      uri: vscode.Uri.file(run.file),
      state: () => state,
      onDidChange: () => new vscode.Disposable(() => undefined), // what was measured stays
      actions: {
        compress: async (order) => {
          if (order !== undefined && offered.has(order)) await compressTo(context, run, order);
        },
      },
    },
  });
}

function titleOf({ run: { file } }: Shown): string {
  return vscode.l10n.t('Trade-off of {0}', path.basename(file));
}

/** Runs the compression with the order that was chosen from the curve. */
async function compressTo(context: SsmContext, run: RunBase, order: number): Promise<void> {
  const output = await askOutputName(run.file, order);
  if (output === undefined) return;
  const runs = await settleOutputs([{ ...run, target: { order }, output }]);
  await runCompressions(context, runs);
}

/** The worker checks the run itself. */
function isShown(value: unknown): value is Shown {
  const { run, curve } = (value ?? {}) as Partial<Record<keyof Shown, unknown>>;
  const { file } = (run ?? {}) as { file?: unknown };
  return typeof file === 'string' && isCurveResult(curve) && curve.points.length > 0;
}
