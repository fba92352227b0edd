import { classScores } from '../../core/statistics/classification';
import { outputOf, type Network } from '../../core/network/network';
import type { Targets } from '../samples/samples';
import { judgePositions, type PositionScores } from './positions';
import { requireFiniteOutput, type SequenceResult } from './tasks';

/** What is kept of every sequence: scores where classes are told apart, squared errors, and nothing that grows with length. */
export interface Tally {
  readonly indices: readonly number[];
  /** Whether outputs are scores of classes; they are kept only then. */
  readonly classifies: boolean;
  /** Numbers that the network gives, at every position or once. */
  readonly width: number;
  readonly scores: Float64Array[];
  readonly originalScores: Float64Array[];
  /** By layer, and last the output: a number a sequence. */
  readonly errors: Float64Array[];
  readonly norms: Float64Array[];
  /** Of targets that are numbers, by sequence: squared errors, and count, sum and sum of squares of every feature. */
  readonly residuals: Float64Array;
  readonly originalResiduals: Float64Array;
  readonly moments: Float64Array[];
  /** Where there are labels at every position: of every sequence, undefined where none of its positions counts. */
  readonly positions: (PositionScores | undefined)[];
  readonly originalPositions: (PositionScores | undefined)[];
}

/** An empty tally for these sequences. */
export function createTally(
  indices: readonly number[],
  network: Network,
  classifies: boolean,
): Tally {
  const { layers } = network;
  const column = (): Float64Array => new Float64Array(indices.length);
  return {
    indices,
    classifies,
    width: outputOf(network).width,
    scores: [],
    originalScores: [],
    errors: Array.from({ length: layers.length + 1 }, column),
    norms: Array.from({ length: layers.length + 1 }, column),
    residuals: column(),
    originalResiduals: column(),
    moments: [],
    positions: [],
    originalPositions: [],
  };
}

/** Enters sequence number `at` of the tally. Throws `bad-parameters` where an output is not finite. */
export function enter(
  tally: Tally,
  at: number,
  { output, originalOutput, errors, norms }: SequenceResult,
  targets: Targets,
  target: Float64Array | undefined,
): void {
  const index = tally.indices[at];
  if (originalOutput !== undefined)
    requireFiniteOutput(originalOutput, 'The original model', index);
  requireFiniteOutput(output, 'The model', index);
  if (tally.classifies) {
    tally.scores[at] = classScores(output);
    if (originalOutput !== undefined) tally.originalScores[at] = classScores(originalOutput);
  }
  errors?.forEach((value, layer) => (tally.errors[layer][at] = value));
  norms?.forEach((value, layer) => (tally.norms[layer][at] = value));
  if (targets.kind === 'position-labels') {
    const { length, warmUp, labels } = targets;
    const own = { labels: labels.subarray(index * length, (index + 1) * length), from: warmUp };
    tally.positions[at] = judgePositions(output, tally.width, own);
    if (originalOutput === undefined) return;
    tally.originalPositions[at] = judgePositions(originalOutput, tally.width, own);
    return;
  }
  if (targets.kind !== 'values' || target === undefined) return;
  const length = output.length / targets.width;
  const view = { length, targetLength: targets.length, from: Math.min(targets.warmUp, length - 1) };
  tally.residuals[at] = squaredResidual(output, target, targets.width, view);
  if (originalOutput !== undefined) {
    tally.originalResiduals[at] = squaredResidual(originalOutput, target, targets.width, view);
  }
  tally.moments[at] = momentsOf(target, targets.width, view);
}

/** Positions of an output, of its target (which may be longer), and the first that is judged. */
interface View {
  readonly length: number;
  readonly targetLength: number;
  readonly from: number;
}

function squaredResidual(
  output: Float64Array,
  target: Float64Array,
  width: number,
  { length, targetLength, from }: View,
): number {
  let sum = 0;
  for (let h = 0; h < width; h++) {
    for (let t = from; t < length; t++) {
      sum += (output[h * length + t] - target[h * targetLength + t]) ** 2;
    }
  }
  return sum;
}

/** Of every feature: count, sum, sum of squares. */
function momentsOf(
  target: Float64Array,
  width: number,
  { length, targetLength, from }: View,
): Float64Array {
  const moments = new Float64Array(3 * width);
  for (let h = 0; h < width; h++) {
    for (let t = from; t < length; t++) {
      const value = target[h * targetLength + t];
      moments[3 * h] += 1;
      moments[3 * h + 1] += value;
      moments[3 * h + 2] += value * value;
    }
  }
  return moments;
}
