import type { BatchNormOp, LayerNormOp, Parameter } from '../network/network';
import { largest, normAbove, raised, times } from './rounding';

/** What values a signal can take: at every position ||s|| <= row and |s_c| <= channels[c]. Infinity where nothing is known. */
export interface Reach {
  readonly row: number;
  readonly channels: Float64Array;
  /** Whether the same holds in the compressed network: behind a norm, which no input can leave. */
  readonly both: boolean;
}

/** Rows up to `row`, nothing more known of the channels. */
export function rowReach(row: number, width: number, both = false): Reach {
  return { row, channels: new Float64Array(width).fill(row), both };
}

/** Of the rows of a table. */
export function tableReach(table: Parameter, width: number): Reach {
  const channels = new Float64Array(width);
  let row = 0;
  const rows = table.values.length / width;
  for (let i = 0; i < rows; i++) {
    const values = table.values.subarray(i * width, (i + 1) * width);
    row = Math.max(row, normAbove(values));
    values.forEach((x, c) => (channels[c] = Math.max(channels[c], Math.abs(x))));
  }
  return { row, channels, both: true };
}

/**
 * Of a layer norm, whatever goes in: ||n|| < sqrt(d) and |n_c| <= sqrt(d - 1) for the features brought to mean 0 and
 * variance 1; sqrt(d) each where the mean stays (RMS norm).
 */
export function layerNormReach({ width, scale, shift, uncentred }: LayerNormOp): Reach {
  const most = Math.sqrt(uncentred === true ? width : Math.max(width - 1, 0));
  const channels = Float64Array.from({ length: width }, (_, c) =>
    raised(Math.abs(scale?.values[c] ?? 1) * most + Math.abs(shift?.values[c] ?? 0), 4),
  );
  const row = largest(scale?.values ?? [1]) * Math.sqrt(width) + normAbove(shift?.values ?? []);
  return { row: raised(row, 4), channels, both: true };
}

/** A batch norm as an affine map of every feature. */
export function affineOf(op: BatchNormOp): {
  readonly factors: Float64Array;
  readonly offsets: Float64Array;
} {
  const { width, epsilon, mean, variance, scale, shift } = op;
  const factors = Float64Array.from(
    { length: width },
    (_, c) => (scale?.values[c] ?? 1) / Math.sqrt(variance.values[c] + epsilon),
  );
  const offsets = factors.map((f, c) => (shift?.values[c] ?? 0) - mean.values[c] * f);
  return { factors, offsets };
}

/** Of a batch norm. */
export function batchNormReach(op: BatchNormOp, { row }: Reach): Reach {
  const { factors, offsets } = affineOf(op);
  return rowReach(raised(times(largest(factors), row) + normAbove(offsets), 8), op.width);
}

/** Of a sum. */
export function sumReach(a: Reach, b: Reach): Reach {
  return rowReach(raised(a.row + b.row, 1), a.channels.length, a.both && b.both);
}
