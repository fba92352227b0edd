import { throwIfCancelled } from '../../core/errors';
import { attribute, meanAttribution, type Attribution } from '../../core/bound/attribution';
import { deepBound, type BoundOptions, type DeepBound } from '../../core/bound/deepBound';
import { layerGains } from '../../core/bound/layerGains';
import { mergeStatistics, observe, widened, within } from '../../core/bound/observe';
import { normAbove } from '../../core/bound/rounding';
import type { Statistics } from '../../core/bound/statistics';
import type { Network } from '../../core/network/network';
import { programOf, type Sequence } from '../../core/network/program';
import type { BoundRecord } from '../../protocol/bound';
import { recordOf } from './boundRecord';

/** Sample sequences for a bound: read one by one, so that memory does not grow with their number. */
export interface BoundSamples {
  readonly count: number;
  /** What the data was. */
  readonly description: string;
  sequence(index: number): Promise<Sequence>;
}

export interface BoundOfOptions {
  /** Positions; with samples at least as many as the longest of them has. */
  readonly length: number;
  readonly inputBound?: number;
  /** Half of them give the conditions of the calibrated bound, the others check them; the error is measured on all. */
  readonly samples?: BoundSamples;
  readonly signal?: AbortSignal | undefined;
  readonly onSequence?: (done: number, total: number) => void;
}

/** By how much the recorded maxima are widened, so that other sequences of the same data meet them. */
const widening = 1.2;

/**
 * What compressing a network can do to its output, with all the evidence there is: the certified bound, and with sample
 * data the calibrated one, the measured errors and the first-order estimates.
 * @throws SsmError where the networks are not one the compression of the other
 */
export async function boundOf(
  original: Network,
  compressed: Network,
  options: BoundOfOptions,
): Promise<BoundRecord> {
  const { samples, signal } = options;
  const evidence = samples && (await gather(original, compressed, samples, options));
  const length = Math.max(options.length, evidence?.statistics.length ?? 1);
  const gains = original.layers.map((layer, l) => {
    throwIfCancelled(signal);
    return layerGains(layer, compressed.layers[l], length);
  });
  const inputBound = original.input.kind === 'tokens' ? undefined : options.inputBound;
  const given = inputBound ?? (original.input.kind === 'tokens' ? undefined : evidence?.inputRow);
  const common = { length, gains, ...(given === undefined ? {} : { inputBound: given }) };
  const bound = (further: Partial<BoundOptions>): DeepBound =>
    deepBound(original, compressed, { ...common, ...further });
  const certified = bound({});
  const paper = bound({ certificate: 'h2' });
  const calibrated = evidence && bound({ statistics: evidence.statistics });
  return recordOf({
    ...{ length, certified, paper, calibrated, evidence, samples },
    inputBound: given,
    inputFromData: inputBound === undefined && given !== undefined,
  });
}

/** What the sample sequences tell. */
export interface Evidence {
  readonly statistics: Statistics;
  readonly widened: number;
  readonly heldOut: number;
  readonly meeting: number;
  readonly attribution: Attribution;
  readonly largest: number;
  /** The largest norm of an input row. */
  readonly inputRow: number;
}

async function gather(
  original: Network,
  compressed: Network,
  samples: BoundSamples,
  { signal, onSequence }: BoundOfOptions,
): Promise<Evidence> {
  const steps = programOf(original);
  const recorded: Statistics[] = [];
  const others: Statistics[] = [];
  const attributions: Attribution[] = [];
  let inputRow = 0;
  for (let i = 0; i < samples.count; i++) {
    const sequence = await samples.sequence(i);
    throwIfCancelled(signal);
    inputRow = Math.max(inputRow, largestRow(sequence));
    const seen = observe(original, steps, sequence, compressed);
    if (i % 2 === 0) recorded.splice(0, 1, recorded.reduce(mergeStatistics, seen));
    else others.push(seen);
    attributions.push(attribute(original, compressed, sequence));
    onSequence?.(i + 1, samples.count);
    // lets a cancellation in
    await new Promise((resolve) => setImmediate(resolve));
  }
  const statistics = widened(recorded[0], widening);
  return {
    statistics,
    widened: widening,
    heldOut: others.length,
    meeting: others.filter((one) => within(one, statistics)).length,
    attribution: meanAttribution(attributions),
    largest: attributions.reduce((most, { error }) => Math.max(most, error), 0),
    inputRow,
  };
}

function largestRow({ x, width, length }: Sequence): number {
  let most = 0;
  for (let t = 0; t < length; t++) {
    most = Math.max(most, normAbove(Array.from({ length: width }, (_, h) => x[h * length + t])));
  }
  return most;
}
