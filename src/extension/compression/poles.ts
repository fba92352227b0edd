import * as vscode from 'vscode';
import type { CheckpointSummary } from '../../protocol/worker';
import { pickText } from '../platform/noticeText';
import { choose } from '../platform/steps';
import type { Ask } from '../platform/steps';

const { t } = vscode.l10n;

/** Poles as they are, shared where they are shared, or each channel's own. */
export type Poles = 'shared' | 'own';

/** Only where the original code has a setting that gives channels poles of their own. */
export function polesQuestion(summaries: readonly CheckpointSummary[]): Ask<Poles> | undefined {
  const untyings = summaries.flatMap(({ layers }) =>
    layers.flatMap(({ untying }) => untying ?? []),
  );
  const first = untyings.at(0);
  if (first === undefined) return undefined;
  const settings = [...new Set(untyings.map(({ setting, value }) => `${setting}=${value}`))];
  return (place) =>
    choose<Poles>(place, t('Channels share their poles. Shall they keep sharing them?'), [
      {
        label: t('Keep Them Shared'),
        description: t('the result loads with the settings of the original'),
        value: 'shared',
      },
      {
        label: t('Poles of Their Own'),
        description: t('smaller error, more parameters; needs {0}', pickText(settings.join(', '))),
        detail: pickText(first.description),
        value: 'own',
      },
    ]);
}
