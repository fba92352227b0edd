import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CheckpointSummary, NetworkSummary } from '../../protocol/worker';
import type { SsmContext } from '../context';
import { askQuestions, offerQuestions } from './ask';

const { t } = vscode.l10n;

/** What the network around the layers is, with what the person has answered before. */
export function describeNetwork(
  { worker, answers }: SsmContext,
  { path: file, fingerprint }: CheckpointSummary,
  signal?: AbortSignal,
): Promise<NetworkSummary> {
  const remembered = answers.recall(file, fingerprint);
  return worker.request(
    'describeNetwork',
    { file, answers: { remembered } },
    signal === undefined ? {} : { signal },
  );
}

/**
 * Asks what must be known to run the network, until nothing is open, and remembers the answers. Resolves to undefined
 * when the person left.
 */
export async function settleNetwork(
  context: SsmContext,
  summary: CheckpointSummary,
): Promise<NetworkSummary | undefined> {
  const { path: file, fingerprint } = summary;
  for (;;) {
    const network = await describeNetwork(context, summary);
    if (!('questions' in network) || network.questions.length === 0) return network;
    const given = await askQuestions(path.basename(file), network.questions);
    if (given === undefined) return undefined;
    await context.answers.remember(file, fingerprint, given);
  }
}

/**
 * Offers to ask what a bound of the output's error needs to know of the network, unless it was declined before. Resolves
 * to false when the person left.
 */
export async function offerNetwork(
  context: SsmContext,
  summary: CheckpointSummary,
): Promise<boolean> {
  const { answers } = context;
  const { path: file, fingerprint } = summary;
  while (!answers.isDeclined(file, fingerprint)) {
    const network = await describeNetwork(context, summary);
    if (!('questions' in network) || network.questions.length === 0) return true;
    const given = await offerQuestions(path.basename(file), network.questions, {
      label: t('Leave It Open'),
      detail: t('The report then bounds the errors of the layers, not the error of the output.'),
    });
    if (given === undefined) return false;
    if (given === 'without') answers.decline(file, fingerprint);
    else await answers.remember(file, fingerprint, given);
  }
  return true;
}
