import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CheckpointSummary } from '../../protocol/worker';
import { settleNetwork } from '../answers/network';
import type { SsmContext } from '../context';
import { noticeText, pickText } from '../platform/noticeText';
import { back, choose } from '../platform/steps';
import type { Ask, StepPlace } from '../platform/steps';
import { askSample, chosenSample, knownSamples, sampleOf } from './ask';
import type { SampleAnswer } from './ask';
import type { SampleData } from './memory';
import { openSampleDocs, pickSample } from './pick';
import { settleSample } from './settle';

const { t } = vscode.l10n;

/** What the person decided for each checkpoint, by its path. */
export type SampleAnswers = ReadonlyMap<string, SampleAnswer>;

/** Asks for sample data: for one checkpoint, or for several together or one after another. */
export function askSamples(
  context: SsmContext,
  summaries: readonly CheckpointSummary[],
): Ask<SampleAnswers> {
  const [first] = summaries;
  return summaries.length === 1
    ? (place) => askEach(context, [first], place)
    : (place) => askSeveral(context, summaries, place);
}

type Answer = Awaited<ReturnType<Ask<SampleAnswers>>>;

async function askSeveral(
  context: SsmContext,
  summaries: readonly CheckpointSummary[],
  place: StepPlace,
): Promise<Answer> {
  for (;;) {
    const how = await choose(
      place,
      t('Sample data keeps the accuracy without retraining.'),
      severalItems(),
    );
    if (how === undefined || how === back) return how;
    if (how === 'none') return new Map(summaries.map(({ path: file }) => [file, 'none']));
    const sub = { ...place, canGoBack: true };
    const answer = await (how === 'same' ? askShared : askEach)(context, summaries, sub);
    if (answer !== back) return answer;
  }
}

function severalItems(): {
  label: string;
  description: string;
  value: 'none' | 'same' | 'each';
}[] {
  return [
    {
      label: t('Without Sample Data'),
      description: t('the h² errors of the layers decide'),
      value: 'none',
    },
    {
      label: t('The Same for All of Them…'),
      description: t('models of the same task'),
      value: 'same',
    },
    {
      label: t('One after Another…'),
      description: t('each checkpoint has data of its own'),
      value: 'each',
    },
  ];
}

/** Every checkpoint is asked about on its own; going back from the first goes back altogether. */
async function askEach(
  context: SsmContext,
  summaries: readonly CheckpointSummary[],
  place: StepPlace,
): Promise<Answer> {
  const answers = new Map<string, SampleAnswer>();
  for (let i = 0; i < summaries.length;) {
    const { path: file } = summaries[i];
    const own =
      summaries.length === 1
        ? place
        : { ...place, title: t('Compress {0}', path.basename(file)), canGoBack: true };
    const answer = await askSample(context, summaries[i])(own);
    if (answer === undefined) return undefined;
    if (answer !== back) {
      answers.set(file, answer);
      i++;
    } else if (i === 0) return back;
    else i--;
  }
  return answers;
}

/** One file for all checkpoints, tried on each of them. */
async function askShared(
  context: SsmContext,
  summaries: readonly CheckpointSummary[],
  place: StepPlace,
): Promise<Answer> {
  for (;;) {
    const picked = await pickSample(place, {
      placeholder: t('Which sample data, for all {0} checkpoints?', summaries.length),
      known: knownSamples(context, summaries[0].path),
      preselectKnown: true,
      without: false,
    });
    if (picked === undefined || picked === back) return picked;
    if (picked === 'docs') {
      await openSampleDocs(context.extensionUri);
      return undefined;
    }
    if (picked === 'none' || picked === 'recording' || picked === 'script') return back; // not offered
    const sample = await chosenSample(picked);
    if (sample === undefined) continue;
    const answers = await settleAll(context, summaries, place, sample);
    if (answers !== back) return answers;
  }
}

async function settleAll(
  context: SsmContext,
  summaries: readonly CheckpointSummary[],
  place: StepPlace,
  sample: SampleData,
): Promise<Answer> {
  const answers = new Map<string, SampleAnswer>();
  for (const summary of summaries) {
    const { path: file } = summary;
    const title = t('Compress {0}', path.basename(file));
    const answer = await settleOne(context, summary, { ...place, title }, sample);
    if (answer === undefined || answer === back) return answer;
    answers.set(file, answer);
    if (answer !== 'none' && !('recorded' in answer))
      await context.samples.remember(file, sampleOf(answer));
  }
  return answers;
}

/** The data on one checkpoint; one whose network is not known can go without. */
async function settleOne(
  context: SsmContext,
  summary: CheckpointSummary,
  place: StepPlace,
  sample: SampleData,
): Promise<SampleAnswer | typeof back | undefined> {
  const { path: file, fingerprint } = summary;
  const network = await settleNetwork(context, summary);
  if (network === undefined) return back;
  if ('reason' in network) {
    return choose<'none'>(
      place,
      t('{0} cannot be run: {1}', path.basename(file), noticeText(network.reason)),
      [
        {
          label: t('Compress It without Sample Data'),
          detail: pickText(network.reason),
          value: 'none',
        },
      ],
    );
  }
  const remembered = context.answers.recall(file, fingerprint);
  return settleSample(context, { file, remembered }, place, sample);
}
