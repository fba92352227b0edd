import { SsmError } from '../../core/errors';
import type { Network } from '../../core/network/network';
import { shuffled } from '../../core/random';
import type { BoundParams, BoundResult } from '../../protocol/bound';
import type { EvaluateProgress } from '../../protocol/evaluation';
import type { Engine } from '../engine';
import { openNetwork } from '../openNetwork';
import { openSamples } from '../samples/open';
import type { Samples } from '../samples/samples';
import { startEngine } from '../threadPool';
import { withEngine } from '../withEngine';
import { boundOf } from './boundOf';
import { affordableSequences, type BoundSamples, type SequenceSource } from './evidence';

export interface BoundFileOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluateProgress) => void;
  /** Brings up what computes; by default a thread a core. */
  readonly startEngine?: () => Promise<Engine>;
}

/**
 * Bounds and attribution of the output error of a compressed checkpoint against its original. Writes nothing.
 * @throws SsmError with the file and the reason
 */
export async function boundFile(
  params: BoundParams,
  { signal, onProgress, startEngine: start = startEngine }: BoundFileOptions = {},
): Promise<BoundResult> {
  const begin = performance.now();
  const { file, against, given = {}, remembered = {}, inputBound } = params;
  const answers = { given, remembered };
  const compressed = await openNetwork(file, answers, signal);
  const original = await openNetwork(against, answers, signal);
  const samples =
    params.data === undefined
      ? undefined
      : await openSamples(params.data, params.dataSettings ?? {}, original.network, signal);
  try {
    const record = await withEngine(start, signal, (engine) =>
      boundOf(original.network, compressed.network, {
        ...{ engine, signal },
        length: params.length ?? lengthOf(original.network, samples),
        ...(inputBound === undefined ? {} : { inputBound }),
        ...(samples && {
          samples: halvesOf(samples, original.network, params.sequences, signal),
        }),
        onSequence: (sequencesDone, sequencesTotal) => {
          onProgress?.({ sequencesDone, sequencesTotal });
        },
      }),
    );
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

/** Some of the sequences, spread over the data by a fixed order: half to record conditions of, half to check and measure. */
function halvesOf(
  samples: Samples,
  network: Network,
  wanted: number | undefined,
  signal: AbortSignal | undefined,
): BoundSamples {
  const affordable = affordableSequences(network, longestOf(samples));
  const most = wanted ?? 2 * affordable.observed;
  const indices = shuffled(samples.count, 1).slice(0, most);
  const half = Math.ceil(indices.length / 2);
  const { description } = samples;
  return {
    description,
    recorded: sourceOf(samples, indices.slice(0, half), signal),
    others: sourceOf(samples, indices.slice(half), signal),
    measured: wanted ?? affordable.measured,
  };
}

/** Some sequences of sample data. */
export function sourceOf(
  samples: Samples,
  indices: readonly number[],
  signal?: AbortSignal,
): SequenceSource {
  return { count: indices.length, sequence: (i) => samples.sequence(indices[i], signal) };
}

/** Positions of the longest sequence. */
export function longestOf(samples: Samples): number {
  let most = 1;
  for (let i = 0; i < samples.count; i++) most = Math.max(most, samples.lengthOf(i));
  return most;
}
