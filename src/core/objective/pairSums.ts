import { discreteSumsFrom } from '../scalars';
import type { PoleSet } from '../systems/poleSet';

/**
 * S(conj a_i + b_j) and its derivatives for pole i of one set and pole j of another (of the same horizon): the inner
 * product of e^{a_i k} and e^{b_j k} over the horizon, and of their derivatives (math reference, 0.1 and 2).
 * @param out S, S', S'' as pairs from `at` on, as many as `order` asks for
 */
export function conjugateSums(
  a: PoleSet,
  i: number,
  b: PoleSet,
  j: number,
  order: 0 | 1 | 2,
  out: Float64Array,
  at: number,
): void {
  const [ar, ai, br, bi] = [a.expRe[i], -a.expIm[i], b.expRe[j], b.expIm[j]];
  const [cr, ci, dr, di] = [a.endRe[i], -a.endIm[i], b.endRe[j], b.endIm[j]];
  discreteSumsFrom(
    a.re[i] + b.re[j],
    foldSum(b.im[j] - a.im[i]),
    ar * br - ai * bi,
    ar * bi + ai * br,
    cr * dr - ci * di,
    cr * di + ci * dr,
    a.horizon,
    order,
    out,
    at,
  );
}

/** S(a_i + b_j) and its derivatives: the plain (unconjugated) products that the real part needs. */
export function plainSums(
  a: PoleSet,
  i: number,
  b: PoleSet,
  j: number,
  order: 0 | 1 | 2,
  out: Float64Array,
  at: number,
): void {
  const [ar, ai, br, bi] = [a.expRe[i], a.expIm[i], b.expRe[j], b.expIm[j]];
  const [cr, ci, dr, di] = [a.endRe[i], a.endIm[i], b.endRe[j], b.endIm[j]];
  discreteSumsFrom(
    a.re[i] + b.re[j],
    foldSum(a.im[i] + b.im[j]),
    ar * br - ai * bi,
    ar * bi + ai * br,
    cr * dr - ci * di,
    cr * di + ci * dr,
    a.horizon,
    order,
    out,
    at,
  );
}

/** A sum of two phases in (-pi, pi], folded back there; one turn at most. */
function foldSum(phase: number): number {
  if (phase > Math.PI) return phase - 2 * Math.PI;
  return phase <= -Math.PI ? phase + 2 * Math.PI : phase;
}
