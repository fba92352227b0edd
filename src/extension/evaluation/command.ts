import * as path from 'node:path';
import * as vscode from 'vscode';
import type { EvaluateParams, EvaluateResult } from '../../protocol/evaluation';
import { SsmError } from '../../core/errors';
import { showCount } from '../../protocol/shown';
import { inspectRemembering } from '../answers/inspect';
import { settleNetwork } from '../answers/network';
import { workerQueue } from '../compression/queue';
import type { SsmContext } from '../context';
import { signalOf } from '../platform/cancellation';
import { isCancelled, reportFault } from '../platform/faults';
import { localPath } from '../platform/localPath';
import { noticeText } from '../platform/noticeText';
import { back, choose } from '../platform/steps';
import type { Ask, StepPlace } from '../platform/steps';
import { chosenSample, knownSamples } from '../samples/ask';
import { openSampleDocs, pickSample } from '../samples/pick';
import { settleSample } from '../samples/settle';
import { judgedBy } from './original';
import type { Judged } from './original';
import { showEvaluation } from './panel';

const { t } = vscode.l10n;

/**
 * The command `SSM: Evaluate on Sample Data…`: measures a checkpoint, or the result of a report, on data that the person
 * chooses, beside its original where that is known. Resolves to what was measured, undefined when the person left.
 */
export async function evaluate(
  context: SsmContext,
  uri: vscode.Uri,
): Promise<EvaluateResult | undefined> {
  try {
    const judged = await judgedBy(context, localPath(uri), new AbortController().signal);
    const params = await askEvaluation(context, judged);
    if (params === undefined) return undefined;
    const result = await run(context, params);
    await showEvaluation(context, params, result);
    return result;
  } catch (error) {
    if (!isCancelled(error)) reportFault(context.log, error, t('Evaluation failed:'));
    return undefined;
  }
}

/** Asks what the network does not tell, and for the data. */
async function askEvaluation(
  context: SsmContext,
  { file, original, calibratedWith }: Judged,
): Promise<EvaluateParams | undefined> {
  const summary = await inspectRemembering(context, file, new AbortController().signal);
  const network = await settleNetwork(context, summary);
  if (network === undefined) return undefined;
  if ('reason' in network) throw new SsmError('unsupported-file', network.reason, { file });
  const remembered = context.answers.recall(file, summary.fingerprint);
  const title = t('Evaluate {0}', path.basename(file));
  const place = { title, step: 1, totalSteps: 1, canGoBack: false };
  for (;;) {
    const picked = await pickSample(place, {
      placeholder: t('Which sample data to measure it on?'),
      known: knownSamples(context, original ?? file),
      preselectKnown: true,
      without: false,
    });
    if (picked === undefined || picked === back || picked === 'none') return undefined;
    if (picked === 'recording' || picked === 'script') return undefined; // not offered without a network
    if (picked === 'docs') {
      await openSampleDocs(context.extensionUri);
      return undefined;
    }
    const sample = await chosenSample(picked);
    if (sample === undefined) continue;
    // where one file calibrates and another judges, this is about judging
    const { data, dataSettings = {} } =
      sample.test === undefined
        ? sample
        : { data: sample.test, dataSettings: sample.testSettings ?? {} };
    const settled = await settleSample(context, { file, remembered }, place, {
      data,
      dataSettings,
    });
    if (settled === undefined) return undefined;
    if (settled === back) continue;
    const heldOut = data === calibratedWith ? await askHeldOut(place, data) : false;
    if (heldOut === undefined) return undefined;
    if (heldOut === back) continue;
    const read = settled.dataSettings ?? {};
    await context.samples.remember(file, { data, dataSettings: read });
    return {
      ...{ file, data, remembered, dataSettings: read, heldOut },
      ...(original === undefined ? {} : { against: original }),
    };
  }
}

/** The model was calibrated with a part of this data: whether to judge by the other part alone. */
function askHeldOut(place: StepPlace, data: string): ReturnType<Ask<boolean>> {
  return choose<boolean>(
    { ...place, canGoBack: true },
    t('The model was calibrated with a part of {0}.', path.basename(data)),
    [
      {
        label: t('Judge by the Held-Out Part'),
        description: t('the sequences that it was not calibrated with'),
        value: true,
      },
      {
        label: t('Judge by All of It'),
        description: t('the figures flatter the model'),
        value: false,
      },
    ],
  );
}

function run({ worker }: SsmContext, params: EvaluateParams): Promise<EvaluateResult> {
  const title = t('Evaluating {0}', noticeText(path.basename(params.file)));
  const { language } = vscode.env;
  return Promise.resolve(
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (progress, token) => {
        const signal = signalOf(token);
        let shown = 0;
        if (workerQueue.busy()) progress.report({ message: t('waiting for the run before it') });
        return workerQueue.run(
          () =>
            worker.request('evaluate', params, {
              signal,
              onEvent: {
                evaluated: ({ sequencesDone, sequencesTotal }) => {
                  const increment = (100 * sequencesDone) / Math.max(1, sequencesTotal) - shown;
                  shown += increment;
                  const message = t(
                    '{0} of {1} sequences',
                    showCount(sequencesDone, language),
                    showCount(sequencesTotal, language),
                  );
                  progress.report({ increment, message });
                },
              },
            }),
          signal,
        );
      },
    ),
  );
}
