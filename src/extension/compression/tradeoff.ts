import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CurveResult } from '../../protocol/worker';
import type { SsmContext } from '../context';
import { signalOf } from '../platform/cancellation';
import { isCancelled, reportFault } from '../platform/faults';
import { noticeText } from '../platform/noticeText';
import { workerQueue } from './queue';
import { describeStage } from './stageText';
import { openTradeoffPanel } from './tradeoffPanel';
import type { RunBase } from './tradeoffPanel';

const { t } = vscode.l10n;

/** Shows what several sizes would keep, in a panel from which one of them can be taken. */
export async function showTradeoff(context: SsmContext, run: RunBase): Promise<void> {
  const curve = await traceCurve(context, run);
  if (curve === undefined) return;
  if (curve.points.length === 0) {
    void vscode.window.showInformationMessage(
      t('By this evidence no smaller orders have an error that could be told.'),
    );
    return;
  }
  await openTradeoffPanel(context, { run, curve });
}

/** Undefined when it was cancelled or failed, which the person is told. */
async function traceCurve(
  { worker, log, engines }: SsmContext,
  { file, answers, fields, untie, calibration, allocate, horizon }: RunBase,
): Promise<CurveResult | undefined> {
  const params = {
    ...{ file, engine: engines.request() },
    ...(calibration === undefined ? {} : { calibration }),
    ...(allocate === undefined ? {} : { allocate }),
    ...(horizon === undefined ? {} : { horizon }),
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
