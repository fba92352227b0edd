import { SsmError } from '../core/errors';
import { refusedLayers } from '../families/refusals';
import type { Checkpoint, FieldQuestion } from '../formats/checkpoint';
import type { TensorInfo } from '../formats/tensor';
import type { RefusalSummary } from '../protocol/worker';

/** What was recognised in a checkpoint and cannot be reduced: the file as such, and layers in it. */
export function refusalsOf({ refusal, tensors }: Checkpoint): RefusalSummary[] {
  const kinds = new Map<string, string[]>();
  for (const { name, what, reason } of refusedLayers(tensors)) {
    const text = `${what}: ${reason}`;
    kinds.set(text, [...(kinds.get(text) ?? []), ...(name === '' ? [] : [name])]);
  }
  const layers = [...kinds].map(([reason, names]) => ({ names, reason }));
  return refusal === undefined
    ? layers
    : [{ names: [], reason: `${refusal.reason} ${refusal.advice}` }, ...layers];
}

/** Throws `unsupported-file` where the file as such cannot be written, before anything is computed. */
export function assertNotRefused({ refusal }: Checkpoint): void {
  if (refusal === undefined) return;
  throw new SsmError('unsupported-file', `${refusal.reason} ${refusal.advice}`);
}

/** Throws `bad-request` where the person has to confirm the names of a file's arrays before it can be written. */
export function assertNamed({ fieldQuestion }: Checkpoint): void {
  if (fieldQuestion === undefined) return;
  throw new SsmError('bad-request', describeFieldQuestion(fieldQuestion));
}

function describeFieldQuestion({ question, proposed }: FieldQuestion): string {
  return `${question} Confirm the order, or give another, with --fields ${proposed.join(',')}`;
}

/** That no family knows a layer of the file: the reason where it is known, else what is known. */
export function noLayers(tensors: readonly TensorInfo[], families: readonly string[]): SsmError {
  const refused = refusedLayers(tensors);
  const first = refused.at(0);
  if (first === undefined) {
    return new SsmError(
      'no-layers',
      `There is no state-space layer of a known family in this file. Known: ${families.join(', ')}.`,
    );
  }
  const more = refused.filter(({ what }) => what !== first.what).map(({ what }) => what);
  const also = more.length === 0 ? '' : ` Also found: ${[...new Set(more)].join(', ')}.`;
  return new SsmError('no-layers', `${first.what}: ${first.reason}${also}`, {
    ...(first.name === '' ? {} : { place: `layer ${first.name}` }),
  });
}
