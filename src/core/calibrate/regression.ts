import { choleskyInPlace, solveLower, solveLowerTransposed } from '../linalg/realCholesky';
import { hotLoops } from '../hotLoops';

/**
 * Sums over positions for refitting a map y = W x + b: of the features x̂ of the compressed network and x of the
 * original one, each with a 1 appended. All three are (n + 1) × (n + 1).
 */
export interface RegressionSums {
  /** sum x̂ x̂^T */
  readonly gram: Float64Array;
  /** sum x̂ x^T */
  readonly cross: Float64Array;
  /** sum x x^T */
  readonly original: Float64Array;
}

export function emptyRegression(inputs: number): RegressionSums {
  const size = (inputs + 1) ** 2;
  return {
    gram: new Float64Array(size),
    cross: new Float64Array(size),
    original: new Float64Array(size),
  };
}

/** Adds the positions of one sequence; both signals are n × length, feature after feature. */
export function addPositions(
  sums: RegressionSums,
  compressed: Float64Array,
  original: Float64Array,
  length: number,
): void {
  const n = compressed.length / length;
  const [x, y] = [withOnes(compressed, length), withOnes(original, length)];
  const products = new Float64Array((n + 1) * (n + 1));
  const add = (a: Float64Array, b: Float64Array, into: Float64Array): void => {
    hotLoops().innerProducts(a, n + 1, b, n + 1, length, products);
    for (let i = 0; i < products.length; i++) into[i] += products[i];
  };
  add(x, x, sums.gram);
  add(x, y, sums.cross);
  add(y, y, sums.original);
}

function withOnes(x: Float64Array, length: number): Float64Array {
  const extended = new Float64Array(x.length + length).fill(1);
  extended.set(x);
  return extended;
}

/** A map and its offset: `weight` is outputs × inputs. */
export interface AffineMap {
  readonly outputs: number;
  readonly inputs: number;
  readonly weight: Float64Array;
  /** Zeros where the map has no offset. */
  readonly bias: Float64Array;
  /** Whether there is an offset that may move. */
  readonly hasBias: boolean;
}

/**
 * The map on compressed features that answers like the given map on the original ones:
 *     min sum |Ŵ x̂ + b̂ - (W x + b)|² + lambda sum_k s_k |Ŵ_k - W_k|²,
 * with s_k the summed squares of feature k, so that lambda is a share of what the data say; the offset is free.
 * @returns undefined where the normal equations cannot be solved
 */
export function refitMap(
  map: AffineMap,
  sums: RegressionSums,
  lambda: number,
): AffineMap | undefined {
  const { inputs, outputs, hasBias } = map;
  const { gram, cross } = sums;
  const stride = inputs + 1;
  const n = hasBias ? inputs + 1 : inputs;
  const scale = Float64Array.from({ length: n }, (_, i) => Math.sqrt(gram[i * stride + i]) || 1);
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) factor[i * n + j] = gram[i * stride + j] / (scale[i] * scale[j]);
    factor[i * n + i] += i < inputs ? lambda + 1e-12 : 1e-12;
  }
  if (!choleskyInPlace(factor, n, 0)) return undefined;
  const weight = new Float64Array(outputs * inputs);
  const bias = new Float64Array(outputs);
  const rhs = new Float64Array(n);
  for (let o = 0; o < outputs; o++) {
    const row = map.weight.subarray(o * inputs, (o + 1) * inputs);
    for (let i = 0; i < n; i++) {
      let sum = map.bias[o] * cross[i * stride + inputs];
      for (let k = 0; k < inputs; k++) sum += row[k] * cross[i * stride + k];
      rhs[i] = sum / scale[i];
      if (i < inputs) rhs[i] += lambda * scale[i] * row[i];
    }
    solveLower(factor, n, rhs);
    solveLowerTransposed(factor, n, rhs);
    for (let k = 0; k < inputs; k++) weight[o * inputs + k] = rhs[k] / scale[k];
    if (hasBias) bias[o] = rhs[inputs] / scale[inputs];
  }
  return { outputs, inputs, weight, bias, hasBias };
}

/** sum |Ŵ x̂ + b̂ - (W x + b)|² over the positions, and sum |W x + b|². */
export function mapError(
  refitted: AffineMap,
  map: AffineMap,
  { gram, cross, original }: RegressionSums,
): { readonly error: number; readonly energy: number } {
  const n = map.inputs + 1;
  let error = 0;
  let energy = 0;
  const extended = (m: AffineMap, o: number): Float64Array =>
    Float64Array.of(...m.weight.subarray(o * m.inputs, (o + 1) * m.inputs), m.bias[o]);
  for (let o = 0; o < map.outputs; o++) {
    const a = extended(refitted, o);
    const b = extended(map, o);
    const own = form(b, original, b, n);
    energy += own;
    error += form(a, gram, a, n) - 2 * form(a, cross, b, n) + own;
  }
  return { error: Math.max(0, error), energy };
}

/** x^T A y */
function form(x: Float64Array, A: Float64Array, y: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) row += A[i * n + j] * y[j];
    sum += x[i] * row;
  }
  return sum;
}
