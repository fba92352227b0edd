import { throwIfCancelled } from '../../core/errors';
import type { Network } from '../../core/network/network';
import type { BoundRecord } from '../../protocol/bound';
import { recordOf } from './boundRecord';
import { gatherEvidence, type BoundSamples, type EvidenceTools } from './evidence';

export interface BoundOfOptions extends EvidenceTools {
  /** Positions; with samples at least as many as the longest of them has. */
  readonly length: number;
  readonly inputBound?: number;
  readonly samples?: BoundSamples;
}

/**
 * What compressing a network can do to its output, with all the evidence there is: the certified bound, and with sample
 * data the calibrated one, the measured errors and the first-order estimates.
 * @throws SsmError where the networks are not one the compression of the other, or `cancelled`
 */
export async function boundOf(
  original: Network,
  reduced: Network,
  options: BoundOfOptions,
): Promise<BoundRecord> {
  const { samples, engine, signal } = options;
  const evidence = samples && (await gatherEvidence(original, reduced, samples, options));
  throwIfCancelled(signal);
  const length = Math.max(options.length, evidence?.statistics.length ?? 1);
  const tokens = original.input.kind === 'tokens';
  const said = tokens ? undefined : options.inputBound;
  const inputBound = said ?? (tokens ? undefined : evidence?.inputRow);
  const bounds = await engine.run('deepBounds', {
    ...structuredClone({ original, reduced }),
    options: { length, ...(inputBound === undefined ? {} : { inputBound }) },
    ...(evidence && { statistics: structuredClone(evidence.statistics) }),
  });
  throwIfCancelled(signal);
  return recordOf({
    ...{ length, evidence, inputBound, ...bounds },
    description: samples?.description ?? '',
    inputFromData: said === undefined && inputBound !== undefined,
  });
}
