import type { PoolOp } from '../network';

/** One number a feature, over the positions. */
export function pool(op: PoolOp, x: Float64Array, width: number, length: number): Float64Array {
  const y = new Float64Array(width);
  for (let h = 0; h < width; h++) y[h] = poolings[op.by](x.subarray(h * length, (h + 1) * length));
  return y;
}

const poolings: Readonly<Record<PoolOp['by'], (row: Float64Array) => number>> = {
  mean: (row) => sum(row) / row.length,
  sum,
  last: (row) => row[row.length - 1],
  max: (row) => row.reduce((most, value) => Math.max(most, value), -Infinity),
};

function sum(row: Float64Array): number {
  let total = 0;
  for (const value of row) total += value;
  return total;
}
