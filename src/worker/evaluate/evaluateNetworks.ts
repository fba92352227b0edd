import { throwIfCancelled } from '../../core/errors';
import { outputOf, type Network } from '../../core/network/network';
import type { Sequence } from '../../core/network/program';
import type { Evaluation } from '../../protocol/evaluation';
import { mapConcurrently } from '../concurrency';
import type { Engine } from '../engine';
import type { Samples } from '../samples/samples';
import { measuresOf } from './measures';
import { createTally, enter } from './tally';

export interface EvaluationRequest {
  readonly network: Network;
  /** What it was made from, to be compared with. */
  readonly original?: Network;
  readonly samples: Samples;
  /** Which sequences to judge by; by default all. */
  readonly indices?: readonly number[];
}

export interface EvaluationTools {
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onSequences?: (done: number, total: number) => void;
}

/** Positions times features that a task has on its way at most, besides at least one sequence. */
const batchNumbers = 2 ** 21;
const batchSequences = 32;

/**
 * Measures a network on sample data, and its distance from another one of the same ops. Sequences are read and run in
 * batches, a few more at a time than there are threads, so that memory does not grow with their number.
 *
 * @throws SsmError `bad-parameters` where a network gives NaN, what reading the samples throws, or `cancelled`
 */
export async function evaluateNetworks(
  { network, original, samples, indices = [...Array(samples.count).keys()] }: EvaluationRequest,
  { engine, signal, onSequences }: EvaluationTools,
): Promise<Evaluation> {
  const { targets } = samples;
  const tally = createTally(indices, network, classifies(network, samples));
  let done = 0;
  await mapConcurrently(
    batches(indices, samples, widest(network)),
    engine.threads + 1,
    async (batch) => {
      throwIfCancelled(signal);
      const sequences: Sequence[] = [];
      for (const at of batch) sequences.push(await samples.sequence(indices[at], signal));
      // a task's arrays are handed over to the thread, so the networks go as copies
      const networks = structuredClone({ network, ...(original && { original }) });
      const results = await engine.run('evaluate', { ...networks, sequences });
      throwIfCancelled(signal);
      for (const [i, result] of results.entries()) {
        const target = targets.kind === 'values' ? await targets.of(indices[batch[i]]) : undefined;
        enter(tally, batch[i], result, targets, target);
      }
      done += batch.length;
      onSequences?.(done, indices.length);
    },
  );
  return {
    data: samples.description,
    sequences: indices.length,
    ...measuresOf(tally, targets, network, original !== undefined),
  };
}

/** Whether outputs are scores of classes: labels say so, or several outputs of which nothing else is known. */
function classifies(network: Network, { targets }: Samples): boolean {
  const { width, perPosition } = outputOf(network);
  return !perPosition && (targets.kind === 'labels' || (targets.kind === 'none' && width > 1));
}

function batches(indices: readonly number[], samples: Samples, width: number): number[][] {
  const found: number[][] = [];
  let numbers = Infinity;
  indices.forEach((index, at) => {
    numbers += samples.lengthOf(index) * width;
    if (numbers > batchNumbers || found[found.length - 1].length >= batchSequences) {
      found.push([]);
      numbers = samples.lengthOf(index) * width;
    }
    found[found.length - 1].push(at);
  });
  return found;
}

function widest({ layers }: Network): number {
  return Math.max(1, ...layers.map(({ inputs, outputs }) => Math.max(inputs, outputs)));
}
