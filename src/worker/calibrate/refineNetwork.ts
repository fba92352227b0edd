import { createAdam } from '../../core/calibrate/refine/adam';
import type { OutputGradients, Station } from '../../core/calibrate/refine/outputGradients';
import { variablesOf, withVariables, type Movable } from '../../core/calibrate/refine/variables';
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
  /** Largest change of a variable a step, as a share of its scale; falls to zero as a cosine. */
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

/**
 * Moves variables of a whole compressed network together so that it answers like the original: some steps of stochastic
 * gradient descent on the squared difference of the outputs, without labels. A few hundred sequences do not say enough
 * about the outputs alone, so that the signals between the layers count too: these differ at every position. The result
 * is dropped where held-out sequences are not answered better.
 */
export async function refineNetwork(request: RefineRequest, tools: StreamTools): Promise<Refined> {
  const { start, movable, fitted, effort } = request;
  const { rounds, batch, rate } = effort;
  const longest = fitted.reduce((most, { length }) => Math.max(most, length), 1);
  const variables = variablesOf(start, movable, longest);
  const values = variables.map((variable) => variable.values);
  const judges = request.heldOut.length > 0 ? request.heldOut : fitted;
  const judge = async (program: Program): Promise<Missed> =>
    missed(await evaluate(request, program, stationsOf(start, movable), judges, false, tools));
  const first = await judge(start);
  const stations = weighed(stationsOf(start, movable), first.energy, effort.onTheWay);
  const adam = createAdam(variables);
  const steps = Math.ceil((rounds * fitted.length) / batch);
  const stride = goldenStride(fitted.length);
  for (let step = 0; step < steps; step++) {
    const picked = Array.from(
      { length: Math.min(batch, fitted.length) },
      (_, i) => fitted[((step * batch + i) * stride) % fitted.length],
    );
    const program = withVariables(start, movable, values);
    const parts = await evaluate(request, program, stations, picked, true, tools);
    adam(summed(parts), rate * share(step, steps));
    tools.onSequences?.(Math.floor(((step + 1) * fitted.length) / steps));
  }
  const program = withVariables(start, movable, values);
  const [before, after] = [first, await judge(program)].map((one) => one.outputs);
  return after < before ? { program, before, after } : { program: start, before, after: before };
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
  const tasks: Promise<OutputGradients>[] = [];
  for (let from = 0; from < sequences.length; from += piece) {
    const part = sequences.slice(from, from + piece);
    const input = { original, program, movable, stations, sequences: part, gradient };
    tasks.push(engine.run('outputGradients', structuredClone(input)));
  }
  const found = await Promise.all(tasks);
  throwIfCancelled(signal);
  return found;
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

function summed(parts: readonly OutputGradients[]): Float64Array[] {
  const sums = parts[0].gradients.map((x) => new Float64Array(x.length));
  for (const { gradients } of parts) {
    gradients.forEach((x, k) => {
      for (let i = 0; i < x.length; i++) sums[k][i] += x[i];
    });
  }
  return sums;
}
