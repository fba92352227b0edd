import * as vscode from 'vscode';
import { showShare } from '../../protocol/shown';
import { askText, back } from '../platform/steps';
import type { Ask, Choice, StepPlace } from '../platform/steps';
import { parsePoints, parsePositive, parseShare } from './choices';
import type { KeptTarget } from './outputName';

const { t } = vscode.l10n;

/** What of it a person types: points of accuracy, an error of the output or of the layers, a bound of the output's error. */
export type Tolerated = 'accuracy' | 'error' | 'layer' | 'bound';

interface Tolerance {
  readonly target: KeptTarget;
}

const usualPoints = 1;
const usualError = 0.05;
const usualLayerError = 0.1;

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

/** What can be proved: the h² errors of the layers where they decide, and the output's where the network is known. */
export function boundItems({
  weighed,
  known,
}: {
  readonly weighed: boolean;
  readonly known: boolean;
}): Choice<Tolerance | Tolerated>[] {
  const { language } = vscode.env;
  const layers: Choice<Tolerance | Tolerated>[] = [
    {
      label: t('At Most {0} Certified Error of Each Layer', showShare(usualLayerError, language)),
      description: t('relative h² error; the smallest order that keeps it'),
      value: { target: { layerError: usualLayerError } },
    },
    { label: t('Another Certified Error of Each Layer…'), value: 'layer' },
  ];
  const output: Choice<Tolerance | Tolerated> = {
    label: t('A Bound of the Output’s Error…'),
    description: t('an order for each layer, with the fewest parameters that keep it'),
    value: 'bound',
  };
  return [...(weighed ? [] : layers), ...(known ? [output] : [])];
}

/** What is asked, how it is read, and what it means. */
interface Question {
  readonly prompt: string;
  readonly value: string;
  readonly complaint: string;
  readonly parse: (text: string) => number | undefined;
  readonly target: (value: number) => KeptTarget;
}

function questionOf(what: Tolerated): Question {
  const share = t('A share between 0 and 100 %, please.');
  switch (what) {
    case 'accuracy':
      return {
        prompt: t('How many percentage points of accuracy may be lost on held-out data.'),
        value: '0.5',
        complaint: t('A number of points between 0 and 100, please.'),
        parse: parsePoints,
        target: (accuracyLoss) => ({ accuracyLoss }),
      };
    case 'error':
      return {
        prompt: t('How far the output may be from the original’s, relatively: 5 % or 0.05.'),
        value: '2 %',
        complaint: share,
        parse: parseShare,
        target: (outputError) => ({ outputError }),
      };
    case 'layer':
      return {
        prompt: t(
          'How far the impulse responses of each layer may be from the original’s, relatively, as it is certified: 10 % or 0.1.',
        ),
        value: '20 %',
        complaint: share,
        parse: parseShare,
        target: (layerError) => ({ layerError }),
      };
    case 'bound':
      return {
        prompt: t('The largest error of the output, in its own unit, as it is bounded.'),
        value: '1',
        complaint: t('A positive number, please.'),
        parse: parsePositive,
        target: (outputBound) => ({ outputBound }),
      };
  }
}

/** Asks how much may be lost. */
export async function askTolerance(what: Tolerated, place: StepPlace): ReturnType<Ask<Tolerance>> {
  const { prompt, value, complaint, parse, target } = questionOf(what);
  const typed = await askText(place, {
    ...{ prompt, value },
    check: (text) => (parse(text) === undefined ? complaint : undefined),
  });
  if (typed === undefined || typed === back) return typed;
  const found = parse(typed);
  return found === undefined ? undefined : { target: target(found) };
}
