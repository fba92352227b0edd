import { discreteSumsFrom } from '../scalars';
import type { PoleSet } from '../systems/poleSet';

/** |e^a - 1|² above which the plain difference keeps full accuracy and no series is needed. */
const farFromOne = 0.01;
/** Shortest horizon for which |e^a - 1| > 0.1 puts La well outside the series of the sums. */
const longHorizon = 32;

/**
 * For pole i of one set and pole j of another (of the same horizon) the sums over the horizon of products of their
 * modes: S = S(conj a_i + b_j), the inner product, and T = S(a_i + b_j), the unconjugated product that the real part
 * needs, with their derivatives (math reference, 0.1, 2 and 2.1).
 * @param order how many derivatives
 * @param out S, S', S'' as pairs from `at` on, T, T', T'' as pairs from `at + stride` on
 */
export function pairSums(
  a: PoleSet,
  i: number,
  b: PoleSet,
  j: number,
  order: 0 | 1 | 2,
  out: Float64Array,
  at: number,
  stride: number,
): void {
  const ar = a.expRe[i];
  const ai = a.expIm[i];
  const br = b.expRe[j];
  const bi = b.expIm[j];
  const cr = a.endRe[i];
  const ci = a.endIm[i];
  const dr = b.endRe[j];
  const di = b.endIm[j];
  const x = a.re[i] + b.re[j];
  const L = a.horizon;
  const er = ar * br + ai * bi;
  const ei = ar * bi - ai * br;
  const fr = cr * dr + ci * di;
  const fi = cr * di - ci * dr;
  if (!farSums(er, ei, fr, fi, L, order, out, at)) {
    discreteSumsFrom(x, foldSum(b.im[j] - a.im[i]), er, ei, fr, fi, L, order, out, at);
  }
  const gr = ar * br - ai * bi;
  const gi = ar * bi + ai * br;
  const hr = cr * dr - ci * di;
  const hi = cr * di + ci * dr;
  if (!farSums(gr, gi, hr, hi, L, order, out, at + stride)) {
    const phase = foldSum(a.im[i] + b.im[j]);
    discreteSumsFrom(x, phase, gr, gi, hr, hi, L, order, out, at + stride);
  }
}

const near = new Float64Array(12);

/**
 * The sums of pole i of one set with every pole k of another, weighted and added up: sum_k S^(p)(conj a_i + b_k) w_k and
 * sum_k S^(p)(a_i + b_k) w_k. The same as `pairSums` in a loop, written out because the search spends its time here.
 * @param out p = 0 … order as pairs from `at` on for the conjugated, from `at + stride` on for the plain sums
 */
export function weightedPairSums(
  a: PoleSet,
  i: number,
  b: PoleSet,
  weightRe: Float64Array,
  weightIm: Float64Array,
  order: 0 | 1 | 2,
  out: Float64Array,
  at: number,
  stride: number,
): void {
  out.fill(0, at, at + 2 + 2 * order);
  out.fill(0, at + stride, at + stride + 2 + 2 * order);
  const L = a.horizon;
  const scale = L === Infinity ? 0 : L;
  const ar = a.expRe[i];
  const cr = a.endRe[i];
  for (let sign = -1; sign <= 1; sign += 2) {
    const ai = sign * a.expIm[i];
    const ci = sign * a.endIm[i];
    let s0r = 0;
    let s0i = 0;
    let s1r = 0;
    let s1i = 0;
    let s2r = 0;
    let s2i = 0;
    for (let k = 0; k < b.count; k++) {
      const br = b.expRe[k];
      const bi = b.expIm[k];
      const er = ar * br - ai * bi;
      const ei = ar * bi + ai * br;
      const wr = weightRe[k];
      const wi = weightIm[k];
      const size = (er - 1) * (er - 1) + ei * ei;
      const endRe = cr * b.endRe[k] - ci * b.endIm[k];
      const endIm = cr * b.endIm[k] + ci * b.endRe[k];
      if (!(size > farFromOne && L >= longHorizon)) {
        const phase = foldSum(sign * a.im[i] + b.im[k]);
        discreteSumsFrom(a.re[i] + b.re[k], phase, er, ei, endRe, endIm, L, order, near, 0);
        s0r += near[0] * wr - near[1] * wi;
        s0i += near[0] * wi + near[1] * wr;
        if (order === 0) continue;
        s1r += near[2] * wr - near[3] * wi;
        s1i += near[2] * wi + near[3] * wr;
        s2r += near[4] * wr - near[5] * wi;
        s2i += near[4] * wi + near[5] * wr;
        continue;
      }
      const inverse = 1 / size;
      const mr = (er - 1) * inverse;
      const mi = -ei * inverse;
      const sr = (endRe - 1) * mr - endIm * mi;
      const si = (endRe - 1) * mi + endIm * mr;
      s0r += sr * wr - si * wi;
      s0i += sr * wi + si * wr;
      if (order === 0) continue;
      const nr = scale * endRe - (sr * er - si * ei);
      const ni = scale * endIm - (sr * ei + si * er);
      const pr = nr * mr - ni * mi;
      const pi = nr * mi + ni * mr;
      s1r += pr * wr - pi * wi;
      s1i += pr * wi + pi * wr;
      const tr = 2 * pr + sr;
      const ti = 2 * pi + si;
      const qr = scale * scale * endRe - (tr * er - ti * ei);
      const qi = scale * scale * endIm - (tr * ei + ti * er);
      const rr = qr * mr - qi * mi;
      const ri = qr * mi + qi * mr;
      s2r += rr * wr - ri * wi;
      s2i += rr * wi + ri * wr;
    }
    const to = sign < 0 ? at : at + stride;
    out[to] = s0r;
    out[to + 1] = s0i;
    if (order === 0) continue;
    out[to + 2] = s1r;
    out[to + 3] = s1i;
    if (order === 1) continue;
    out[to + 4] = s2r;
    out[to + 5] = s2i;
  }
}

/**
 * Everything that the fit of poles b to a weighted set needs: for each pole the weighted sums with all of the set, and
 * the sums of all pairs of b.
 *
 * @param order how many derivatives, none or two
 * @param cross 12 numbers a pole, as `weightedPairSums` with a stride of 6 gives them
 * @param own 12 numbers a pair i <= j at 12 (i r + j), as `pairSums` with a stride of 6 gives them
 */
export function fitSums(
  b: PoleSet,
  { poles, weightRe, weightIm }: WeightedPoles,
  order: 0 | 2,
  cross: Float64Array,
  own: Float64Array,
): void {
  for (let j = 0; j < b.count; j++) {
    weightedPairSums(b, j, poles, weightRe, weightIm, order, cross, 12 * j, 6);
    for (let i = 0; i <= j; i++) pairSums(b, i, b, j, order, own, 12 * (i * b.count + j), 6);
  }
}

/** Poles with a weight each. */
export interface WeightedPoles {
  readonly poles: PoleSet;
  readonly weightRe: Float64Array;
  readonly weightIm: Float64Array;
}

/** The common case of `discreteSumsFrom`, without branches on small arguments; false where those are needed. */
function farSums(
  er: number,
  ei: number,
  endRe: number,
  endIm: number,
  L: number,
  order: 0 | 1 | 2,
  out: Float64Array,
  at: number,
): boolean {
  const size = (er - 1) * (er - 1) + ei * ei;
  if (!(size > farFromOne && L >= longHorizon)) return false;
  const mr = (er - 1) / size;
  const mi = -ei / size;
  const sr = (endRe - 1) * mr - endIm * mi;
  const si = (endRe - 1) * mi + endIm * mr;
  out[at] = sr;
  out[at + 1] = si;
  if (order === 0) return true;
  const scale = L === Infinity ? 0 : L;
  let nr = scale * endRe - (sr * er - si * ei);
  let ni = scale * endIm - (sr * ei + si * er);
  const pr = nr * mr - ni * mi;
  const pi = nr * mi + ni * mr;
  out[at + 2] = pr;
  out[at + 3] = pi;
  if (order === 1) return true;
  const tr = 2 * pr + sr;
  const ti = 2 * pi + si;
  nr = scale * scale * endRe - (tr * er - ti * ei);
  ni = scale * scale * endIm - (tr * ei + ti * er);
  out[at + 4] = nr * mr - ni * mi;
  out[at + 5] = nr * mi + ni * mr;
  return true;
}

/** A sum of two phases in (-pi, pi], folded back there; one turn at most. */
function foldSum(phase: number): number {
  if (phase > Math.PI) return phase - 2 * Math.PI;
  return phase <= -Math.PI ? phase + 2 * Math.PI : phase;
}
