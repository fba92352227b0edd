import * as vscode from 'vscode';
import { showError, showSeconds } from '../../protocol/shown';
import type { CompressProgress } from '../../protocol/worker';

const { t } = vscode.l10n;

/** What a run is at, in a few words. */
export function describeStage(at: CompressProgress): string {
  switch (at.stage) {
    case 'reading':
      return t('reading');
    case 'writing':
      return t('writing');
    case 'checking':
      return t('checking the result');
    case 'evaluating':
      return t('measuring on held-out sequences');
    case 'reducing':
      return [
        t('layer {0} of {1}', Math.min(at.layersDone + 1, at.layersTotal), at.layersTotal),
        at.relativeError === undefined
          ? undefined
          : t('relative error {0}', showError(at.relativeError)),
        at.secondsLeft === undefined ? undefined : t('{0} left', showSeconds(at.secondsLeft)),
      ]
        .filter((part) => part !== undefined)
        .join(', ');
  }
}
