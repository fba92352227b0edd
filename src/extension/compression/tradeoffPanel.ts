import * as path from 'node:path';
import * as vscode from 'vscode';
import { curveTexts } from '../../protocol/measureTexts';
import type { CurveAction, CurveState, TracingState } from '../../protocol/webview';
import type { CompressParams, CurveResult, TradeoffPoint } from '../../protocol/worker';
import type { SsmContext } from '../context';
import { without } from '../platform/without';
import { servePanel } from '../webviews/panel';
import type { PanelModel } from '../webviews/panel';
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
    curveTitle(shown.run),
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
  const state: CurveState = { ...curve, panel: name, fileName: path.basename(run.file) };
  serveCurve(context, panel, run, {
    state: () => state,
    onDidChange: () => new vscode.Disposable(() => undefined), // what was measured stays
    actions: {
      stay: () => undefined, // as it does
      compress: async (key) => {
        const point = curve.points.find((one) => keyOf(one) === key);
        if (point !== undefined) await compressTo(context, run, point);
      },
    },
  });
}

/** Fills a panel with the page of a curve. */
export function serveCurve(
  context: SsmContext,
  panel: vscode.WebviewPanel,
  { file }: RunBase,
  model: Omit<PanelModel<CurveState | TracingState, CurveAction>, 'uri'>,
): void {
  panel.title = curveTitle({ file });
  servePanel<typeof curveTexts, CurveState | TracingState, CurveAction>(context, panel, {
    ...{ bundle: 'curve', title: panel.title, texts: curveTexts },
    model: { ...model, uri: vscode.Uri.file(file) },
  });
}

export function curveTitle({ file }: Pick<RunBase, 'file'>): string {
  return vscode.l10n.t('Trade-off of {0}', path.basename(file));
}

/** By what the page names a point: its order, or its parameters where orders are shared out. */
function keyOf({ order, parameters, layerOrders }: TradeoffPoint): number {
  return layerOrders === undefined ? order : parameters;
}

/** Runs the compression with the order, or the orders of the layers, that were chosen from the curve. */
export async function compressTo(
  context: SsmContext,
  run: RunBase,
  { order, layerOrders }: TradeoffPoint,
): Promise<void> {
  const output = await askOutputName(run.file, order);
  if (output === undefined) return;
  const rest = without(run, 'allocate', 'perLayer');
  const [least, most] = bounds(Object.values(layerOrders ?? {}));
  const own = layerOrders === undefined ? {} : { layerOrders, exactSizes: least < most };
  const runs = await settleOutputs([{ ...rest, ...own, target: { order }, output }]);
  await runCompressions(context, runs);
}

function bounds(orders: readonly number[]): [least: number, most: number] {
  return [Math.min(...orders), Math.max(...orders)];
}

/** The worker checks the run itself. */
function isShown(value: unknown): value is Shown {
  const { run, curve } = (value ?? {}) as Partial<Record<keyof Shown, unknown>>;
  const { file } = (run ?? {}) as { file?: unknown };
  return typeof file === 'string' && isCurveResult(curve) && curve.points.length > 0;
}
