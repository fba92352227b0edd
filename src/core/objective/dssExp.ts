import { type ComplexVector, complexVector } from '../linalg/complex';
import { phiFunctions } from '../scalars';

/**
 * The H² objective in the coordinates of DSS_EXP layers (arXiv 2507.10078, section 3.2 and Proposition 2): one input,
 * one output, B^ = 1, C^ = w^ and poles mu_j = -exp(Lre_j) + i Lim_j, which are stable whatever the coordinates are.
 */
export interface DssExpPoint {
  readonly logRate: Float64Array;
  readonly frequency: Float64Array;
  readonly weights: ComplexVector;
}

/** A point of r poles, all zeros. A gradient has the same shape; that of the weights is d/dRe + i d/dIm. */
export function dssExpPoint(r: number): DssExpPoint {
  return {
    logRate: new Float64Array(r),
    frequency: new Float64Array(r),
    weights: complexVector(r),
  };
}

/** The continuous poles mu_j = -exp(Lre_j) + i Lim_j. */
export function dssExpPoles({ logRate, frequency }: DssExpPoint): ComplexVector {
  return { re: logRate.map((x) => -Math.exp(x)), im: frequency.slice() };
}

/** The point with these stable poles and weights. */
export function toDssExp(poles: ComplexVector, weights: ComplexVector): DssExpPoint {
  return {
    logRate: poles.re.map((x) => Math.log(-x)),
    frequency: poles.im.slice(),
    weights: { re: weights.re.slice(), im: weights.im.slice() },
  };
}

/** Modes w e^{lambda t} with e^{lambda tau} at hand, so that sums over pairs need no transcendental function. */
interface Modes {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly weights: ComplexVector;
  readonly endRe: Float64Array;
  readonly endIm: Float64Array;
}

/**
 * The objective for one full system over [0, tau]: a function that evaluates f at a point and, when `gradient` is given,
 * writes the gradient into it. It allocates O(r) a call and takes O(r (N + r)) operations.
 */
export function dssExpObjective(
  poles: ComplexVector,
  weights: ComplexVector,
  tau: number,
): (point: DssExpPoint, gradient?: DssExpPoint) => number {
  const full = modesOf(poles, weights, tau);
  return (point, gradient) => {
    const mu = dssExpPoles(point);
    const reduced = modesOf(mu, point.weights, tau);
    let f = 0;
    for (let j = 0; j < mu.re.length; j++) {
      const own = responseProducts(reduced, reduced, j, tau, gradient !== undefined);
      const cross = responseProducts(full, reduced, j, tau, gradient !== undefined);
      const [vRe, vIm] = [point.weights.re[j], point.weights.im[j]];
      f += vRe * (own[0] - 2 * cross[0]) + vIm * (own[1] - 2 * cross[1]);
      if (gradient === undefined) continue;
      gradient.weights.re[j] = 2 * (own[0] - cross[0]);
      gradient.weights.im[j] = 2 * (own[1] - cross[1]);
      const [dRe, dIm] = [2 * (own[2] - cross[2]), 2 * (own[3] - cross[3])];
      gradient.logRate[j] = (vRe * dRe + vIm * dIm) * mu.re[j];
      gradient.frequency[j] = vRe * dIm - vIm * dRe;
    }
    return f;
  };
}

function modesOf({ re, im }: ComplexVector, weights: ComplexVector, tau: number): Modes {
  const finite = tau !== Infinity;
  const growth = re.map((x) => (finite ? Math.exp(x * tau) : 0));
  return {
    re,
    im,
    weights,
    endRe: growth.map((g, i) => (finite ? g * Math.cos(im[i] * tau) : 0)),
    endIm: growth.map((g, i) => (finite ? g * Math.sin(im[i] * tau) : 0)),
  };
}

const phi = new Float64Array(4);

/** [sum_k w_k E(lambda_k + conj mu_j), sum_k w_k E'(lambda_k + conj mu_j)] as four reals. */
function responseProducts(
  modes: Modes,
  reduced: Modes,
  j: number,
  tau: number,
  slope: boolean,
): [number, number, number, number] {
  let [s0, s1, d0, d1] = [0, 0, 0, 0];
  const { re, im, weights, endRe, endIm } = modes;
  const infinite = tau === Infinity;
  for (let k = 0; k < re.length; k++) {
    const x = re[k] + reduced.re[j];
    const y = im[k] - reduced.im[j];
    const size2 = x * x + y * y;
    let eRe: number;
    let eIm: number;
    let [fRe, fIm] = [0, 0];
    if (!infinite && size2 * tau * tau < 1) {
      phiFunctions(x * tau, y * tau, slope ? 1 : 0, phi, 0);
      [eRe, eIm, fRe, fIm] = [tau * phi[0], tau * phi[1], tau * tau * phi[2], tau * tau * phi[3]];
    } else {
      // E = (e^{a tau} - 1) / a and E' = (tau e^{a tau} - E) / a, e^{a tau} = e^{lambda tau} conj(e^{mu tau})
      const zRe = endRe[k] * reduced.endRe[j] + endIm[k] * reduced.endIm[j];
      const zIm = endIm[k] * reduced.endRe[j] - endRe[k] * reduced.endIm[j];
      const [iRe, iIm] = [x / size2, -y / size2];
      eRe = (zRe - 1) * iRe - zIm * iIm;
      eIm = (zRe - 1) * iIm + zIm * iRe;
      if (slope) {
        const nRe = (infinite ? 0 : tau * zRe) - eRe;
        const nIm = (infinite ? 0 : tau * zIm) - eIm;
        fRe = nRe * iRe - nIm * iIm;
        fIm = nRe * iIm + nIm * iRe;
      }
    }
    const [wRe, wIm] = [weights.re[k], weights.im[k]];
    s0 += wRe * eRe - wIm * eIm;
    s1 += wRe * eIm + wIm * eRe;
    d0 += wRe * fRe - wIm * fIm;
    d1 += wRe * fIm + wIm * fRe;
  }
  return [s0, s1, d0, d1];
}
