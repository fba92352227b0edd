import type {
  Gathering,
  Program,
  SequencePair,
  StageOutput,
  Statistics,
} from '../../core/calibrate/stage';
import { addStatistics } from '../../core/calibrate/stage';
import { throwIfCancelled } from '../../core/errors';
import type { Engine } from '../engine';

/** Sequences that travel together: few enough that every thread has work and that a part fits in its memory. */
const batchNumbers = 1 << 22;

/** What a stretch of the way summed up. */
export type Sums = Pick<StageOutput, 'fitted' | 'heldOut'>;

/** The calibration sequences on their way through both networks. */
export interface Stream {
  /** At the same place of both networks, in the order in which they were given. */
  readonly pairs: readonly SequencePair[];
  readonly horizon: number;
}

/** How threads and a cancel reach a stream. */
export interface StreamTools {
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onSequences?: (done: number) => void;
}

/**
 * Sends all sequences on. The result does not depend on the number of threads: batches are cut by size and their sums
 * added in order. The states given are handed over to the threads and must not be used again.
 */
export async function send(
  stream: Stream,
  original: Program,
  compressed: Program,
  gather: Gathering,
  { engine, signal, onSequences }: StreamTools,
): Promise<Stream & Sums> {
  const { horizon } = stream;
  let done = 0;
  const parts = await Promise.all(
    batches(stream.pairs).map(async (pairs) => {
      throwIfCancelled(signal);
      const programs = structuredClone({ original, compressed });
      const part = await engine.run('stage', { ...programs, pairs, gather, horizon });
      throwIfCancelled(signal);
      onSequences?.((done += pairs.length));
      return part;
    }),
  );
  const sum = (of: (part: StageOutput) => Statistics | undefined): Statistics | undefined =>
    parts.map(of).reduce(addStatistics, undefined);
  return {
    horizon,
    pairs: parts.flatMap((part) => part.pairs),
    fitted: sum((part) => part.fitted),
    heldOut: sum((part) => part.heldOut),
  };
}

/** The sequences in parts of which each is one task. */
export function batches(pairs: readonly SequencePair[]): SequencePair[][] {
  const found: SequencePair[][] = [];
  let numbers = Infinity;
  for (const pair of pairs) {
    if (numbers >= batchNumbers) {
      found.push([]);
      numbers = 0;
    }
    found[found.length - 1].push(pair);
    numbers += pair.original.x.length * (1 + pair.original.residuals.length);
  }
  return found;
}
