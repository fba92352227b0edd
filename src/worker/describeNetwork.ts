import { SsmError } from '../core/errors';
import { describeInput } from '../core/network/program';
import type { HyperAnswers, NetworkSummary } from '../protocol/worker';
import { openInput } from './checkpointInput';
import { evidenceOf, openQuestions } from './hyper';
import { markImplausible } from './implausible';
import { networkQuestions, settleNetwork } from './openNetwork';
import { readSidecars } from './sidecars';

/** What the network in a checkpoint is and what is open, or why it is not known. */
export async function describeNetwork(
  file: string,
  answers: HyperAnswers = {},
  signal?: AbortSignal,
): Promise<NetworkSummary> {
  const source = await openInput(file);
  try {
    const checkpoint = await source.checkpoint(signal);
    const sidecars = await readSidecars(file, signal);
    const settled = settleNetwork(checkpoint, evidenceOf(checkpoint, sidecars, answers));
    const ofLayers = openQuestions(settled.layers);
    return {
      architecture: settled.recognised.title,
      input: describeInput(settled.recognised.input),
      questions: [
        ...(await markImplausible(ofLayers, settled.layers, checkpoint, signal)),
        ...networkQuestions(settled),
      ],
    };
  } catch (error) {
    if (SsmError.is(error) && error.reason === 'unsupported-file') return { reason: error.message };
    throw SsmError.is(error) ? error.inFile(file) : error;
  } finally {
    await source.close();
  }
}
