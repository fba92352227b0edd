import { crossEntropy, predictedClass } from '../../core/statistics/classification';
import { mean } from '../../core/statistics/mean';
import type { Figure } from '../../core/statistics/figure';

/** Labels at the positions of a sequence, as far as they are judged. */
export interface PositionLabels {
  /** A class a position; negative where nothing is to be judged. */
  readonly labels: Int32Array;
  /** The first position that is judged. */
  readonly from: number;
}

/** What a sequence came to, averaged over the positions that are judged. */
export interface PositionScores {
  /** Share of positions at which the class is right. */
  readonly hits: number;
  /** Mean cross entropy. */
  readonly loss: number;
  /** Classes predicted at the positions that are judged. */
  readonly predicted: Int32Array;
}

/**
 * Judges outputs at every position, feature after feature, by labels. Undefined where no position is to be judged.
 *
 * @param width classes
 */
export function judgePositions(
  output: Float64Array,
  width: number,
  { labels, from }: PositionLabels,
): PositionScores | undefined {
  const length = output.length / width;
  const scores = new Float64Array(width);
  const predicted: number[] = [];
  let [hits, loss] = [0, 0];
  for (let t = from; t < Math.min(length, labels.length); t++) {
    const label = labels[t];
    if (label < 0) continue;
    for (let k = 0; k < width; k++) scores[k] = output[k * length + t];
    const best = predictedClass(scores);
    predicted.push(best);
    if (best === label) hits++;
    loss += crossEntropy(scores, label);
  }
  const n = predicted.length;
  if (n === 0) return undefined;
  return { hits: hits / n, loss: loss / n, predicted: Int32Array.from(predicted) };
}

/** The share of positions at which two sequences of predictions agree. */
export function agreeingShare(a: PositionScores, b: PositionScores): number {
  return a.predicted.filter((one, i) => one === b.predicted[i]).length / a.predicted.length;
}

/** Mean over sequences, which are what is independent; positions of one sequence are not. */
export function overSequences(values: readonly (number | undefined)[]): Figure {
  return mean(values.filter((value) => value !== undefined));
}
