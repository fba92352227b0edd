import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CompressParams, CurveResult } from '../../protocol/worker';
import { curveTexts } from '../../protocol/measureTexts';
import type { CurveAction, CurveState } from '../../protocol/webview';
import type { SsmContext } from '../context';
import { signalOf } from '../platform/cancellation';
import { isCancelled, reportFault } from '../platform/faults';
import { noticeText } from '../platform/noticeText';
import { servePanel } from '../webviews/panel';
import { settleOutputs } from './outputs';
import { workerQueue } from './queue';
import { askOutputName } from './questions';
import { runCompressions } from './run';
import { describeStage } from './stageText';

const { t } = vscode.l10n;

/** A run as far as it is decided before its size is. */
export type RunBase = Omit<CompressParams, 'target' | 'output' | 'overwrite'>;

/** Calibrates at several orders and shows what each keeps, in a panel from which one of them can be taken. */
export async function showTradeoff(context: SsmContext, run: RunBase): Promise<void> {
  const curve = await traceCurve(context, run);
  if (curve === undefined || curve.points.length === 0) return;
  const name = path.basename(run.file);
  const panel = vscode.window.createWebviewPanel(
    'ssm.tradeoff',
    t('Trade-off of {0}', name),
    vscode.ViewColumn.Active,
    { enableFindWidget: true },
  );
  const state: CurveState = { ...curve, fileName: name };
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

/** Undefined when it was cancelled or failed, which the person is told. */
async function traceCurve(
  { worker, log }: SsmContext,
  { file, answers, fields, untie, calibration }: RunBase,
): Promise<CurveResult | undefined> {
  if (calibration === undefined) return undefined;
  const params = {
    ...{ file, calibration },
    ...(answers === undefined ? {} : { answers }),
    ...(fields === undefined ? {} : { fields }),
    ...(untie === undefined ? {} : { untie }),
  };
  const title = t('Tracing the trade-off of {0}', noticeText(path.basename(file)));
  try {
    return await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (progress, token) => {
        const signal = signalOf(token);
        let shown = 0;
        if (workerQueue.busy()) progress.report({ message: t('waiting for the run before it') });
        return workerQueue.run(
          () =>
            worker.request('curve', params, {
              signal,
              onEvent: {
                progress: (at) => {
                  const increment = Math.max(0, 100 * Math.min(1, at.fraction) - shown);
                  shown += increment;
                  progress.report({ increment, message: describeStage(at) });
                },
              },
            }),
          signal,
        );
      },
    );
  } catch (error) {
    if (!isCancelled(error)) reportFault(log, error, t('The trade-off could not be traced:'));
    return undefined;
  }
}

/** Runs the compression with the order that was chosen from the curve. */
async function compressTo(context: SsmContext, run: RunBase, order: number): Promise<void> {
  const output = await askOutputName(run.file, order);
  if (output === undefined) return;
  const runs = await settleOutputs([{ ...run, target: { order }, output }]);
  await runCompressions(context, runs);
}
