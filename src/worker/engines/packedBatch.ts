import type { ComplexVector } from '../../core/linalg/complex';
import { fastestDecay, leastAngle, slowestSearched } from '../../core/solve/newtonSearch';
import { wrapPhase } from '../../core/scalars';
import { systemOf as systemAt } from '../../core/systems/modal';
import type { SearchBatch, SearchResult } from './searchEngine';

/**
 * Log-poles in single precision. An imaginary part is counted in turns over the horizon (per step where that is infinite)
 * and split into a high and a low number, so that differences of close poles and phases at the horizon keep their
 * digits.
 */
export interface PackedPoles {
  readonly re: Float32Array;
  readonly high: Float32Array;
  readonly low: Float32Array;
}

/** A batch as devices take it; everything with one entry or row a search. */
export interface PackedBatch {
  readonly searches: number;
  readonly slots: number;
  readonly systemSlots: number;
  /** Steps of the horizon, or 1 where it is infinite: phases are turns over this many steps. */
  readonly span: number;
  readonly finite: boolean;
  /** Whether a sum of two poles can be so small that the closed forms of the sums need their series. */
  readonly near: boolean;
  readonly full: PackedPoles;
  /** e^a - 1 of the real parts, and e^{La}, of the full poles. */
  readonly fullGrowth: Float32Array;
  readonly fullEndRe: Float32Array;
  readonly fullEndIm: Float32Array;
  readonly weightRe: Float32Array;
  readonly weightIm: Float32Array;
  readonly start: PackedPoles;
  /** Decay rates that the search goes no slower than. */
  readonly slowest: Float32Array;
}

/** |L (a + b)| below which the series of the sums are used. */
export const nearLimit = 0.25;

export function packBatch(batch: SearchBatch): PackedBatch {
  const { systems, slots, horizon, systemOf } = batch;
  const [T, N] = [systemOf.length, systems.slots];
  const finite = horizon < Infinity;
  const span = finite ? horizon : 1;
  const slowest = new Float32Array(T);
  const full = emptyPoles(T * N);
  const array = (): Float32Array => new Float32Array(T * N);
  const [fullGrowth, fullEndRe, fullEndIm] = [array(), array(), array()];
  const [weightRe, weightIm] = [array(), array()];
  systemOf.forEach((index, t) => {
    const { poles, weights } = systemAt(systems, index);
    slowest[t] = slowestSearched({ poles });
    for (let n = 0; n < N; n++) {
      const at = t * N + n;
      const [x, y] = [poles.re[n], wrapPhase(poles.im[n])];
      setPacked(full, at, x, y, span);
      fullGrowth[at] = Math.expm1(x);
      fullEndRe[at] = finite ? Math.exp(x * horizon) * Math.cos(y * horizon) : 0;
      fullEndIm[at] = finite ? Math.exp(x * horizon) * Math.sin(y * horizon) : 0;
      weightRe[at] = weights.re[n];
      weightIm[at] = weights.im[n];
    }
  });
  const start = emptyPoles(T * slots);
  for (let at = 0; at < T * slots; at++) {
    const re = Math.max(Math.min(batch.poleRe[at], slowest[Math.floor(at / slots)]), fastestDecay);
    setPacked(start, at, re, Math.abs(wrapPhase(batch.poleIm[at])), span);
  }
  const near = finite && slowest.some((decay) => -2 * decay * span < nearLimit);
  return {
    ...{ searches: T, slots, systemSlots: N, span, finite, near, slowest },
    ...{ full, fullGrowth, fullEndRe, fullEndIm, weightRe, weightIm, start },
  };
}

function emptyPoles(length: number): PackedPoles {
  const array = (): Float32Array => new Float32Array(length);
  return { re: array(), high: array(), low: array() };
}

function setPacked(poles: PackedPoles, at: number, x: number, y: number, span: number): void {
  const turns = (y / (2 * Math.PI)) * span;
  poles.re[at] = x;
  poles.high[at] = turns;
  poles.low[at] = turns - poles.high[at];
}

/** Trial poles, folded into the region searched. */
export function packPoles({ re, im }: ComplexVector, span: number): PackedPoles {
  const poles = emptyPoles(re.length);
  re.forEach((x, at) => {
    const margin = Math.min(leastAngle * Math.abs(x), 0.5);
    const phase = Math.abs(wrapPhase(im[at]));
    setPacked(poles, at, x, Math.max(Math.min(phase, Math.PI - margin), margin), span);
  });
  return poles;
}

/** What a device found, as log-poles in double precision. */
export function unpackResult(
  { re, high, low }: PackedPoles,
  value: Float32Array,
  span: number,
): SearchResult {
  return {
    poleRe: Float64Array.from(re),
    poleIm: Float64Array.from(high, (turns, i) => ((turns + low[i]) * 2 * Math.PI) / span),
    value,
  };
}
