import { meanAttribution, type Attribution } from '../../core/bound/attribution';
import { mergeStatistics, widened, within } from '../../core/bound/conditions';
import type { Statistics } from '../../core/bound/statistics';
import { SsmError, throwIfCancelled } from '../../core/errors';
import { outputOf, type Network } from '../../core/network/network';
import type { Sequence } from '../../core/network/program';
import { mapConcurrently } from '../concurrency';
import type { Engine } from '../engine';
import type { Observation } from './tasks';

/** Sequences, read one by one, so that memory does not grow with their number. */
export interface SequenceSource {
  readonly count: number;
  sequence(index: number): Promise<Sequence>;
}

/** Sample sequences for a bound. */
export interface BoundSamples {
  /** What the data was. */
  readonly description: string;
  /** Their maxima are the conditions of the calibrated bound. */
  readonly recorded: SequenceSource;
  /** They check the conditions, and the error is measured on them; on the recorded ones where there are no others. */
  readonly others: SequenceSource;
  /** Most sequences to measure the error on, layer by layer. */
  readonly measured: number;
}

/** What the sample sequences tell. */
export interface Evidence {
  readonly statistics: Statistics;
  readonly widened: number;
  readonly heldOut: number;
  readonly meeting: number;
  readonly attribution: Attribution;
  /** The largest error of a sequence. */
  readonly largest: number;
  /** The largest norm of an input row. */
  readonly inputRow: number;
}

export interface EvidenceTools {
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onSequence?: (done: number, total: number) => void;
}

/** By how much the recorded maxima are widened, so that other sequences of the same data meet them. */
const widening = 1.2;
/** Sequences of one task. */
const piece = 4;

/**
 * Observes both networks on the sample sequences, on all threads.
 * @throws SsmError `bad-request` where there is no sequence
 */
export async function gatherEvidence(
  original: Network,
  reduced: Network,
  { recorded, others, measured }: BoundSamples,
  tools: EvidenceTools,
): Promise<Evidence> {
  if (recorded.count === 0) throw new SsmError('bad-request', 'There is no sample sequence.');
  const onOthers = others.count > 0;
  const total = recorded.count + others.count;
  const observe = (from: SequenceSource, attributed: number, before: number) =>
    observeAll(original, reduced, from, attributed, {
      ...tools,
      onSequence: (done) => tools.onSequence?.(before + done, total),
    });
  const first = await observe(recorded, onOthers ? 0 : measured, 0);
  const second = await observe(others, measured, recorded.count);
  const all = [...first, ...second];
  const attributions = all.flatMap(({ attribution }) => attribution ?? []);
  const seen = first.map(({ statistics }) => statistics).reduce(mergeStatistics);
  const statistics = widened(seen, widening);
  return {
    statistics,
    widened: widening,
    heldOut: second.length,
    meeting: second.filter((one) => within(one.statistics, statistics)).length,
    attribution: meanAttribution(attributions),
    largest: attributions.reduce((most, { error }) => Math.max(most, error), 0),
    inputRow: all.reduce((most, one) => Math.max(most, one.inputRow), 0),
  };
}

async function observeAll(
  original: Network,
  reduced: Network,
  from: SequenceSource,
  attributed: number,
  { engine, signal, onSequence }: EvidenceTools,
): Promise<Observation[]> {
  const starts = Array.from({ length: Math.ceil(from.count / piece) }, (_, k) => k * piece);
  let done = 0;
  const found = await mapConcurrently(starts, engine.threads + 1, async (start) => {
    throwIfCancelled(signal);
    const sequences: Sequence[] = [];
    for (let i = start; i < Math.min(start + piece, from.count); i++) {
      sequences.push(await from.sequence(i));
    }
    // a task's arrays are handed over to the thread, so everything goes as a copy
    const input = structuredClone({ original, reduced, sequences });
    const seen = await engine.run('observe', { ...input, attributed: attributed - start });
    throwIfCancelled(signal);
    done += seen.length;
    onSequence?.(done, from.count);
    return seen;
  });
  return found.flat();
}

/** Values that one position of a sequence has in all layers: what a pass through the network costs. */
function costOf({ layers }: Network, length: number): number {
  return length * layers.reduce((sum, { inputs, outputs }) => sum + Math.max(inputs, outputs), 0);
}

/** What may be spent on observing, and on measuring: seconds on an ordinary machine. */
const affordable = 3e7;

/** How many sequences of a length can be observed and measured in a time that nobody minds, within sensible limits. */
export function affordableSequences(
  network: Network,
  length: number,
): { readonly observed: number; readonly measured: number } {
  const cost = Math.max(1, costOf(network, length));
  // hybrid networks, and the adjoint of every output
  const passes = 2 * network.layers.length + 2 * Math.min(outputOf(network).width, 16) + 3;
  const between = (least: number, most: number, value: number): number =>
    Math.max(least, Math.min(most, Math.floor(value)));
  return {
    observed: between(8, 64, affordable / (4 * cost)),
    measured: between(4, 32, affordable / (passes * cost)),
  };
}
