import * as vscode from 'vscode';
import type { CheckpointSummary } from '../../protocol/worker';
import { describeNetwork, settleNetwork } from '../answers/network';
import type { SsmContext } from '../context';
import { back } from '../platform/steps';
import type { Ask } from '../platform/steps';
import { without } from '../platform/without';
import type { SampleData } from './memory';
import { confirmSample } from './more';
import { openSampleDocs, openSampleFile, pickSample } from './pick';
import { chooseRecording, saveRecordingScript } from './recording';
import type { Recording } from './recording';
import { settleSample } from './settle';
import type { FittingSample } from './settle';

const { t } = vscode.l10n;

/** What the person decided about sample data: none, data that fits the model, or recorded inputs of its layers. */
export type SampleAnswer = FittingSample | Recording | 'none';

/**
 * Asks for sample data to calibrate with. What the network does not tell is asked once data is wanted; the data is tried
 * on the model before it is taken.
 */
export function askSample(context: SsmContext, summary: CheckpointSummary): Ask<SampleAnswer> {
  return async (place) => {
    const network = await describeNetwork(context, summary);
    for (;;) {
      const picked = await pickSample(place, {
        placeholder: t('Sample data keeps the accuracy without retraining.'),
        known: knownSamples(context, summary.path),
        preselectKnown: context.samples.recall(summary.path) !== undefined,
        without: true,
        ...('reason' in network ? { refusal: network.reason } : {}),
      });
      if (picked === undefined || picked === back || picked === 'none') return picked;
      if (picked === 'docs') {
        await openSampleDocs(context.extensionUri);
        return undefined;
      }
      if (picked === 'script') {
        await saveRecordingScript(context, vscode.Uri.file(summary.path));
        return undefined;
      }
      if (picked === 'recording') {
        const recording = await chooseRecording(context, summary.path, place);
        if (recording === back) continue;
        return recording;
      }
      const sample = await chosenSample(picked);
      if (sample === undefined) continue;
      const settled = await settleNetwork(context, summary);
      if (settled === undefined) continue;
      const model = {
        file: summary.path,
        remembered: context.answers.recall(summary.path, summary.fingerprint),
      };
      const fitting = await settleSample(context, model, place, sample);
      if (fitting === undefined) return undefined;
      if (fitting === back) continue;
      const confirmed = await confirmSample(context, model, place, fitting);
      if (confirmed === undefined) return undefined;
      if (confirmed === back) continue;
      await context.samples.remember(summary.path, sampleOf(confirmed));
      return confirmed;
    }
  };
}

/** The data of the checkpoint itself first, then what was used with others. */
export function knownSamples({ samples }: SsmContext, file: string): SampleData[] {
  const own = samples.recall(file);
  const others = samples.recent().filter(({ data }) => data !== own?.data);
  return own === undefined ? others : [own, ...others];
}

/** The data that was offered and taken, or a file of the person's own; undefined where none was chosen after all. */
export async function chosenSample(picked: SampleData | 'file'): Promise<SampleData | undefined> {
  if (picked !== 'file') return picked;
  const data = await openSampleFile(t('Sample Data'));
  return data === undefined ? undefined : { data };
}

/** The part of it that a run is told, and that is remembered. */
export function sampleOf(fitting: FittingSample): SampleData {
  return without(fitting, 'labelled');
}
