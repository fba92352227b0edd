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
    void vscode.window.showInformationMessage(noCurve());
    return;
  }
  await openTradeoffPanel(context, { run, curve });
}

/** What is said of a curve without points. */
export function noCurve(): string {
  return t('By this evidence no smaller orders have an error that could be told.');
}

/** Asks the worker for a curve, after the runs before it; `onProgress` hears the fraction done and what it is at. */
export function requestCurve(
  { worker, engines }: SsmContext,
  { file, answers, fields, untie, calibration, allocate, horizon }: RunBase,
  signal: AbortSignal,
  onProgress: (fraction: number, stage: string) => void,
): Promise<CurveResult> {
  const params = {
    ...{ file, engine: engines.request() },
    ...(calibration === undefined ? {} : { calibration }),
    ...(allocate === undefined ? {} : { allocate }),
    ...(horizon === undefined ? {} : { horizon }),
    ...(answers === undefined ? {} : { answers }),
    ...(fields === undefined ? {} : { fields }),
    ...(untie === undefined ? {} : { untie }),
  };
  if (workerQueue.busy()) onProgress(0, t('waiting for the run before it'));
  return workerQueue.run(async () => {
    const curve = await worker.request('curve', params, {
      signal,
      onEvent: {
        progress: (at) => {
          onProgress(Math.min(1, at.fraction), describeStage(at));
        },
      },
    });
    engines.show(curve.engine);
    return curve;
  }, signal);
}

/** Undefined when it was cancelled or failed, which the person is told. */
async function traceCurve(context: SsmContext, run: RunBase): Promise<CurveResult | undefined> {
  const title = t('Tracing the trade-off of {0}', noticeText(path.basename(run.file)));
  try {
    return await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (progress, token) => {
        let shown = 0;
        return requestCurve(context, run, signalOf(token), (fraction, message) => {
          const increment = Math.max(0, 100 * fraction - shown);
          shown += increment;
          progress.report({ increment, message });
        });
      },
    );
  } catch (error) {
    if (!isCancelled(error)) {
      reportFault(context.log, error, t('The trade-off could not be traced:'));
    }
    return undefined;
  }
}
