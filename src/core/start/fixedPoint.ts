import { throwIfCancelled } from '../errors';
import type { ComplexVector } from '../linalg/complex';
import { crossControllability, crossObservability } from '../gramians/gramians';
import { eigen } from '../linalg/eigen';
import { solve } from '../linalg/lu';
import { scaleRows } from '../linalg/matrix';
import { adjointTimes, multiply } from '../linalg/multiply';
import { qr } from '../linalg/qr';
import { objective } from '../objective/h2';
import type { DiagonalSystem } from '../systems/diagonal';
import { dynamicsOf, polesOf } from '../systems/dynamics';
import type { TimeSpan } from '../systems/timeSpan';
import { reflect } from './reflect';

/** When the iteration stops: change of the poles (as e^b in discrete time) below `tolerance`, or `iterations` spent. */
export interface FixedPointOptions {
  readonly iterations?: number;
  readonly tolerance?: number;
  readonly signal?: AbortSignal;
}

export interface FixedPoint {
  /** The stable iterate of the least objective, the start included. */
  readonly best: DiagonalSystem;
  readonly iterations: number;
  readonly stop: 'converged' | 'iteration-limit' | 'stalled';
  /** Iterates that lost stability; each went on from its mirror image. */
  readonly reflected: number;
}

/**
 * The two-sided iteration (TSIA; for one input and output and infinite time IRKA; Goyal and Redmann's time-limited form
 * for finite spans, math reference 6.3): V = orth X, W = orth Y for the cross Gramians of the last iterate,
 *     A_r = (W^H V)^{-1} W^H A V,  B_r = (W^H V)^{-1} W^H B,  C_r = C V,
 * diagonalised, until the poles rest. It neither decreases the error monotonically nor keeps stability: iterates that
 * lose it are reflected before they go on, and the best stable iterate is returned.
 * @param observe called with each stable iterate, the start first
 */
export function fixedPoint(
  full: DiagonalSystem,
  start: DiagonalSystem,
  span: TimeSpan,
  options: FixedPointOptions = {},
  observe?: (iterate: DiagonalSystem) => void,
): FixedPoint {
  const { iterations = 100, tolerance = 1e-6 } = options;
  let current = start;
  let best = start;
  let least = objective(full, start, span);
  let reflected = 0;
  observe?.(start);
  for (let k = 1; k <= iterations; k++) {
    throwIfCancelled(options.signal);
    const projected = projectionStep(full, current, span);
    if (projected === undefined) return { best, iterations: k - 1, stop: 'stalled', reflected };
    const { poles, count } = reflect(projected.poles);
    const next = { ...projected, poles };
    if (count > 0) reflected++;
    else observe?.(next);
    const value = objective(full, next, span);
    if (count === 0 && value < least) [best, least] = [next, value];
    const change = poleChange(current.poles, next.poles, span.time);
    current = next;
    if (change < tolerance) return { best, iterations: k, stop: 'converged', reflected };
  }
  return { best, iterations, stop: 'iteration-limit', reflected };
}

/** One step; undefined where the projection does not exist (W^H V singular) or is not finite. */
function projectionStep(
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  span: TimeSpan,
): DiagonalSystem | undefined {
  const V = qr(crossControllability(full, reduced, span)).Q;
  const W = qr(crossObservability(full, reduced, span)).Q;
  const dynamics = dynamicsOf(full.poles, span.time);
  const coupling = adjointTimes(W, V);
  const A = solve(coupling, adjointTimes(W, scaleRows(V, dynamics)));
  const B = solve(coupling, adjointTimes(W, full.B));
  if (A === undefined || B === undefined || ![...A.re, ...A.im].every(Number.isFinite)) {
    return undefined;
  }
  const { values, X } = eigen(A);
  const diagonalB = solve(X, B);
  if (diagonalB === undefined) return undefined;
  return {
    poles: polesOf(values, span.time),
    B: diagonalB,
    C: multiply(multiply(full.C, V), X),
  };
}

/** Largest distance from a new pole to the nearest old one: of e^b in discrete time, relative in continuous time. */
export function poleChange(
  before: ComplexVector,
  after: ComplexVector,
  time: TimeSpan['time'],
): number {
  const [p, q] = [dynamicsOf(before, time), dynamicsOf(after, time)];
  let change = 0;
  for (let j = 0; j < q.re.length; j++) {
    let nearest = Infinity;
    for (let i = 0; i < p.re.length; i++) {
      nearest = Math.min(nearest, Math.hypot(q.re[j] - p.re[i], q.im[j] - p.im[i]));
    }
    const scale = time === 'discrete' ? 1 : Math.hypot(q.re[j], q.im[j]);
    change = Math.max(change, nearest / scale);
  }
  return change;
}
