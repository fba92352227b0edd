import { wrapPhase } from '../scalars';
import type { ComplexVector } from '../linalg/complex';

/**
 * Log-poles together with e^a and e^{La}, so that sums over pairs of poles need products instead of transcendental
 * functions. Phases are wrapped into (-pi, pi].
 */
export interface PoleSet {
  readonly count: number;
  readonly horizon: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** e^a */
  readonly expRe: Float64Array;
  readonly expIm: Float64Array;
  /** e^{La}; 0 for an infinite horizon */
  readonly endRe: Float64Array;
  readonly endIm: Float64Array;
}

/**
 * Room for poles. The six arrays lie one after the other in memory, at distances of `count` rounded up to an even number.
 * @param allocate where they lie
 */
export function createPoleSet(
  count: number,
  horizon: number,
  allocate: (length: number) => Float64Array = (length) => new Float64Array(length),
): PoleSet {
  const stride = count + (count % 2);
  const rows = allocate(6 * stride);
  const row = (k: number): Float64Array => rows.subarray(k * stride, k * stride + count);
  return {
    count,
    horizon,
    re: row(0),
    im: row(1),
    expRe: row(2),
    expIm: row(3),
    endRe: row(4),
    endIm: row(5),
  };
}

/** Sets pole i to x + iy. */
export function setPole(set: PoleSet, i: number, x: number, y: number): void {
  const phase = wrapPhase(y);
  set.re[i] = x;
  set.im[i] = phase;
  const growth = Math.exp(x);
  set.expRe[i] = growth * Math.cos(phase);
  set.expIm[i] = growth * Math.sin(phase);
  if (set.horizon === Infinity) return;
  const endGrowth = Math.exp(x * set.horizon);
  const endPhase = phase * set.horizon;
  set.endRe[i] = endGrowth * Math.cos(endPhase);
  set.endIm[i] = endGrowth * Math.sin(endPhase);
}

export function poleSetOf(poles: ComplexVector, horizon: number): PoleSet {
  const set = createPoleSet(poles.re.length, horizon);
  for (let i = 0; i < set.count; i++) setPole(set, i, poles.re[i], poles.im[i]);
  return set;
}
