import { createAdam } from '../../core/calibrate/refine/adam';
import type { OutputGradients, OutputSample } from '../../core/calibrate/refine/outputGradients';
import { variablesOf, withVariables, type Movable } from '../../core/calibrate/refine/variables';
import type { Program } from '../../core/calibrate/stage';
import { throwIfCancelled } from '../../core/errors';
import type { StreamTools } from './stream';

/** How long and how fast a network is refined. */
export interface RefineEffort {
  /** How often each sequence is seen. */
  readonly rounds: number;
  /** Sequences a step. */
  readonly batch: number;
  /** Largest change of a variable a step, as a share of its scale; falls to zero as a cosine. */
  readonly rate: number;
}

export interface Refined {
  readonly program: Program;
  /** What the network's outputs miss on the held-out sequences, relative. */
  readonly before: number;
  readonly after: number;
}

/** Sequences of one task. */
const piece = 2;

/**
 * Moves variables of a whole compressed network together so that it answers like the original: some steps of stochastic
 * gradient descent on the squared difference of the outputs, without labels. The result is dropped where held-out
 * sequences are not answered better.
 */
export async function refineNetwork(
  start: Program,
  movable: Movable,
  { fitted, heldOut }: Readonly<Record<'fitted' | 'heldOut', readonly OutputSample[]>>,
  { rounds, batch, rate }: RefineEffort,
  tools: StreamTools,
): Promise<Refined> {
  const longest = fitted.reduce((most, { sequence }) => Math.max(most, sequence.length), 1);
  const variables = variablesOf(start, movable, longest);
  const values = variables.map((variable) => variable.values);
  const judges = heldOut.length > 0 ? heldOut : fitted;
  const judge = async (program: Program): Promise<number> =>
    missed(await evaluate(program, movable, judges, false, tools));
  const before = await judge(start);
  const adam = createAdam(variables);
  const steps = Math.ceil((rounds * fitted.length) / batch);
  const stride = goldenStride(fitted.length);
  for (let step = 0; step < steps; step++) {
    const picked = Array.from(
      { length: Math.min(batch, fitted.length) },
      (_, i) => fitted[((step * batch + i) * stride) % fitted.length],
    );
    const parts = await evaluate(
      withVariables(start, movable, values),
      movable,
      picked,
      true,
      tools,
    );
    adam(summed(parts), rate * share(step, steps));
    tools.onSequences?.(Math.floor(((step + 1) * fitted.length) / steps));
  }
  const program = withVariables(start, movable, values);
  const after = await judge(program);
  return after < before ? { program, before, after } : { program: start, before, after: before };
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
  program: Program,
  movable: Movable,
  samples: readonly OutputSample[],
  gradient: boolean,
  { engine, signal }: StreamTools,
): Promise<OutputGradients[]> {
  const tasks: Promise<OutputGradients>[] = [];
  for (let from = 0; from < samples.length; from += piece) {
    const part = samples.slice(from, from + piece);
    const input = structuredClone({ program, movable, samples: part, gradient });
    tasks.push(engine.run('outputGradients', input));
  }
  const found = await Promise.all(tasks);
  throwIfCancelled(signal);
  return found;
}

function missed(parts: readonly OutputGradients[]): number {
  const sum = (of: (part: OutputGradients) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  return Math.sqrt(sum(({ loss }) => loss) / sum(({ energy }) => energy));
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
