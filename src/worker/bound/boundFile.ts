import { SsmError } from '../../core/errors';
import type { Network } from '../../core/network/network';
import { shuffled } from '../../core/random';
import type { BoundParams, BoundResult } from '../../protocol/bound';
import type { EvaluateProgress } from '../../protocol/evaluation';
import { openNetwork } from '../openNetwork';
import { openSamples } from '../samples/open';
import type { Samples } from '../samples/samples';
import { boundOf, type BoundSamples } from './boundOf';

export interface BoundFileOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluateProgress) => void;
}

/** Sequences taken of sample data if nobody says. */
const usualSequences = 64;

/**
 * Bounds and attribution of the output error of a compressed checkpoint against its original. Writes nothing.
 * @throws SsmError with the file and the reason
 */
export async function boundFile(
  params: BoundParams,
  { signal, onProgress }: BoundFileOptions = {},
): Promise<BoundResult> {
  const begin = performance.now();
  const { file, against, given = {}, remembered = {} } = params;
  const answers = { given, remembered };
  const compressed = await openNetwork(file, answers, signal);
  const original = await openNetwork(against, answers, signal);
  const samples =
    params.data === undefined
      ? undefined
      : await openSamples(params.data, params.dataSettings ?? {}, original.network, signal);
  try {
    const record = await boundOf(original.network, compressed.network, {
      length: params.length ?? lengthOf(original.network, samples),
      ...(params.inputBound === undefined ? {} : { inputBound: params.inputBound }),
      ...(samples && { samples: someOf(samples, params.sequences ?? usualSequences, signal) }),
      signal,
      onSequence: (sequencesDone, sequencesTotal) => {
        onProgress?.({ sequencesDone, sequencesTotal });
      },
    });
    return {
      record,
      architecture: original.settled.recognised.title,
      notes: original.notes,
      seconds: (performance.now() - begin) / 1000,
    };
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(file) : error;
  } finally {
    await samples?.close();
  }
}

/** Of the data; without it the steps after which the kernels end. */
function lengthOf({ layers }: Network, samples: Samples | undefined): number {
  if (samples !== undefined) return 1;
  const horizon = Math.min(...layers.map((layer) => layer.horizon ?? Infinity));
  if (horizon < Infinity) return horizon;
  throw new SsmError(
    'bad-request',
    'How many positions sequences have is not known, and the bound depends on it. Say it: --length, or give sample data.',
  );
}

/** Some of the sequences, spread over the data by a fixed order. */
function someOf(samples: Samples, most: number, signal: AbortSignal | undefined): BoundSamples {
  const indices = shuffled(samples.count, 1).slice(0, most);
  return {
    count: indices.length,
    description: samples.description,
    sequence: (i) => samples.sequence(indices[i], signal),
  };
}
