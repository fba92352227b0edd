import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CurveState, TracingState } from '../../protocol/webview';
import type { CurveResult } from '../../protocol/worker';
import type { SsmContext } from '../context';
import { describeFault, faultForLog, isCancelled } from '../platform/faults';
import { startTrace } from './trace';
import type { Trace } from './trace';
import { noCurve, requestCurve } from './tradeoff';
import { compressTo, curveTitle, serveCurve } from './tradeoffPanel';
import type { RunBase } from './tradeoffPanel';
import { tradeoffViewType } from '../webviews/restore';

/** A trade-off that opened by itself while a size is asked for. */
export interface TradeoffBehind {
  /** The order that the question is at; undefined where it is at none. */
  mark(order: number | undefined): void;
  /** The question was answered or left: a panel that the person has not turned to goes, with a curve not yet traced. */
  close(): void;
}

/** Opens it; `onTake` hears which order was taken from the panel. */
export type OpenTradeoff = (onTake: (order: number) => void) => TradeoffBehind;

/**
 * The trade-off of one checkpoint, without sample data: traced in the background and shown behind the questions of one
 * flow, which keep the focus. A panel that the person closed does not come again, and a curve is traced once.
 */
export function tradeoffBehind(context: SsmContext, run: RunBase): OpenTradeoff {
  let shown: ShownBehind | undefined;
  let traced: CurveResult | undefined;
  let unwanted = false;
  return (onTake) => {
    if (unwanted) return { mark: () => undefined, close: () => undefined };
    shown ??= showBehind(context, run, traced);
    const { panel, question } = shown;
    question.take = onTake;
    const closed = panel.onDidDispose(() => {
      unwanted = true;
      shown = undefined;
    });
    return {
      mark: shown.mark,
      close() {
        closed.dispose();
        traced = shown?.curve();
        if (shown?.leave() === false) shown = undefined;
      },
    };
  };
}

/** What the question before a panel wants of it. */
interface Question {
  take?: ((order: number) => void) | undefined;
  marked?: number | undefined;
}

interface ShownBehind {
  readonly panel: vscode.WebviewPanel;
  readonly question: Question;
  readonly mark: TradeoffBehind['mark'];
  curve(): CurveResult | undefined;
  /** Ends the question; tells whether the panel stays. */
  leave(): boolean;
}

function showBehind(context: SsmContext, run: RunBase, traced?: CurveResult): ShownBehind {
  const { log, panels } = context;
  const question: Question = {};
  const changed = new vscode.EventEmitter<void>();
  const trace: Trace = startTrace(
    (signal, onProgress) =>
      traced === undefined
        ? requestCurve(context, run, signal, onProgress)
        : Promise.resolve(traced),
    {
      onChange: () => {
        changed.fire();
      },
      explain(error) {
        if (!isCancelled(error)) log.error(faultForLog(error));
        return describeFault(error);
      },
      nothing: noCurve(),
    },
  );
  const curve = (): CurveResult | undefined => {
    const state = trace.state();
    return 'curve' in state ? state.curve : undefined;
  };
  let name: string | undefined; // under which a panel that stays is remembered
  let stays = false;
  const keep = async (): Promise<void> => {
    stays = true;
    const found = curve();
    if (found === undefined || name !== undefined) return;
    name = await panels.keep({ run, curve: found });
    changed.fire();
  };
  const panel = vscode.window.createWebviewPanel(
    tradeoffViewType,
    curveTitle(run),
    { viewColumn: vscode.ViewColumn.Active, preserveFocus: true },
    { enableFindWidget: true },
  );
  panel.onDidDispose(() => {
    trace.stop();
    changed.dispose();
  });
  serveCurve(context, panel, run, {
    state: () => stateOf(path.basename(run.file), trace, question, name),
    onDidChange: changed.event,
    actions: {
      stay: keep,
      async compress(order) {
        const point = curve()?.points.find((one) => one.order === order);
        if (point === undefined) return;
        if (question.take !== undefined) question.take(point.order);
        else await compressTo(context, run, point);
      },
    },
  });
  return {
    ...{ panel, question, curve },
    mark(order) {
      question.marked = order;
      changed.fire();
    },
    leave() {
      question.take = undefined;
      question.marked = undefined;
      if (stays && curve() !== undefined) {
        void keep(); // the person may have turned to it before the curve was there
        return true;
      }
      panel.dispose();
      return false;
    },
  };
}

function stateOf(
  fileName: string,
  trace: Trace,
  { take, marked }: Question,
  name: string | undefined,
): CurveState | TracingState {
  const traced = trace.state();
  const place = { fileName, ...(take === undefined ? {} : { behind: true as const }) };
  if (!('curve' in traced)) return { ...place, tracing: traced };
  return {
    ...{ ...traced.curve, ...place },
    ...(name === undefined ? {} : { panel: name }),
    ...(marked === undefined ? {} : { marked }),
  };
}
