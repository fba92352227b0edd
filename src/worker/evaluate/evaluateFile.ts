import { SsmError, throwIfCancelled } from '../../core/errors';
import { programOf, type Step } from '../../core/network/program';
import type { Network } from '../../core/network/network';
import type { EvaluateParams, EvaluateProgress, EvaluateResult } from '../../protocol/evaluation';
import type { Engine } from '../engine';
import { openNetwork } from '../openNetwork';
import { openSamples } from '../samples/open';
import { startEngine } from '../threadPool';
import { evaluateNetworks } from './evaluateNetworks';

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
  { file, data, dataSettings = {}, against, given = {}, remembered = {} }: EvaluateParams,
  { signal, onProgress, startEngine: start = startEngine }: EvaluateOptions = {},
): Promise<EvaluateResult> {
  const begin = performance.now();
  const answers = { given, remembered };
  const opened = await openNetwork(file, answers, signal);
  const original = against === undefined ? undefined : await openNetwork(against, answers, signal);
  if (original !== undefined) requireSameOps(opened.network, original.network, file);
  const samples = await openSamples(data, dataSettings, opened.network, signal);
  const engine = await start();
  const stop = (): void => void engine.stop();
  signal?.addEventListener('abort', stop);
  try {
    throwIfCancelled(signal);
    const evaluation = await evaluateNetworks(
      { network: opened.network, ...(original && { original: original.network }), samples },
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
      seconds: (performance.now() - begin) / 1000,
    };
  } finally {
    signal?.removeEventListener('abort', stop);
    await engine.stop();
    await samples.close();
  }
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
