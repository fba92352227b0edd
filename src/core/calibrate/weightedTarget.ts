import type { ModalSystem } from '../systems/modal';
import { poleSetOf } from '../systems/poleSet';
import { valueColumns } from './modeTransform';
import { taperedResponse } from './taper';
import { multiplicity, type SpectrumGrid } from './spectrumGrid';

/** What one channel received on calibration sequences, and what it should have answered, per frequency of a grid. */
export interface ChannelSpectra {
  /** S_m = sum_b |Û_bm|²: power of the inputs that the compressed layer receives. */
  readonly power: Float64Array;
  /** sum_b U_bm conj(Û_bm): inputs of the original layer against them. */
  readonly crossRe: Float64Array;
  readonly crossIm: Float64Array;
}

/** A channel's kernel and skip weight as one complex response to be fitted with one weight a frequency. */
export interface WeightedTarget {
  readonly grid: SpectrumGrid;
  /** sqrt(c_m (S_m + floor)) */
  readonly root: Float64Array;
  /** root_m T_m: real parts, then imaginary parts. */
  readonly values: Float64Array;
  /** sum of squares of `values`. */
  readonly norm2: number;
  /** For the search: horizon and slowest decay. */
  readonly poles: { readonly horizon: number; readonly re: Float64Array };
}

/** Modes may be searched that lose as little as this over the whole horizon. */
const slowestLoss = 0.02;

/**
 * The fit of one channel, calibrated.md:
 *     sum_m c_m (S_m + floor) |K̂_m + D̂ - T_m|²,   T = (K + D) (cross + floor) / (S + floor),   floor = epsilon max S.
 * For spectra with cross = S it is the input-weighted h² error of the layer itself.
 *
 * @param response the finite transform of kernel and skip, real parts of all frequencies, then imaginary parts
 */
export function weightedTarget(
  grid: SpectrumGrid,
  response: Float64Array,
  spectra: ChannelSpectra,
  epsilon: number,
): WeightedTarget {
  const { points: M } = grid;
  let largest = 0;
  for (const power of spectra.power) largest = Math.max(largest, power);
  const floor = largest > 0 ? epsilon * largest : 1;
  const root = new Float64Array(M);
  const values = new Float64Array(2 * M);
  let norm2 = 0;
  for (let m = 0; m < M; m++) {
    const power = spectra.power[m] + floor;
    root[m] = Math.sqrt(multiplicity(grid, m) * power);
    const [gr, gi] = [(spectra.crossRe[m] + floor) / power, spectra.crossIm[m] / power];
    const [kr, ki] = [response[m], response[M + m]];
    values[m] = kr * gr - ki * gi;
    values[M + m] = kr * gi + ki * gr;
  }
  if (grid.taper > 0) {
    values.set(taperedResponse(grid, values.subarray(0, M), values.subarray(M)));
  }
  for (let m = 0; m < M; m++) {
    values[m] *= root[m];
    values[M + m] *= root[m];
    norm2 += values[m] ** 2 + values[M + m] ** 2;
  }
  const poles = { horizon: grid.horizon, re: Float64Array.of(-slowestLoss / grid.horizon) };
  return { grid, root, values, norm2, poles };
}

/** The finite transform of Re sum_n w_n e^{a_n l} plus D at lag 0: real parts of all frequencies, then imaginary parts. */
export function finiteResponse(
  grid: SpectrumGrid,
  { poles, weights }: ModalSystem,
  skip: number,
): Float64Array {
  const { points: M, horizon } = grid;
  const set = poleSetOf(poles, horizon);
  const ones = new Float64Array(M).fill(1);
  const columns = new Float64Array(4 * M);
  const response = new Float64Array(2 * M);
  response.fill(skip, 0, M);
  for (let n = 0; n < set.count; n++) {
    valueColumns(grid, ones, set, n, columns, 0, 2 * M);
    const [vr, vi] = [weights.re[n], weights.im[n]];
    for (let k = 0; k < 2 * M; k++) response[k] += vr * columns[k] + vi * columns[2 * M + k];
  }
  return response;
}
