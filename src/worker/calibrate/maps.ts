import {
  mapError,
  refitMap,
  type AffineMap,
  type RegressionSums,
} from '../../core/calibrate/regression';
import type { LinearOp } from '../../core/network/network';
import type { Sums } from './stream';

/** Ridge weights tried, as shares of the features' squares; the best on held-out sequences is taken. */
const lambdas = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
const usualLambda = 1e-4;
/** So large a ridge that the weights stay and the offset alone moves. */
const offsetOnly = 1e9;

/** A map solved anew, with what its outputs miss relative to the original's, before and after. */
export interface Refit {
  readonly map: AffineMap;
  readonly lambda: number;
  readonly before: number;
  readonly after: number;
}

/** The linear op as a map. */
export function mapOf({ inputs, outputs, weight, bias }: LinearOp): AffineMap {
  return {
    inputs,
    outputs,
    weight: weight.values,
    bias: bias?.values ?? new Float64Array(outputs),
    hasBias: bias !== undefined,
  };
}

/** W x + b */
export function applied({ inputs, outputs, weight, bias }: AffineMap, x: Float32Array): number[] {
  return Array.from({ length: outputs }, (_, o) => {
    let sum = bias[o];
    for (let i = 0; i < inputs; i++) sum += weight[o * inputs + i] * x[i];
    return sum;
  });
}

/**
 * The map solved anew from recorded sums, its ridge chosen on held-out sequences; undefined where nothing is gained.
 *
 * @param weights false to move the offset alone
 */
export function refit(map: AffineMap, sums: Sums, weights = true): Refit | undefined {
  const [fitted, unseen] = [sums.fitted, sums.heldOut] as (RegressionSums | undefined)[];
  if (fitted === undefined) return undefined;
  const judge = unseen ?? fitted;
  const relative = ({ error, energy }: { error: number; energy: number }): number =>
    Math.sqrt(error / energy);
  const before = relative(mapError(map, map, judge));
  const tried = !weights ? [offsetOnly] : unseen === undefined ? [usualLambda] : lambdas;
  let best: Refit | undefined;
  for (const lambda of tried) {
    const found = refitMap(map, fitted, lambda);
    if (found === undefined) continue;
    const after = relative(mapError(found, map, judge));
    if (after < (best?.after ?? before)) best = { map: found, lambda, before, after };
  }
  return best;
}
