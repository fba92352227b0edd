import * as path from 'node:path';
import * as vscode from 'vscode';
import {
  calibrationParts,
  calibrationPartTitles,
  refinementTitle,
} from '../../protocol/calibration';
import type { CalibrationPart } from '../../protocol/calibration';
import type { SsmContext } from '../context';
import { parseCount } from '../compression/choices';
import { pickText } from '../platform/noticeText';
import { askText, back, choose, chooseMany } from '../platform/steps';
import type { StepPlace } from '../platform/steps';
import { without } from '../platform/without';
import { askReading } from './reading';
import { askTest, settleSample } from './settle';
import type { FittingSample, SampleModel } from './settle';

const { t } = vscode.l10n;

type Answer = FittingSample | typeof back | undefined;

/** With fitting data at hand: go on, judge by another file, or change how it is used. */
export async function confirmSample(
  context: SsmContext,
  model: SampleModel,
  place: StepPlace,
  first: FittingSample,
): Promise<Answer> {
  const sub = { ...place, canGoBack: true };
  let sample = first;
  for (;;) {
    const what = await choose(
      sub,
      t('Calibrate with {0}?', path.basename(sample.data)),
      confirmItems(sample),
    );
    if (what === undefined || what === back) return what;
    if (what === 'go') return sample;
    if (what === 'own') sample = without(sample, 'test', 'testSettings');
    else {
      const changed = await (what === 'test' ? askTest : askMore)(context, model, sub, sample);
      if (changed === undefined) return undefined;
      if (changed !== back) sample = changed;
    }
  }
}

type Confirmed = 'go' | 'test' | 'own' | 'more';

function confirmItems({ test, labelled }: FittingSample): {
  label: string;
  description?: string;
  value: Confirmed;
}[] {
  const judged =
    test === undefined
      ? t('a part is held out, and the result is judged by it')
      : t('the result is judged by {0}', pickText(path.basename(test)));
  const labels = labelled ? t('with labels') : t('without labels: no accuracy');
  return [
    { label: t('Continue'), description: `${judged}; ${labels}`, value: 'go' },
    { label: t('Judge by Another File…'), value: 'test' },
    ...(test === undefined
      ? []
      : [{ label: t('Judge by a Part of the Same Data'), value: 'own' as const }]),
    {
      label: t('More Options…'),
      description: t('how the data is read, number of sequences, parts of the calibration'),
      value: 'more',
    },
  ];
}

async function askMore(
  context: SsmContext,
  model: SampleModel,
  place: StepPlace,
  sample: FittingSample,
): Promise<Answer> {
  const what = await choose(place, t('More options'), moreItems(sample));
  if (what === undefined || what === back) return what;
  switch (what) {
    case 'sequences':
      return askSequences(place, sample);
    case 'parts':
      return askParts(place, sample);
    case 'data':
    case 'test': {
      const key = what === 'data' ? 'dataSettings' : 'testSettings';
      const file = sample[what] ?? sample.data;
      const settings = await askReading(place, file, sample[key] ?? {});
      if (settings === undefined || settings === back) return settings;
      return settleSample(context, model, place, { ...sample, [key]: settings });
    }
  }
}

type More = 'data' | 'test' | 'sequences' | 'parts';

function moreItems(sample: FittingSample): {
  label: string;
  description: string;
  value: More;
}[] {
  const { data, test, dataSettings, testSettings, sequences } = sample;
  const reading = (settings: Readonly<Record<string, string>> = {}): string =>
    pickText(
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
    ) || t('as usual');
  const asRead = (file: string): string => t('How {0} Is Read…', pickText(path.basename(file)));
  const left = sample.without?.length ?? 0;
  return [
    { label: asRead(data), description: reading(dataSettings), value: 'data' },
    ...(test === undefined
      ? []
      : [{ label: asRead(test), description: reading(testSettings), value: 'test' as const }]),
    {
      label: t('Number of Sequences to Calibrate With…'),
      description:
        sequences === undefined
          ? t('half of them, at most 128, of small ones 512')
          : String(sequences),
      value: 'sequences',
    },
    {
      label: t('Parts of the Calibration…'),
      description: left === 0 ? t('all') : t('{0} left out', left),
      value: 'parts',
    },
  ];
}

async function askSequences(place: StepPlace, sample: FittingSample): Promise<Answer> {
  const { sequences } = sample;
  const typed = await askText(place, {
    prompt: t('How many sequences to calibrate with; the others judge. Leave it empty for half.'),
    value: sequences === undefined ? '' : String(sequences),
    check: (text) =>
      text.trim() === '' || (parseCount(text) ?? 0) >= 2
        ? undefined
        : t('A whole number of at least 2, please.'),
  });
  if (typed === undefined || typed === back) return typed;
  const count = parseCount(typed);
  return count === undefined ? without(sample, 'sequences') : { ...sample, sequences: count };
}

async function askParts(place: StepPlace, sample: FittingSample): Promise<Answer> {
  const leftOut = sample.without ?? [];
  const kept = await chooseMany<CalibrationPart | 'refine'>(
    place,
    t('What the calibration does. All but the last is recommended.'),
    [
      ...calibrationParts.map((part) => ({
        label: t(calibrationPartTitles[part]),
        value: part,
        picked: !leftOut.includes(part),
      })),
      { label: t(refinementTitle), value: 'refine', picked: sample.refine === true },
    ],
  );
  if (kept === undefined || kept === back) return kept;
  const left = calibrationParts.filter((part) => !kept.includes(part));
  const plain = without(sample, 'without', 'refine');
  return {
    ...plain,
    ...(left.length > 0 && { without: left }),
    ...(kept.includes('refine') && { refine: true }),
  };
}
