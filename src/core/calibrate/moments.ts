import type { BatchNormOp } from '../network/network';

/** Sums over positions of every feature at the same place of the original and the compressed network. */
export interface FeatureMoments {
  /** One number: positions. */
  readonly count: Float64Array;
  readonly original: Float64Array;
  readonly originalSquares: Float64Array;
  readonly compressed: Float64Array;
  readonly compressedSquares: Float64Array;
}

export function emptyMoments(features: number): FeatureMoments {
  const array = (): Float64Array => new Float64Array(features);
  return {
    count: new Float64Array(1),
    original: array(),
    originalSquares: array(),
    compressed: array(),
    compressedSquares: array(),
  };
}

/** Adds one sequence; both signals are features × length. */
export function addMoments(
  moments: FeatureMoments,
  original: Float64Array,
  compressed: Float64Array,
  length: number,
): void {
  moments.count[0] += length;
  for (let h = 0; h < moments.original.length; h++) {
    let [a, aa, b, bb] = [0, 0, 0, 0];
    for (let i = h * length; i < (h + 1) * length; i++) {
      a += original[i];
      aa += original[i] * original[i];
      b += compressed[i];
      bb += compressed[i] * compressed[i];
    }
    moments.original[h] += a;
    moments.originalSquares[h] += aa;
    moments.compressed[h] += b;
    moments.compressedSquares[h] += bb;
  }
}

/**
 * The norm with the statistics of the compressed network's input moved as far as its input moved: the new mean and
 * variance are those recorded, shifted and scaled as the mean and the standard deviation over the calibration positions
 * were by the compression. A network that was not changed keeps its statistics, whatever sample they are computed on.
 */
export function matchedStatistics(
  op: BatchNormOp,
  moments: FeatureMoments,
): { readonly mean: Float64Array; readonly variance: Float64Array } {
  const n = moments.count[0];
  const mean = op.mean.values.slice();
  const variance = op.variance.values.slice();
  for (let h = 0; h < op.width; h++) {
    const before = moments.original[h] / n;
    const after = moments.compressed[h] / n;
    const spreadBefore = moments.originalSquares[h] / n - before * before;
    const spreadAfter = moments.compressedSquares[h] / n - after * after;
    if (!(spreadBefore > 0 && spreadAfter > 0)) {
      mean[h] += after - before;
      continue;
    }
    // the output (x - mean) / sqrt(variance + epsilon) has the same mean and spread as before
    const ratio = Math.sqrt(spreadAfter / spreadBefore);
    mean[h] = after - (before - mean[h]) * ratio;
    variance[h] = Math.max((variance[h] + op.epsilon) * ratio * ratio - op.epsilon, 0);
  }
  return { mean, variance };
}
