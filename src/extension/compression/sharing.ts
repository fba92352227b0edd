import * as vscode from 'vscode';
import type { LayerSummary } from '../../protocol/worker';
import { choose } from '../platform/steps';
import type { Ask } from '../platform/steps';
import type { SizeAnswer } from './size';

const { t } = vscode.l10n;

/** Whether a tolerance is kept by one order for all layers, or by orders of their own. */
export type Sharing = 'uniform' | 'layers';

/** Only where a tolerance decides and there are layers whose orders could differ. */
export function sharingQuestion(
  size: SizeAnswer | undefined,
  models: readonly { readonly layers: readonly LayerSummary[] }[],
): Ask<Sharing> | undefined {
  if (size === undefined || size === 'curve' || 'orders' in size) return undefined;
  if (!('accuracyLoss' in size.target || 'outputError' in size.target)) return undefined;
  if (models.every(({ layers }) => layers.length < 2)) return undefined;
  return (place) =>
    choose<Sharing>(place, t('One order for all layers, or an order for each?'), [
      {
        label: t('One Order for All Layers'),
        description: t('the smallest that keeps it'),
        value: 'uniform',
      },
      {
        label: t('An Order for Each Layer'),
        description: t('fewer parameters where there are some; the result is loaded with a script'),
        detail: t('Each layer is tried alone, then the best of them together on held-out data.'),
        value: 'layers',
      },
    ]);
}
