import { createAdam } from '../../core/calibrate/refine/adam';
import type { Block } from '../../core/calibrate/refine/curvature';
import type { OutputGradients, Station } from '../../core/calibrate/refine/outputGradients';
import {
  firstVariables,
  variablesOf,
  withVariables,
  type Movable,
} from '../../core/calibrate/refine/variables';
import type { Program } from '../../core/calibrate/stage';
import { throwIfCancelled } from '../../core/errors';
import { stepOfLayer, type Sequence } from '../../core/network/program';
import type { StreamTools } from './stream';

/** How long and how fast a network is refined. */
export interface RefineEffort {
  /** How often each sequence is seen. */
  readonly rounds: number;
  /** Sequences a step. */
  readonly batch: number;
  /**
   * Change a step of what variables do to the outputs of their layer, relative, where layers are up to 16 wide; falls to
   * zero as a cosine.
   */
  readonly rate: number;
  /** What a relative error on the way counts beside one of the outputs. */
  readonly onTheWay: number;
}

export interface RefineRequest {
  readonly original: Program;
  readonly start: Program;
  readonly movable: Movable;
  readonly fitted: readonly Sequence[];
  readonly heldOut: readonly Sequence[];
  readonly effort: RefineEffort;
}

export interface Refined {
  readonly program: Program;
  /** What the network's outputs miss on the held-out sequences, relative. */
  readonly before: number;
  readonly after: number;
}

/** Sequences of one task. */
const piece = 4;

/** What a rate is divided by after a round that did not help. */
const slower = 2;

/**
 * Moves variables of a whole compressed network together so that it answers like the original: some steps of stochastic
 * gradient descent on the squared difference of the outputs, without labels. A few hundred sequences do not say enough
 * about the outputs alone, so that the signals between the layers count too: these differ at every position. Held-out
 * sequences judge every round: one that does not help is taken back, and the next takes shorter steps.
 */
export async function refineNetwork(request: RefineRequest, tools: StreamTools): Promise<Refined> {
  const { start, movable, fitted, effort } = request;
  const { rounds, batch } = effort;
  const longest = fitted.reduce((most, { length }) => Math.max(most, length), 1);
  const variables = variablesOf(start, movable, longest);
  const values = variables.map((variable) => variable.values);
  const current = (): Program => withVariables(start, movable, values);
  const judges = request.heldOut.length > 0 ? request.heldOut : fitted;
  const judge = async (): Promise<Missed> =>
    missed(await evaluate(request, current(), stationsOf(start, movable), judges, false, tools));
  const first = await judge();
  const stations = weighed(stationsOf(start, movable), first.energy, effort.onTheWay);
  const adam = createAdam(variables, await blocksOf(request, longest, tools));
  const picked = picker(fitted);
  const perRound = Math.ceil(fitted.length / batch);
  const steps = rounds * perRound;
  let best = { values: values.map((x) => x.slice()), outputs: first.outputs };
  let rate = effort.rate * ofWidth(start);
  for (let step = 0; step < steps; step++) {
    const some = picked(step * batch, batch);
    const parts = await evaluate(request, current(), stations, some, true, tools);
    adam.move(summed(parts.map(({ gradients }) => gradients)), rate * share(step, steps));
    tools.onSequences?.(Math.floor(((step + 1) * fitted.length) / steps));
    if ((step + 1) % perRound !== 0) continue;
    const { outputs } = await judge();
    if (outputs < best.outputs) {
      best = { values: values.map((x) => x.slice()), outputs };
      continue;
    }
    values.forEach((x, k) => {
      x.set(best.values[k]);
    });
    rate /= slower;
    adam.halt();
  }
  return {
    program: withVariables(start, movable, best.values),
    before: first.outputs,
    after: best.outputs,
  };
}

/** Changes of many variables that work together add up: wide networks take shorter steps. */
function ofWidth({ layers }: Program): number {
  return 16 / Math.max(16, ...layers.map(({ outputs }) => outputs));
}

/** Behind the last step, and before every layer that a compressed one stands before and before the pooling. */
function stationsOf({ steps }: Program, { layers }: Movable): Station[] {
  const first = Math.min(...layers.map((layer) => stepOfLayer(steps, layer)));
  const between = steps.flatMap(({ kind }, at) =>
    at > first && (kind === 'state-space' || kind === 'pool') ? [at] : [],
  );
  return [...between, steps.length].map((at) => ({ at, weight: 1 }));
}

/** Relative errors on the way beside that of the outputs, in units of the outputs' energy. */
function weighed(
  stations: readonly Station[],
  energy: readonly number[],
  onTheWay: number,
): Station[] {
  const last = stations.length - 1;
  return stations.flatMap(({ at }, k) => {
    if (k === last) return [{ at, weight: 1 }];
    const weight = (onTheWay * energy[last]) / energy[k];
    return weight > 0 && weight < Infinity ? [{ at, weight }] : [];
  });
}

/** Of the rate: rises at first, while the scales of the gradients are not known yet, then falls as a cosine. */
function share(step: number, steps: number): number {
  const rise = Math.min(1, (step + 1) / Math.min(30, Math.ceil(steps / 4)));
  return (rise / 2) * (1 + Math.cos((Math.PI * step) / steps));
}

/** How variables of the layers act together at the start, seen on some of the sequences. */
async function blocksOf(
  { start, movable, fitted, effort }: RefineRequest,
  longest: number,
  { engine, signal }: StreamTools,
): Promise<Block[]> {
  const some = picker(fitted)(0, effort.batch);
  const parts = await Promise.all(
    pieces(some).map((sequences) =>
      engine.run(
        'inputPowers',
        structuredClone({ program: start, layers: movable.layers, sequences, longest }),
      ),
    ),
  );
  throwIfCancelled(signal);
  const powers = summed(parts);
  const first = firstVariables(start, movable);
  const found = await Promise.all(
    movable.layers.map(async (index, i) => {
      const request = {
        ...{ layer: start.layers[index], powers: powers[i] },
        ...{ longest, skip: movable.skip },
      };
      const blocks = await engine.run('curvature', structuredClone(request));
      return blocks.map((block) => ({
        ...block,
        arrays: block.arrays.map((array) => first[i] + array),
      }));
    }),
  );
  throwIfCancelled(signal);
  return found.flat();
}

/** Picks so many sequences from a place on, in an order that comes back only after all. */
function picker(all: readonly Sequence[]): (from: number, count: number) => Sequence[] {
  const stride = goldenStride(all.length);
  return (from, count) =>
    Array.from(
      { length: Math.min(count, all.length) },
      (_, i) => all[((from + i) * stride) % all.length],
    );
}

/** A stride that visits all of n sequences before it comes back. */
function goldenStride(n: number): number {
  let stride = Math.max(1, Math.round(n * 0.618));
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  while (divisor(stride, n) !== 1) stride++;
  return stride;
}

/** Evaluates a few sequences at a time on the threads; the parts do not depend on how many there are. */
async function evaluate(
  { original, movable }: RefineRequest,
  program: Program,
  stations: readonly Station[],
  sequences: readonly Sequence[],
  gradient: boolean,
  { engine, signal }: StreamTools,
): Promise<OutputGradients[]> {
  const found = await Promise.all(
    pieces(sequences).map((part) => {
      const input = { original, program, movable, stations, sequences: part, gradient };
      return engine.run('outputGradients', structuredClone(input));
    }),
  );
  throwIfCancelled(signal);
  return found;
}

/** Sequences as single tasks take them. */
function pieces(sequences: readonly Sequence[]): Sequence[][] {
  const count = Math.ceil(sequences.length / piece);
  return Array.from({ length: count }, (_, i) => sequences.slice(i * piece, (i + 1) * piece));
}

interface Missed {
  /** Of the outputs, relative. */
  readonly outputs: number;
  readonly energy: readonly number[];
}

function missed(parts: readonly OutputGradients[]): Missed {
  const sum = (of: (part: OutputGradients) => readonly number[]): number[] =>
    of(parts[0]).map((_, k) => parts.reduce((total, part) => total + of(part)[k], 0));
  const energy = sum((part) => part.energy);
  const last = energy.length - 1;
  const outputs = Math.sqrt(sum((part) => part.missed)[last] / energy[last]);
  return { outputs, energy };
}

function summed(parts: readonly (readonly Float64Array[])[]): Float64Array[] {
  const sums = parts[0].map((x) => new Float64Array(x.length));
  for (const arrays of parts) {
    arrays.forEach((x, k) => {
      for (let i = 0; i < x.length; i++) sums[k][i] += x[i];
    });
  }
  return sums;
}
