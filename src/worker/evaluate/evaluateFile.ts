import { SsmError, throwIfCancelled } from '../../core/errors';
import { programOf, type Step } from '../../core/network/program';
import type { Network } from '../../core/network/network';
import type {
  EvaluateParams,
  EvaluateProgress,
  EvaluateResult,
  SeenRecord,
} from '../../protocol/evaluation';
import type { Engine } from '../engine';
import { openNetwork } from '../openNetwork';
import { openSamples } from '../samples/open';
import type { Samples } from '../samples/samples';
import { startEngine } from '../threadPool';
import { evaluateNetworks } from './evaluateNetworks';
import { seenSequences } from './seen';

export interface EvaluateOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluateProgress) => void;
  /** Brings up what computes; by default a thread a core. */
  readonly startEngine?: () => Promise<Engine>;
}

/**
 * Measures the network in a checkpoint file on sample data, and how far it is from the original that it was made from.
 * Writes nothing.
 *
 * @throws SsmError with the file and the reason
 */
export async function evaluateFile(
  params: EvaluateParams,
  { signal, onProgress, startEngine: start = startEngine }: EvaluateOptions = {},
): Promise<EvaluateResult> {
  const begin = performance.now();
  const { file, data, dataSettings = {}, against, given = {}, remembered = {} } = params;
  const answers = { given, remembered };
  const opened = await openNetwork(file, answers, signal);
  const original = against === undefined ? undefined : await openNetwork(against, answers, signal);
  if (original !== undefined) requireSameOps(opened.network, original.network, file);
  const samples = await openSamples(data, dataSettings, opened.network, signal);
  const judged = await judgedSequences(params, samples, signal).catch(async (error: unknown) => {
    await samples.close();
    throw error;
  });
  const engine = await start();
  const stop = (): void => void engine.stop();
  signal?.addEventListener('abort', stop);
  try {
    throwIfCancelled(signal);
    const evaluation = await evaluateNetworks(
      {
        network: opened.network,
        ...(original && { original: original.network }),
        ...{ samples, indices: judged.indices },
      },
      {
        engine,
        signal,
        onSequences: (sequencesDone, sequencesTotal) =>
          onProgress?.({ sequencesDone, sequencesTotal }),
      },
    );
    return {
      evaluation,
      architecture: opened.settled.recognised.title,
      notes: [...opened.notes, ...engine.notes],
      ...(judged.seen === undefined ? {} : { seen: judged.seen }),
      seconds: (performance.now() - begin) / 1000,
    };
  } finally {
    signal?.removeEventListener('abort', stop);
    await engine.stop();
    await samples.close();
  }
}

/** What to judge by, and what the model knows of it. */
interface JudgedSequences {
  readonly indices: readonly number[];
  readonly seen?: SeenRecord;
}

/** Throws `bad-request` where only held-out sequences are wanted and there are none, or none that are known to be. */
async function judgedSequences(
  { file, data, heldOut = false }: EvaluateParams,
  { count }: Samples,
  signal: AbortSignal | undefined,
): Promise<JudgedSequences> {
  const seen = await seenSequences(file, data, signal);
  const all = [...Array(count).keys()];
  if (seen === undefined && heldOut) {
    throw new SsmError(
      'bad-request',
      'There is no report beside the model that tells which sequences it was calibrated with.',
      { file },
    );
  }
  if (seen === undefined || seen.sequences.size === 0) return { indices: all };
  const others = all.filter((index) => !seen.sequences.has(index));
  if (heldOut && others.length === 0) {
    throw new SsmError(
      'bad-request',
      'The model was calibrated with every sequence of this data.',
      {
        file: data,
      },
    );
  }
  const indices = heldOut ? others : all;
  const { chosenOn } = seen;
  return { indices, seen: { calibratedWith: heldOut ? 0 : count - others.length, chosenOn } };
}

/** Throws `bad-request` where the two are not the same network up to their weights and orders. */
function requireSameOps(network: Network, original: Network, file: string): void {
  const outline = (one: Network): string =>
    JSON.stringify([one.input, programOf(one).map(outlineOf), one.layers.map((l) => l.outputs)]);
  if (outline(network) === outline(original)) return;
  throw new SsmError(
    'bad-request',
    'It is no reduction of the original: the two networks differ in more than their state-space layers.',
    { file },
  );
}

function outlineOf(step: Step): unknown[] {
  switch (step.kind) {
    case 'linear':
      return [step.kind, step.inputs, step.outputs];
    case 'activation':
    case 'glu':
      return [step.kind, step.activation];
    case 'pool':
      return [step.kind, step.by];
    default:
      return [step.kind];
  }
}
