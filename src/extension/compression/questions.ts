import * as path from 'node:path';
import * as vscode from 'vscode';
import { showCount } from '../../protocol/shown';
import type { CheckpointSummary } from '../../protocol/worker';
import { askAll, askText, back, choose } from '../platform/steps';
import type { Ask, Choice } from '../platform/steps';
import type { SampleAnswer } from '../samples/ask';
import type { SampleAnswers } from '../samples/askAll';
import type { Recording } from '../samples/recording';
import type { FittingSample } from '../samples/settle';
import { commonChoices, parseCount } from './choices';
import type { Choices } from './choices';
import { askMethod } from './method';
import type { Method } from './method';
import { polesQuestion } from './poles';
import type { Poles } from './poles';
import { defaultOutputName, outputComplaint, resolveOutput } from './outputName';
import type { KeptTarget } from './outputName';
import { sharingQuestion } from './sharing';
import type { Sharing } from './sharing';
import { askSize, askSweep, sizeLabel } from './size';
import type { Judgeable, SizeAnswer } from './size';
import type { OpenTradeoff } from './tradeoffBehind';

const { t } = vscode.l10n;
const { language } = vscode.env;

/** A number of steps, null for infinite, `own` for what each file records (or the default). */
type Horizon = number | null | 'own';

/** Everything the person decided. What was not asked is undefined. */
export interface Answers {
  /** Sample data to calibrate each checkpoint with. */
  readonly samples?: SampleAnswers;
  readonly size: SizeAnswer;
  /** Without sample data, whose sequences have a length of their own. */
  readonly horizon?: Horizon;
  readonly method?: Method;
  /** Whether layers may have orders of their own, and by what; only asked where something tells which. */
  readonly sharing?: Sharing;
  /** Whether channels that share poles keep sharing them; only asked where a setting could change it. */
  readonly poles?: Poles;
  /** Path of the result; only asked for a single checkpoint. */
  readonly output?: string;
}

/** What is decided before anything is asked. */
export interface HowOptions {
  /** Several orders are wanted. */
  readonly sweep?: boolean;
  /** Whether the network around the layers of a single checkpoint is known. */
  readonly known?: boolean;
  /** Opens the trade-off of a single checkpoint by itself while its size is asked for. */
  readonly behind?: OpenTradeoff;
}

/** Asks how to compress the checkpoints; undefined when the person left. Every first answer is a sensible default. */
export async function askHow(
  summaries: readonly CheckpointSummary[],
  askSamples: Ask<SampleAnswers>,
  { sweep = false, known = false, behind }: HowOptions = {},
): Promise<Answers | undefined> {
  const first = summaries.at(0);
  if (first === undefined) return undefined;
  const single = summaries.length === 1 ? first : undefined;
  const choices = commonChoices(summaries);
  const title =
    single === undefined
      ? t('Compress {0} checkpoints', summaries.length)
      : t('Compress {0}', path.basename(single.path));
  return askAll<Answers>(title, {
    samples: () => askSamples,
    size: ({ samples }) =>
      sweep
        ? askSweep(choices)
        : askSize({
            ...{ choices, judgeable: judgeableOf(samples), layers: single?.layers ?? [] },
            ...{ weighed: anyWeighed(samples), known: known && single !== undefined },
            // with sample data a curve costs calibrations, which are not begun unasked
            ...(behind === undefined || anyWeighed(samples) ? {} : { behind }),
          }),
    horizon: ({ samples }) => (allWeighed(samples) ? undefined : askHorizon(summaries)),
    method: ({ samples, size }) =>
      allWeighed(samples) || size === 'curve' ? undefined : askMethod,
    sharing: ({ size, samples }) =>
      sharingQuestion(size, {
        models: summaries,
        judged: judgeableOf(samples) !== undefined,
        known: known && single !== undefined && !hasRecording(samples),
      }),
    poles: () => polesQuestion(summaries),
    output: ({ size }) =>
      single === undefined || (size === undefined ? sweep : size === 'curve' || 'orders' in size)
        ? undefined
        : askOutput(single.path, nameAfter(size, choices)),
  });
}

/** The sample data, if there is any. */
export function fittingOf(sample: SampleAnswer | undefined): FittingSample | undefined {
  return sample === undefined || sample === 'none' || 'recorded' in sample ? undefined : sample;
}

/** The recorded inputs of the layers, if there are any. */
export function recordingOf(sample: SampleAnswer | undefined): Recording | undefined {
  return typeof sample === 'object' && 'recorded' in sample ? sample : undefined;
}

/** Whether real inputs decide, which have a length of their own and one way to be used. */
export function isWeighed(sample: SampleAnswer | undefined): boolean {
  return sample !== undefined && sample !== 'none';
}

function allWeighed(samples: SampleAnswers | undefined): boolean {
  return samples !== undefined && [...samples.values()].every(isWeighed);
}

function anyWeighed(samples: SampleAnswers = new Map()): boolean {
  return [...samples.values()].some(isWeighed);
}

function hasRecording(samples: SampleAnswers = new Map()): boolean {
  return [...samples.values()].some((sample) => recordingOf(sample) !== undefined);
}

/** What the results can be judged by, where all of them can. */
function judgeableOf(samples: SampleAnswers = new Map()): Judgeable | undefined {
  const fitting = [...samples.values()].map(fittingOf).filter((one) => one !== undefined);
  if (fitting.length === 0 || fitting.length < samples.size) return undefined;
  return { labelled: fitting.every(({ labelled }) => labelled), several: fitting.length > 1 };
}

/** What a result is named after; while nothing is decided, something that counts as a step. */
function nameAfter(size: SizeAnswer | undefined, { order }: Choices): number | KeptTarget {
  return size === undefined || size === 'curve' || 'orders' in size ? order : sizeLabel(size);
}

/** Asks for the name of one result. */
export function askOutputName(source: string, order: number): Promise<string | undefined> {
  const title = t('Compress {0}', path.basename(source));
  return askAll<{ output: string }>(title, { output: () => askOutput(source, order) }).then(
    (answers) => answers?.output,
  );
}

function askHorizon(summaries: readonly CheckpointSummary[]): Ask<Horizon> {
  return async (place) => {
    for (;;) {
      const answer = await choose<Horizon | 'other'>(
        place,
        t('Over how many time steps must the impulse responses agree?'),
        horizonItems(summaries),
      );
      if (answer !== 'other') return answer;
      const typed = await askText(
        { ...place, canGoBack: true },
        {
          prompt: t('The horizon in time steps: the length of the sequences that the model sees.'),
          value: String(summaries.at(0)?.horizon.steps ?? ''),
          check: (text) =>
            parseCount(text) === undefined ? t('A whole number of at least 1, please.') : undefined,
        },
      );
      if (typed !== back) return typed === undefined ? undefined : parseCount(typed);
    }
  };
}

function horizonItems(summaries: readonly CheckpointSummary[]): Choice<Horizon | 'other'>[] {
  const steps = new Set(summaries.map(({ horizon }) => horizon.steps));
  const recorded = summaries.every(({ horizon }) => horizon.from === 'recorded');
  const first = [...steps].at(0);
  const own: Choice<Horizon> =
    steps.size === 1 && first !== undefined
      ? {
          label: t('{0} Steps', showCount(first, language)),
          description: recorded
            ? t('recorded in the checkpoint')
            : t('default; the checkpoint records no sequence length'),
          value: 'own',
        }
      : {
          label: t("Each Checkpoint's Own"),
          description: t('recorded in it, or the default'),
          value: 'own',
        };
  return [
    own,
    {
      label: t('Another Length…'),
      description: t('the length of the sequences that the model sees'),
      value: 'other',
    },
    {
      label: t('Infinite'),
      description: t('for sequences of any length; needs stable poles'),
      value: null,
    },
  ];
}

function askOutput(source: string, size: number | KeptTarget): Ask<string> {
  return async (place) => {
    const name = defaultOutputName(source, size);
    const typed = await askText(place, {
      prompt: t('Name of the result. It is written beside the source, its report beside it.'),
      value: name,
      selection: [0, name.length - path.extname(name).length],
      check: (text) => explainOutput(source, text),
      button: {
        icon: { iconPath: new vscode.ThemeIcon('folder-opened'), tooltip: t('Browse…') },
        press: (text) => browse(source, text),
      },
    });
    if (typed === undefined || typed === back) return typed;
    return resolveOutput(source, typed);
  };
}

function explainOutput(source: string, text: string): string | undefined {
  switch (outputComplaint(source, text)) {
    case 'empty':
      return t('A file name, please.');
    case 'same-as-source':
      return t('The source stays as it is; the result needs another name.');
    case 'other-format':
      return t(
        'The result has the format of its source; keep the ending {0}.',
        path.extname(source),
      );
    case undefined:
      return undefined;
  }
}

async function browse(source: string, text: string): Promise<string | undefined> {
  const chosen = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(resolveOutput(source, text)),
    title: t('Compressed Checkpoint'),
  });
  return chosen?.fsPath;
}
