import { createAdam, type AdamVariable } from '../../core/calibrate/refine/adam';
import {
  blockParameters,
  type Block,
  type BlockGradients,
  type BlockSample,
} from '../../core/calibrate/refine/block';
import { throwIfCancelled } from '../../core/errors';
import { paddedSize } from '../../core/linalg/fft';
import type { Engine } from '../engine';
import type { StreamTools } from './stream';

/** How long and how fast a block is refined. */
export interface RefineEffort {
  readonly steps: number;
  /** Sequences a step. */
  readonly batch: number;
  /** Largest change of a variable a step, as a share of its scale; falls to zero as a cosine. */
  readonly rate: number;
}

export interface Refined {
  readonly block: Block;
  /** What the block misses on the held-out sequences, relative. */
  readonly before: number;
  readonly after: number;
}

/** Sequences of one task. */
const piece = 2;

/**
 * Moves all variables of a block together (poles, weights, skip weights, maps, norms) so that it answers like the
 * original block: some steps of stochastic gradient descent on the squared error, without labels and without leaving the
 * block. The result is dropped where the held-out sequences are not answered better.
 */
export async function refineBlock(
  start: Block,
  { fitted, heldOut }: { readonly fitted: BlockSample[]; readonly heldOut: BlockSample[] },
  { steps, batch, rate }: RefineEffort,
  { engine, signal }: StreamTools,
): Promise<Refined> {
  const size = paddedSize(Math.max(...[...fitted, ...heldOut].map(({ length }) => length)));
  const samples = [...fitted];
  const block = structuredClone(start);
  const variables = variablesOf(block, Math.max(...fitted.map(({ length }) => length)));
  const adam = createAdam(variables);
  const others = [...heldOut];
  const before = await lossOf(block, others, size, engine);
  for (let step = 0; step < steps; step++) {
    throwIfCancelled(signal);
    const picked = Array.from({ length: Math.min(batch, samples.length) }, (_, i) =>
      Math.floor(((step * batch + i) * goldenStep(samples.length)) % samples.length),
    );
    const gradients = await gradientsOf(block, samples, [...new Set(picked)], size, engine);
    adam(gradients, (rate / 2) * (1 + Math.cos((Math.PI * step) / steps)));
  }
  const after = await lossOf(block, others, size, engine);
  return after < before ? { block, before, after } : { block: start, before, after: before };
}

/** A stride that visits all of n sequences before it comes back. */
function goldenStep(n: number): number {
  let stride = Math.max(1, Math.round(n * 0.618));
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  while (divisor(stride, n) !== 1) stride++;
  return stride;
}

function arraysOf({ modes, skip, steps }: Block): Float64Array[] {
  const { decay, phase, weightRe, weightIm } = modes;
  return [decay, phase, weightRe, weightIm, ...(skip ? [skip] : []), ...blockParameters(steps)];
}

function variablesOf(block: Block, longest: number): AdamVariable[] {
  const { modes, skip, steps } = block;
  const { decay, phase, weightRe, weightIm, slots } = modes;
  const fill = (x: Float64Array, value: number): AdamVariable => ({
    values: x,
    scale: new Float64Array(x.length).fill(value),
  });
  const sizes = new Float64Array(weightRe.length);
  for (let c = 0; c < modes.count; c++) {
    let square = 0;
    for (let n = c * slots; n < (c + 1) * slots; n++) square += weightRe[n] ** 2 + weightIm[n] ** 2;
    sizes.fill(Math.sqrt(square / slots), c * slots, (c + 1) * slots);
  }
  return [
    fill(decay, 1),
    { values: phase, scale: decay.map((d) => Math.max(Math.exp(d), 1 / longest)) },
    { values: weightRe, scale: sizes },
    { values: weightIm, scale: sizes },
    ...(skip ? [fill(skip, spread(skip))] : []),
    ...blockParameters(steps).map((values) => fill(values, spread(values))),
  ];
}

function spread(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length);
}

async function lossOf(
  block: Block,
  samples: BlockSample[],
  size: number,
  engine: Engine,
): Promise<number> {
  const parts = await evaluate(block, samples, [...samples.keys()], size, false, engine);
  const sum = (of: (part: BlockGradients) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  return Math.sqrt(sum((part) => part.loss) / sum((part) => part.energy));
}

async function gradientsOf(
  block: Block,
  samples: BlockSample[],
  picked: readonly number[],
  size: number,
  engine: Engine,
): Promise<Float64Array[]> {
  const parts = await evaluate(block, samples, picked, size, true, engine);
  const arrays = ({ modes, skip, parameters }: BlockGradients): Float64Array[] => [
    modes.decay,
    modes.phase,
    modes.weightRe,
    modes.weightIm,
    ...(skip ? [skip] : []),
    ...parameters,
  ];
  const sums = arraysOf(block).map((x) => new Float64Array(x.length));
  for (const part of parts) {
    arrays(part).forEach((x, k) => {
      for (let i = 0; i < x.length; i++) sums[k][i] += x[i];
    });
  }
  return sums;
}

/** Evaluates on some of the samples, a few at a time on the threads; what was sent comes back into its place. */
async function evaluate(
  block: Block,
  samples: BlockSample[],
  picked: readonly number[],
  size: number,
  gradient: boolean,
  engine: Engine,
): Promise<BlockGradients[]> {
  const tasks: Promise<BlockGradients>[] = [];
  for (let from = 0; from < picked.length; from += piece) {
    const part = picked.slice(from, from + piece);
    tasks.push(
      engine
        .run('blockGradients', {
          block: structuredClone(block),
          samples: part.map((b) => samples[b]),
          size,
          gradient,
        })
        .then((done) => {
          part.forEach((b, i) => (samples[b] = done.samples[i]));
          return done;
        }),
    );
  }
  return await Promise.all(tasks);
}
