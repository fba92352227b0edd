import * as path from 'node:path';
import * as vscode from 'vscode';
import type { HyperValues } from '../../families/hyperParameters';
import type { SsmContext } from '../context';
import { noticeText, pickText } from '../platform/noticeText';
import { back, choose } from '../platform/steps';
import type { StepPlace } from '../platform/steps';
import { checkSample } from './check';
import type { SampleData } from './memory';
import { openSampleFile } from './pick';
import { askReading } from './reading';

const { t } = vscode.l10n;

/** The model that the data is for. */
export interface SampleModel {
  readonly file: string;
  readonly remembered: HyperValues;
}

/** Data that fits the model. */
export interface FittingSample extends SampleData {
  /** Whether there are labels to judge by. */
  readonly labelled: boolean;
}

/** Which of the files of sample data: the one to calibrate with, or the one to judge by. */
type Part = 'data' | 'test';
const settingsOf = { data: 'dataSettings', test: 'testSettings' } as const;

/**
 * Tries the data on the model, and lets the person say how it is read until it fits. Resolves to `back` when the person
 * would rather take other data.
 */
export async function settleSample(
  context: SsmContext,
  model: SampleModel,
  place: StepPlace,
  sample: SampleData,
): Promise<FittingSample | typeof back | undefined> {
  const settled = await settlePart(context, model, place, sample, 'data');
  if (settled === undefined || settled === back) return settled;
  if (settled.test === undefined) return settled;
  return settlePart(context, model, place, settled, 'test');
}

async function settlePart(
  context: SsmContext,
  model: SampleModel,
  place: StepPlace,
  given: SampleData,
  part: Part,
): Promise<FittingSample | typeof back | undefined> {
  let sample = given;
  for (;;) {
    const data = sample[part] ?? sample.data;
    const settings = sample[settingsOf[part]] ?? {};
    const checked = await checkSample(context, { ...model, data, settings });
    if (checked.kind === 'cancelled') return back;
    if (checked.kind === 'fits') return { ...sample, labelled: checked.labelled };
    context.log.info(`${data} does not fit ${model.file}: ${checked.message}`);
    const changed = await askUnfit(place, data, settings, checked.message);
    if (changed === undefined || changed === back) return changed;
    sample = { ...sample, [settingsOf[part]]: changed };
  }
}

/** Says why the data does not fit, and asks how it is read. */
async function askUnfit(
  place: StepPlace,
  data: string,
  settings: Readonly<Record<string, string>>,
  message: string,
): ReturnType<typeof askReading> {
  const sub = { ...place, canGoBack: true };
  for (;;) {
    const what = await choose(
      sub,
      t('{0} does not fit: {1}', path.basename(data), noticeText(message)),
      [
        {
          label: t('Say How It Is Read…'),
          description: t('scale, layout, names of arrays, …'),
          detail: pickText(message),
          value: 'read' as const,
        },
        { label: t('Choose Other Data'), value: 'other' as const },
      ],
    );
    if (what === undefined || what === back) return what;
    if (what === 'other') return back;
    const changed = await askReading(sub, data, settings);
    if (changed !== back) return changed;
  }
}

/** Lets the person choose another file to judge by, or take it back; `back` leaves all as it was. */
export async function askTest(
  context: SsmContext,
  model: SampleModel,
  place: StepPlace,
  sample: FittingSample,
): Promise<FittingSample | typeof back | undefined> {
  const file = await openSampleFile(t('Sample Data to Judge By'));
  if (file === undefined) return back;
  const { dataSettings } = sample;
  // as a rule the two files are alike
  const testSettings = dataSettings === undefined ? {} : { testSettings: dataSettings };
  return settlePart(context, model, place, { ...sample, test: file, ...testSettings }, 'test');
}
