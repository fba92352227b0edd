import type { LayerChoices } from '../../core/allocate/outputChanges';
import { mergeStatistics } from '../../core/bound/conditions';
import type { Statistics } from '../../core/bound/statistics';
import { throwIfCancelled } from '../../core/errors';
import { outputOf, type Network, type StateSpaceLayer } from '../../core/network/network';
import type { Sequence } from '../../core/network/program';
import type { AllocationWeights } from '../../protocol/allocation';
import { largestRow, type Bounds } from '../bound/tasks';
import { mapConcurrently } from '../concurrency';
import type { Engine } from '../engine';
import { addAll } from './tasks';

export interface WeighTools {
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
}

/** A network, what its layers may become, and sample sequences if there are any. */
export interface Weighing {
  readonly network: Network;
  readonly choices: LayerChoices;
  readonly sequences: readonly Sequence[];
  /** Positions that the bounds are for. */
  readonly length: number;
}

/** What every option of every layer costs, by a kind of evidence. */
export async function costsOf(
  weighing: Weighing,
  weights: Exclude<AllocationWeights, 'uniform'>,
  tools: WeighTools,
): Promise<Float64Array[]> {
  if (weights === 'measured' || weights === 'first-order') {
    const { squares } = await weighAll(weighing, weights, tools);
    return squares.map((one) => one.map((sum) => Math.sqrt(sum / weighing.sequences.length)));
  }
  return contributions(weighing, weights, tools);
}

/** Root mean square of the output itself over the sequences. */
export async function outputSize(weighing: Weighing, tools: WeighTools): Promise<number> {
  const none = { ...weighing, choices: weighing.choices.map(() => []) };
  const { output } = await weighAll(none, 'measured', tools);
  return Math.sqrt(output / weighing.sequences.length);
}

async function weighAll(
  { network, choices, sequences }: Weighing,
  by: 'measured' | 'first-order',
  { engine, signal }: WeighTools,
): Promise<{ squares: readonly Float64Array[]; output: number }> {
  const found = await mapConcurrently(pieces(sequences), engine.threads + 1, async (piece) => {
    throwIfCancelled(signal);
    const input = structuredClone({ original: network, choices, sequences: piece });
    return engine.run('weigh', { ...input, by });
  });
  return {
    squares: found.map(({ squares }) => squares).reduce(addAll),
    output: found.reduce((sum, { output }) => sum + output, 0),
  };
}

/** Contributions to a bound where all layers take the option at the same place of their ladders. */
async function contributions(
  weighing: Weighing,
  weights: 'calibrated' | 'certified',
  tools: WeighTools,
): Promise<Float64Array[]> {
  const { choices } = weighing;
  const costs = choices.map(({ length }) => new Float64Array(length));
  const places = [...Array(Math.max(...choices.map(({ length }) => length))).keys()];
  await mapConcurrently(places, tools.engine.threads, async (place) => {
    const choice = choices.map(({ length }) => Math.min(place, length - 1));
    const bounds = await boundsOf(weighing, choice, weights, tools);
    const { layers } = bounds[weights] ?? bounds.certified;
    layers.forEach(({ contribution }, l) => (costs[l][choice[l]] = contribution));
  });
  return costs;
}

/** The bounds where every layer has taken its choice. */
export async function boundsOf(
  { network, choices, sequences, length }: Weighing,
  choice: readonly number[],
  weights: AllocationWeights,
  { engine, signal }: WeighTools,
): Promise<Bounds> {
  throwIfCancelled(signal);
  const reduced = { ...network, layers: chosenLayers(choices, choice) };
  const statistics = weights === 'calibrated' ? await observeAll() : undefined;
  const inputBound = Math.max(0, ...sequences.map(largestRow));
  const bounded = network.input.kind === 'values' && sequences.length > 0;
  return engine.run('deepBounds', {
    ...structuredClone({ original: network, reduced }),
    options: { length, ...(bounded && { inputBound }) },
    ...(statistics && { statistics }),
  });

  async function observeAll(): Promise<Statistics> {
    const seen: Statistics[] = [];
    for (const piece of pieces(sequences)) {
      const input = structuredClone({ original: network, reduced, sequences: piece });
      const observed = await engine.run('observe', { ...input, attributed: 0 });
      seen.push(...observed.map((one) => one.statistics));
    }
    return seen.reduce(mergeStatistics);
  }
}

/** The measured error of the output where every layer has taken its choice: root mean square over the sequences. */
export async function errorOf(
  { network, choices, sequences }: Weighing,
  choice: readonly number[],
  { engine, signal }: WeighTools,
): Promise<number> {
  const reduced = { ...network, layers: chosenLayers(choices, choice) };
  const found = await mapConcurrently(pieces(sequences), engine.threads + 1, async (piece) => {
    throwIfCancelled(signal);
    const input = structuredClone({ original: network, network: reduced, sequences: piece });
    const results = await engine.run('evaluate', input);
    const { width } = outputOf(network);
    return results.reduce((sum, { errors, output }) => {
      return sum + ((errors?.at(-1) ?? 0) * width) / output.length;
    }, 0);
  });
  return Math.sqrt(found.reduce((sum, one) => sum + one, 0) / sequences.length);
}

/** The layers of a choice. */
export function chosenLayers(choices: LayerChoices, choice: readonly number[]): StateSpaceLayer[] {
  return choices.map((options, l) => options[choice[l]]);
}

function pieces(sequences: readonly Sequence[]): (readonly Sequence[])[] {
  const size = 4;
  return Array.from({ length: Math.ceil(sequences.length / size) }, (_, k) =>
    sequences.slice(k * size, (k + 1) * size),
  );
}
