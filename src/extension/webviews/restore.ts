import * as vscode from 'vscode';
import type { SsmContext } from '../context';

/** View types, also of the activation events in the manifest. */
export const tradeoffViewType = 'ssm.tradeoff';
export const evaluationViewType = 'ssm.evaluation';

/** Brings panels back when the window is reopened; what they need is loaded when the first comes. */
export function registerPanels(context: SsmContext): void {
  const restore = (
    viewType: string,
    fill: (panel: vscode.WebviewPanel, state: unknown) => Promise<void>,
  ): void => {
    context.subscriptions.push(
      vscode.window.registerWebviewPanelSerializer(viewType, { deserializeWebviewPanel: fill }),
    );
  };
  restore(tradeoffViewType, async (panel, state) => {
    const { restoreTradeoff } = await import('../compression/tradeoffPanel');
    restoreTradeoff(context, panel, state);
  });
  restore(evaluationViewType, async (panel, state) => {
    const { restoreEvaluation } = await import('../evaluation/panel');
    restoreEvaluation(context, panel, state);
  });
}
