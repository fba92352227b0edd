import * as path from 'node:path';
import * as vscode from 'vscode';
import { showName } from '../../protocol/shown';
import type { CheckpointSummary } from '../../protocol/worker';
import type { SsmContext } from '../context';
import { pickText } from '../platform/noticeText';
import { askText, back, choose } from '../platform/steps';
import { shapesOf } from './inspect';

const { t } = vscode.l10n;

/**
 * Asks for the names of the arrays of a file without, and remembers them. Resolves to the summary with them, or undefined
 * when the person left.
 */
export async function settleFields(
  { worker, answers }: SsmContext,
  summary: CheckpointSummary,
  signal: AbortSignal,
): Promise<CheckpointSummary | undefined> {
  const { path: file, fieldQuestion } = summary;
  if (fieldQuestion === undefined) return summary;
  const { question, proposed } = fieldQuestion;
  const title = t('What {0} Does Not Tell', pickText(path.basename(file)));
  const place = { title, step: 1, totalSteps: 1, canGoBack: false };
  const inspect = (fields: readonly string[]) =>
    worker.request('inspect', { file, fields }, { signal });
  for (;;) {
    const chosen = await choose<'proposed' | 'other'>(place, showName(question, 400), [
      {
        label: t('Yes, in This Order'),
        detail: pickText(showName(proposed.join(', '), 400)),
        value: 'proposed',
      },
      {
        label: t('In Another Order…'),
        description: t('the fields as the class declares them, or a name for each array'),
        value: 'other',
      },
    ]);
    if (chosen === undefined || chosen === back) return undefined;
    const fields =
      chosen === 'proposed'
        ? proposed
        : await askText(
            { ...place, canGoBack: true },
            {
              prompt: t('The names in the order of the file, separated by commas.'),
              value: proposed.join(', '),
              check: (text) =>
                inspect(namesIn(text)).then(
                  () => undefined,
                  (error: unknown) => (error instanceof Error ? error.message : String(error)),
                ),
            },
          );
    if (fields === undefined) return undefined;
    if (fields === back) continue;
    const names = typeof fields === 'string' ? namesIn(fields) : fields;
    await answers.rememberFields(file, shapesOf(summary), names);
    return inspect(names);
  }
}

function namesIn(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}
