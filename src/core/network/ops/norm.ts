import type { BatchNormOp, LayerNormOp } from '../network';

/** (x - mean) / sqrt(variance + epsilon) * scale + shift over the features of every position. */
export function layerNorm(op: LayerNormOp, x: Float64Array, length: number): Float64Array {
  const { width, epsilon, scale, shift, uncentred } = op;
  const mean = new Float64Array(length);
  const factor = new Float64Array(length);
  if (uncentred !== true) {
    for (let h = 0; h < width; h++) {
      const row = h * length;
      for (let t = 0; t < length; t++) mean[t] += x[row + t];
    }
    for (let t = 0; t < length; t++) mean[t] /= width;
  }
  for (let h = 0; h < width; h++) {
    const row = h * length;
    for (let t = 0; t < length; t++) {
      const d = x[row + t] - mean[t];
      factor[t] += d * d;
    }
  }
  for (let t = 0; t < length; t++) factor[t] = 1 / Math.sqrt(factor[t] / width + epsilon);
  const y = new Float64Array(width * length);
  for (let h = 0; h < width; h++) {
    const row = h * length;
    const gain = scale === undefined ? 1 : scale.values[h];
    const offset = shift === undefined ? 0 : shift.values[h];
    for (let t = 0; t < length; t++)
      y[row + t] = (x[row + t] - mean[t]) * factor[t] * gain + offset;
  }
  return y;
}

/** The same with the recorded mean and variance of every feature. */
export function batchNorm(op: BatchNormOp, x: Float64Array, length: number): Float64Array {
  const { width, epsilon, mean, variance, scale, shift } = op;
  const y = new Float64Array(width * length);
  for (let h = 0; h < width; h++) {
    const row = h * length;
    const gain = (scale?.values[h] ?? 1) / Math.sqrt(variance.values[h] + epsilon);
    const offset = (shift?.values[h] ?? 0) - mean.values[h] * gain;
    for (let t = 0; t < length; t++) y[row + t] = x[row + t] * gain + offset;
  }
  return y;
}
