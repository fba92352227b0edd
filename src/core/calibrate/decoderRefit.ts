import { symmetricEigen } from '../linalg/symmetricEigen';
import type { AffineMap } from './regression';

/** Ridge weights tried, as shares of the mean variance of the features; infinity moves the offset alone. */
const lambdas = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, Infinity];

export interface DecoderRefit {
  readonly map: AffineMap;
  readonly lambda: number;
  /** Root of the mean squared leave-one-out error over that of the map as it was. */
  readonly gain: number;
}

/**
 * The map that gives the original's outputs from the pooled features of the compressed network: ridge regression of what
 * the present map misses, its weight chosen by the exact leave-one-out error.
 *
 * @param features sequences × inputs, of the compressed network
 * @param wanted sequences × outputs, what the original network answers
 * @param weights false to move the offset alone
 */
export function refitDecoder(
  map: AffineMap,
  features: Float64Array,
  wanted: Float64Array,
  weights = true,
): DecoderRefit {
  const { inputs, outputs } = map;
  const count = features.length / inputs;
  const missing = missingOutputs(map, features, wanted);
  const { means, spread, centred } = standardise(features, inputs);
  const offset = centre(missing, outputs);
  const { values, vectors } = symmetricEigen(covariance(centred, inputs), inputs);
  // features and what is missing in the eigenbasis
  const rotated = new Float64Array(count * inputs);
  for (let b = 0; b < count; b++) {
    for (let k = 0; k < inputs; k++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += vectors[k * inputs + i] * centred[b * inputs + i];
      rotated[b * inputs + k] = sum;
    }
  }
  const moved = new Float64Array(inputs * outputs);
  for (let b = 0; b < count; b++) {
    for (let k = 0; k < inputs; k++) {
      const x = rotated[b * inputs + k];
      for (let o = 0; o < outputs; o++)
        moved[k * outputs + o] += x * offset.centred[b * outputs + o];
    }
  }
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const unit = total / inputs || 1;
  const shrink = (lambda: number, k: number): number =>
    lambda === Infinity || values[k] <= 1e-12 * total ? 0 : 1 / (values[k] + lambda * unit);
  let best = { lambda: Infinity, error: Infinity };
  for (const lambda of weights ? lambdas : [Infinity]) {
    let error = 0;
    for (let b = 0; b < count; b++) {
      let leverage = 1 / count;
      for (let k = 0; k < inputs; k++) leverage += rotated[b * inputs + k] ** 2 * shrink(lambda, k);
      const left = Math.max(1 - leverage, 1e-6);
      for (let o = 0; o < outputs; o++) {
        let rest = offset.centred[b * outputs + o];
        for (let k = 0; k < inputs; k++) {
          rest -= rotated[b * inputs + k] * shrink(lambda, k) * moved[k * outputs + o];
        }
        error += (rest / left) ** 2;
      }
    }
    if (error < best.error) best = { lambda, error };
  }
  const weight = map.weight.slice();
  const bias = map.bias.map((b, o) => b + (map.hasBias ? offset.means[o] : 0));
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      let change = 0;
      for (let k = 0; k < inputs; k++) {
        change += vectors[k * inputs + i] * shrink(best.lambda, k) * moved[k * outputs + o];
      }
      change /= spread[i];
      weight[o * inputs + i] += change;
      if (map.hasBias) bias[o] -= change * means[i];
    }
  }
  const before = missing.reduce((sum, x) => sum + x * x, 0);
  return {
    map: { ...map, weight, bias },
    lambda: best.lambda,
    gain: before > 0 ? Math.sqrt(best.error / before) : 1,
  };
}

function missingOutputs(
  map: AffineMap,
  features: Float64Array,
  wanted: Float64Array,
): Float64Array {
  const { inputs, outputs, weight, bias } = map;
  return wanted.map((value, at) => {
    const [b, o] = [Math.floor(at / outputs), at % outputs];
    let sum = bias[o];
    for (let i = 0; i < inputs; i++) sum += weight[o * inputs + i] * features[b * inputs + i];
    return value - sum;
  });
}

/** Columns with their means taken off. */
function centre(x: Float64Array, width: number): { means: Float64Array; centred: Float64Array } {
  const count = x.length / width;
  const means = new Float64Array(width);
  x.forEach((value, at) => (means[at % width] += value / count));
  return { means, centred: x.map((value, at) => value - means[at % width]) };
}

/** The same, divided by their standard deviations (1 where they are constant). */
function standardise(
  x: Float64Array,
  width: number,
): { means: Float64Array; spread: Float64Array; centred: Float64Array } {
  const { means, centred } = centre(x, width);
  const squares = new Float64Array(width);
  centred.forEach((value, at) => (squares[at % width] += value * value));
  const spread = squares.map((sum) => Math.sqrt((sum * width) / x.length) || 1);
  return { means, spread, centred: centred.map((value, at) => value / spread[at % width]) };
}

function covariance(x: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(width * width);
  for (let b = 0; b < x.length; b += width) {
    for (let i = 0; i < width; i++) {
      const xi = x[b + i];
      for (let j = 0; j <= i; j++) sums[i * width + j] += xi * x[b + j];
    }
  }
  for (let i = 0; i < width; i++)
    for (let j = 0; j < i; j++) sums[j * width + i] = sums[i * width + j];
  return sums;
}
