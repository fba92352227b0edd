import type { CheckpointSummary, WorkerMethods } from '../../protocol/worker';
import type { SsmContext } from '../context';

/** The summary of a checkpoint, with what the person has answered for it before. */
export async function inspectRemembering(
  context: SsmContext,
  file: string,
  signal: AbortSignal,
): Promise<CheckpointSummary> {
  const { worker, answers } = context;
  let summary = await worker.request('inspect', { file }, { signal });
  const fields = fieldsOf(context, summary);
  if (fields.fields !== undefined) {
    summary = await worker.request('inspect', { file, ...fields }, { signal });
  }
  const remembered = answers.recall(file, summary.fingerprint);
  if (summary.questions.length === 0 || Object.keys(remembered).length === 0) return summary;
  return worker.request('inspect', { file, answers: { remembered }, ...fields }, { signal });
}

/** The names that the person confirmed for the arrays of a file without, as a part of a request. */
export function fieldsOf(
  { answers }: Pick<SsmContext, 'answers'>,
  summary: Pick<CheckpointSummary, 'path' | 'format' | 'tensors'>,
): Pick<WorkerMethods['inspect']['params'], 'fields'> {
  if (summary.format !== 'equinox') return {};
  const fields = answers.recallFields(summary.path, shapesOf(summary));
  return fields === undefined ? {} : { fields };
}

/** Types and shapes of the arrays in the order of the file: what identifies one whose arrays have no names. */
export function shapesOf({ tensors }: Pick<CheckpointSummary, 'tensors'>): string {
  return tensors.map(({ dtype, shape }) => `${dtype} ${shape.join('x')}`).join(', ');
}
