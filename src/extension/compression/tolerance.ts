import * as vscode from 'vscode';
import { showShare } from '../../protocol/shown';
import type { ToleranceTarget } from '../../protocol/worker';
import { askText, back } from '../platform/steps';
import type { Ask, Choice, StepPlace } from '../platform/steps';
import { parsePoints, parseShare } from './choices';

const { t } = vscode.l10n;

/** What of it a person types: the points of accuracy, or the error of the output. */
type Tolerated = 'accuracy' | 'error';
interface Tolerance {
  readonly target: ToleranceTarget;
}

const usualPoints = 1;
const usualError = 0.05;

/** The tolerances worth offering first; of accuracy only where there are labels. */
export function toleranceItems(labelled: boolean): Choice<Tolerance | Tolerated>[] {
  const { language } = vscode.env;
  const accuracy: Choice<Tolerance | Tolerated>[] = [
    {
      label: t('At Most 1 Point of Accuracy Lost'),
      description: t('the smallest order that keeps it'),
      value: { target: { accuracyLoss: usualPoints / 100 } },
    },
    { label: t('Another Loss of Accuracy…'), value: 'accuracy' },
  ];
  return [
    ...(labelled ? accuracy : []),
    {
      label: t('At Most {0} Output Error', showShare(usualError, language)),
      description: t('relative to the original’s output; the smallest order that keeps it'),
      value: { target: { outputError: usualError } },
    },
    { label: t('Another Output Error…'), value: 'error' },
  ];
}

/** Asks how much may be lost. */
export async function askTolerance(what: Tolerated, place: StepPlace): ReturnType<Ask<Tolerance>> {
  const [parse, question] =
    what === 'accuracy'
      ? [
          parsePoints,
          {
            prompt: t('How many percentage points of accuracy may be lost on held-out data.'),
            value: '0.5',
            complaint: t('A number of points between 0 and 100, please.'),
          },
        ]
      : [
          parseShare,
          {
            prompt: t('How far the output may be from the original’s, relatively: 5 % or 0.05.'),
            value: '2 %',
            complaint: t('A share between 0 and 100 %, please.'),
          },
        ];
  const typed = await askText(place, {
    ...question,
    check: (text) => (parse(text) === undefined ? question.complaint : undefined),
  });
  if (typed === undefined || typed === back) return typed;
  const value = parse(typed);
  if (value === undefined) return undefined;
  return { target: what === 'accuracy' ? { accuracyLoss: value } : { outputError: value } };
}
