import type { CheckpointSummary } from '../../protocol/worker';
import type { SsmContext } from '../context';

/** The summary of a checkpoint, with what the person has answered for it before. */
export async function inspectRemembering(
  { worker, answers }: SsmContext,
  file: string,
  signal: AbortSignal,
): Promise<CheckpointSummary> {
  const summary = await worker.request('inspect', { file }, { signal });
  const remembered = answers.recall(file, summary.fingerprint);
  if (summary.questions.length === 0 || Object.keys(remembered).length === 0) return summary;
  return worker.request('inspect', { file, answers: { remembered } }, { signal });
}
