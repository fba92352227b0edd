import { SsmError } from '../core/errors';
import type { Checkpoint } from '../formats/checkpoint';
import type { RefusalSummary } from '../protocol/worker';

/** What was recognised in a checkpoint and cannot be reduced: the file as such, and models in it. */
export function refusalsOf({ refusal }: Checkpoint): RefusalSummary[] {
  return refusal === undefined ? [] : [{ reason: `${refusal.reason} ${refusal.advice}` }];
}

/** Throws `unsupported-file` where the file as such cannot be written, before anything is computed. */
export function assertNotRefused({ refusal }: Checkpoint): void {
  if (refusal === undefined) return;
  throw new SsmError('unsupported-file', `${refusal.reason} ${refusal.advice}`);
}
