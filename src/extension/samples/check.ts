import * as vscode from 'vscode';
import { SsmError } from '../../core/errors';
import type { HyperValues } from '../../families/hyperParameters';
import type { SsmContext } from '../context';
import { signalOf } from '../platform/cancellation';
import { isCancelled } from '../platform/faults';

/** How a file of sample data fared when its first sequences were run through the model. */
export type Checked =
  | { readonly kind: 'fits'; readonly labelled: boolean; readonly description: string }
  | { readonly kind: 'unfit'; readonly message: string }
  | { readonly kind: 'cancelled' };

export interface Checking {
  /** The checkpoint. */
  readonly file: string;
  readonly remembered: HyperValues;
  readonly data: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** So many sequences tell whether the data fits. */
const trial = '2';

/** Runs the model on the first sequences of the data: a mistake is better known before a long run than in it. */
export async function checkSample(
  { worker }: SsmContext,
  { file, remembered, data, settings }: Checking,
): Promise<Checked> {
  const dataSettings = { ...settings, count: trial };
  try {
    const { evaluation } = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Trying the sample data on the model'),
        cancellable: true,
      },
      (_, token) =>
        worker.request(
          'evaluate',
          { file, remembered, data, dataSettings },
          { signal: signalOf(token) },
        ),
    );
    return {
      kind: 'fits',
      labelled: evaluation.measures.some(({ id }) => id === 'accuracy'),
      description: evaluation.data,
    };
  } catch (error) {
    if (isCancelled(error)) return { kind: 'cancelled' };
    if (SsmError.is(error) && error.reason !== 'worker-lost') {
      return { kind: 'unfit', message: error.message };
    }
    throw error;
  }
}
