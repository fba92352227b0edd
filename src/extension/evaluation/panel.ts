import * as path from 'node:path';
import * as vscode from 'vscode';
import type { EvaluateParams, EvaluateResult } from '../../protocol/evaluation';
import { evaluationTexts } from '../../protocol/measureTexts';
import type { EvaluationState } from '../../protocol/webview';
import type { SsmContext } from '../context';
import { servePanel } from '../webviews/panel';
import { rememberedPanel } from '../webviews/panelMemory';
import { evaluationViewType } from '../webviews/restore';
import { isEvaluateResult } from '../workerGuards';

/** What a panel shows, as it is remembered. */
interface Shown {
  readonly params: Pick<EvaluateParams, 'file' | 'against'>;
  readonly result: EvaluateResult;
}

/** Shows what was measured. */
export async function showEvaluation(
  context: SsmContext,
  { file, against }: EvaluateParams,
  result: EvaluateResult,
): Promise<void> {
  const shown = { params: { file, ...(against === undefined ? {} : { against }) }, result };
  const name = await context.panels.keep(shown);
  const options = { enableFindWidget: true };
  const panel = vscode.window.createWebviewPanel(
    evaluationViewType,
    titleOf(shown),
    vscode.ViewColumn.Active,
    options,
  );
  fill(context, panel, shown, name);
}

/** Brings a panel back as it was when the window was closed; one that is not remembered goes. */
export function restoreEvaluation(
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
  const { params, result } = shown;
  const { file, against } = params;
  panel.title = titleOf(shown);
  const state: EvaluationState = {
    ...result,
    panel: name,
    fileName: path.basename(file),
    ...(against === undefined ? {} : { originalName: path.basename(against) }),
  };
  servePanel<typeof evaluationTexts, EvaluationState, never>(context, panel, {
    bundle: 'evaluation',
    title: panel.title,
    texts: evaluationTexts,
    model: {
      uri: vscode.Uri.file(file),
      state: () => state,
      onDidChange: () => new vscode.Disposable(() => undefined), // what was measured stays
      actions: {},
    },
  });
}

function titleOf({ params: { file } }: Shown): string {
  return vscode.l10n.t('Evaluation of {0}', path.basename(file));
}

function isShown(value: unknown): value is Shown {
  const { params, result } = (value ?? {}) as Partial<Record<keyof Shown, unknown>>;
  const { file, against = '' } = (params ?? {}) as Partial<Record<'file' | 'against', unknown>>;
  return typeof file === 'string' && typeof against === 'string' && isEvaluateResult(result);
}
