import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Report } from '../../protocol/report';
import { showCount, showError } from '../../protocol/shown';
import { figuresOf, showFigure } from '../../protocol/shownMeasures';
import type { CompressResult } from '../../protocol/worker';

const { t } = vscode.l10n;

/** What came of a compression, in one sentence: its size, and what was lost as it was measured or else certified. */
export function resultText({ output, report }: CompressResult): string {
  const { language } = vscode.env;
  const { parametersBefore, parametersAfter } = report.model;
  return t(
    '{0}: {1} parameters instead of {2}, {3}.',
    path.basename(output),
    showCount(parametersAfter, language),
    showCount(parametersBefore, language),
    measuredText(report, language) ?? certifiedText(report),
  );
}

/** "accuracy 99.3 % → 98.9 % on 1,372 held-out sequences", or the output error where there are no labels. */
function measuredText({ calibration }: Report, language: string): string | undefined {
  if (calibration === undefined) return undefined;
  const { evaluation } = calibration;
  const sequences = showCount(evaluation.sequences, language);
  const figures = figuresOf(evaluation);
  const accuracy = figures.find(({ id }) => id === 'accuracy');
  const show = (value: number | null | undefined): string =>
    showFigure('accuracy', value ?? null, language);
  if (accuracy?.original !== undefined) {
    return t(
      'accuracy {0} → {1} on {2} held-out sequences',
      show(accuracy.original.value),
      show(accuracy.model.value),
      sequences,
    );
  }
  if (evaluation.outputError === undefined) return undefined;
  return t(
    'output error {0} on {1} held-out sequences',
    showFigure('outputError', evaluation.outputError.value, language),
    sequences,
  );
}

function certifiedText({ layers }: Report): string {
  const worst = Math.max(0, ...layers.map(({ error }) => error.relative));
  return t('relative h² error {0} in the worst layer', showError(worst));
}
