import {
  choleskyInPlace,
  solveLower,
  solveLowerMany,
  solveLowerTransposed,
} from '../linalg/realCholesky';
import type { DrivenSums } from './drivenModes';

/** What may answer at an output besides the modes: nothing, its own input, or all inputs. */
export type SkipKind = 'none' | 'diagonal' | 'matrix';

export interface DrivenFit {
  /** outputs × mode signals. */
  readonly weights: Float64Array;
  /** outputs × inputs; undefined where there is no skip. */
  readonly skip: Float64Array | undefined;
}

const ridge = 1e-9;

/**
 * The outputs' weights on the mode signals and the skip weights by least squares over all positions: exactly what the
 * layer received, in time and between the inputs.
 *
 * @param modes number of mode signals, which come first
 */
export function fitDriven(
  sums: DrivenSums,
  modes: number,
  inputs: number,
  outputs: number,
  skip: SkipKind,
): DrivenFit {
  const weights = new Float64Array(outputs * modes);
  const feedthrough = skip === 'none' ? undefined : new Float64Array(outputs * inputs);
  const all = Array.from({ length: modes + (skip === 'matrix' ? inputs : 0) }, (_, i) => i);
  const shared = skip === 'diagonal' ? undefined : factorOf(sums, modes + inputs, all);
  for (let o = 0; o < outputs; o++) {
    const own = skip === 'diagonal' ? [...all, modes + (o % inputs)] : all;
    const { factor, scale } = shared ?? factorOf(sums, modes + inputs, own);
    const x = Float64Array.from(own, (i, k) => sums.cross[i * outputs + o] / scale[k]);
    solveLower(factor, own.length, x);
    solveLowerTransposed(factor, own.length, x);
    own.forEach((i, k) => {
      const value = x[k] / scale[k];
      if (i < modes) weights[o * modes + i] = value;
      else if (feedthrough !== undefined) feedthrough[o * inputs + i - modes] = value;
    });
  }
  return { weights, skip: feedthrough };
}

/** sum |fit - wanted|² over the positions of the sums. */
export function drivenError(
  sums: DrivenSums,
  { weights, skip }: DrivenFit,
  modes: number,
  inputs: number,
  outputs: number,
): number {
  const n = modes + inputs;
  let error = sums.energy[0];
  for (let o = 0; o < outputs; o++) {
    const x = new Float64Array(n);
    x.set(weights.subarray(o * modes, (o + 1) * modes));
    if (skip !== undefined) x.set(skip.subarray(o * inputs, (o + 1) * inputs), modes);
    for (let i = 0; i < n; i++) {
      if (x[i] === 0) continue;
      let row = -2 * sums.cross[i * outputs + o];
      for (let j = 0; j < n; j++) row += sums.gram[i * n + j] * x[j];
      error += x[i] * row;
    }
  }
  return Math.max(0, error);
}

/**
 * The modes that backward elimination keeps: again and again the one goes whose loss, all weights solved anew, costs
 * least over all outputs.
 *
 * @param per signals of a mode, which lie together
 */
export function eliminateDriven(
  sums: DrivenSums,
  count: number,
  per: number,
  inputs: number,
  outputs: number,
  keep: number,
): number[] {
  const total = per * count + inputs;
  const all = Array.from({ length: total }, (_, i) => i);
  const { factor, scale } = factorOf(sums, total, all);
  const lower = new Float64Array(total * total);
  for (let i = 0; i < total; i++) lower[i * total + i] = 1;
  solveLowerMany(factor, total, lower, total);
  // inverse of the scaled Gram matrix, and the solution for every output
  const inverse = new Float64Array(total * total);
  for (let k = 0; k < total; k++) {
    for (let i = 0; i <= k; i++) {
      const x = lower[k * total + i];
      if (x === 0) continue;
      for (let j = 0; j <= k; j++) inverse[i * total + j] += x * lower[k * total + j];
    }
  }
  const solution = new Float64Array(total * outputs);
  for (let i = 0; i < total; i++) {
    for (let j = 0; j < total; j++) {
      const x = inverse[i * total + j] / scale[j];
      for (let o = 0; o < outputs; o++)
        solution[i * outputs + o] += x * sums.cross[j * outputs + o];
    }
  }
  const kept = new Set(Array.from({ length: count }, (_, n) => n));
  while (kept.size > keep) {
    let [worst, least] = [-1, Infinity];
    for (const n of kept) {
      const cost = blockCost(inverse, solution, total, outputs, per, n);
      if (cost < least) [worst, least] = [n, cost];
    }
    if (worst < 0) break;
    kept.delete(worst);
    for (let k = per * worst; k < per * (worst + 1); k++) {
      sweepOut(inverse, solution, total, outputs, k);
    }
  }
  return [...kept];
}

/** sum over outputs of x^T (A^{-1} block)^{-1} x for the signals of one mode. */
function blockCost(
  inverse: Float64Array,
  solution: Float64Array,
  total: number,
  outputs: number,
  per: number,
  n: number,
): number {
  const block = new Float64Array(per * per);
  for (let i = 0; i < per; i++) {
    for (let j = 0; j < per; j++) {
      block[i * per + j] = inverse[(per * n + i) * total + per * n + j];
    }
  }
  if (!choleskyInPlace(block, per, 0)) return 0;
  let cost = 0;
  const x = new Float64Array(per);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < per; i++) x[i] = solution[(per * n + i) * outputs + o];
    solveLower(block, per, x);
    for (const value of x) cost += value * value;
  }
  return cost;
}

/** Takes signal k out: the inverse and the solutions of the problem without it. */
function sweepOut(
  inverse: Float64Array,
  solution: Float64Array,
  total: number,
  outputs: number,
  k: number,
): void {
  const pivot = inverse[k * total + k];
  if (!(pivot > 0)) return;
  for (let i = 0; i < total; i++) {
    if (i === k) continue;
    const factor = inverse[i * total + k] / pivot;
    if (factor === 0) continue;
    for (let j = 0; j < total; j++) inverse[i * total + j] -= factor * inverse[k * total + j];
    for (let o = 0; o < outputs; o++) {
      solution[i * outputs + o] -= factor * solution[k * outputs + o];
    }
  }
  for (let j = 0; j < total; j++) inverse[k * total + j] = inverse[j * total + k] = 0;
  for (let o = 0; o < outputs; o++) solution[k * outputs + o] = 0;
}

/** Cholesky factor of the Gram matrix of some signals, scaled to a unit diagonal. */
function factorOf(
  { gram }: DrivenSums,
  total: number,
  signals: readonly number[],
): { factor: Float64Array; scale: Float64Array } {
  const n = signals.length;
  const scale = Float64Array.from(signals, (i) => Math.sqrt(gram[i * total + i]) || 1);
  const factor = new Float64Array(n * n);
  for (let strength = ridge; ; strength *= 100) {
    signals.forEach((i, k) => {
      for (let l = 0; l <= k; l++) {
        factor[k * n + l] = gram[i * total + signals[l]] / (scale[k] * scale[l]);
      }
      factor[k * n + k] += strength;
    });
    if (choleskyInPlace(factor, n, 1e-14)) return { factor, scale };
  }
}
