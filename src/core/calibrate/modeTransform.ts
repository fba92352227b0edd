import { discreteSums } from '../scalars';
import type { PoleSet } from '../systems/poleSet';
import type { SpectrumGrid } from './spectrumGrid';

/**
 * Below this value of |1 - z| L both numerator and denominator of the geometric sum nearly vanish, and the closed forms
 * of `scalars` take over; that is at most one frequency of the grid for each pole.
 */
export const nearlySingular = 0.5;

const sums = new Float64Array(12);

/**
 * The finite transforms of the real sequences that a slot with log-pole mu spans, Re e^{mu l} and Re(i e^{mu l}) for
 * l < L, at every frequency, each multiplied by `root`. With z = e^{mu - iw} the transform of e^{mu l} is
 *     phi(mu, w) = (1 - z^L) / (1 - z),
 * and the two columns are (phi(mu) + phi(conj mu)) / 2 and i (phi(mu) - phi(conj mu)) / 2. A column takes 2 M numbers:
 * real parts of all M frequencies, then imaginary parts. Only frequencies from … to are done.
 */
export function valueColumns(
  grid: SpectrumGrid,
  root: Float64Array,
  set: PoleSet,
  j: number,
  columns: Float64Array,
  first: number,
  second: number,
  from = 0,
  to = grid.points,
): void {
  const { points: M, horizon: L, cos, sin, endCos, endSin } = grid;
  const [er, ei, gr, gi] = [set.expRe[j], set.expIm[j], set.endRe[j], set.endIm[j]];
  const limit = (nearlySingular / L) ** 2;
  const k = grid.taper / L;
  for (let m = from; m < to; m++) {
    const [c, s, ec, es] = [cos[m], sin[m], endCos[m], endSin[m]];
    // 1 - z and 1 - z^L for mu, then for its conjugate
    const ur = 1 - (er * c + ei * s);
    const ui = er * s - ei * c;
    const nr = 1 - (gr * ec + gi * es);
    const ni = gr * es - gi * ec;
    const vr = 1 - (er * c - ei * s);
    const vi = er * s + ei * c;
    const kr = 1 - (gr * ec - gi * es);
    const ki = gr * es + gi * ec;
    const u2 = ur * ur + ui * ui;
    const v2 = vr * vr + vi * vi;
    let pr: number, pi: number, qr: number, qi: number;
    if (u2 < limit) {
      discreteSums(set.re[j], set.im[j] - angle(grid, m), L, 1, sums, 0);
      [pr, pi] = [sums[0] - k * sums[2], sums[1] - k * sums[3]];
    } else {
      const inverse = 1 / u2;
      pr = (nr * ur + ni * ui) * inverse;
      pi = (ni * ur - nr * ui) * inverse;
      if (k > 0) {
        const ar = (1 - ur) * pr + ui * pi - L * (1 - nr);
        const ai = (1 - ur) * pi - ui * pr + L * ni;
        pr -= k * (ar * ur + ai * ui) * inverse;
        pi -= k * (ai * ur - ar * ui) * inverse;
      }
    }
    if (v2 < limit) {
      discreteSums(set.re[j], -set.im[j] - angle(grid, m), L, 1, sums, 0);
      [qr, qi] = [sums[0] - k * sums[2], sums[1] - k * sums[3]];
    } else {
      const inverse = 1 / v2;
      qr = (kr * vr + ki * vi) * inverse;
      qi = (ki * vr - kr * vi) * inverse;
      if (k > 0) {
        const ar = (1 - vr) * qr + vi * qi - L * (1 - kr);
        const ai = (1 - vr) * qi - vi * qr + L * ki;
        qr -= k * (ar * vr + ai * vi) * inverse;
        qi -= k * (ai * vr - ar * vi) * inverse;
      }
    }
    const half = root[m] / 2;
    columns[first + m] = (pr + qr) * half;
    columns[first + M + m] = (pi + qi) * half;
    columns[second + m] = (qi - pi) * half;
    columns[second + M + m] = (pr - qr) * half;
  }
}

/**
 * Derivatives of v_r A + v_i B, the transform of Re(v e^{mu l}), with respect to rho = log(-Re mu) and omega = Im mu,
 * written as columns; and the inner products of a residual with the transforms of Re(l e^{mu l}), Re(i l e^{mu l}),
 * Re(l² e^{mu l}) and Re(i l² e^{mu l}), which the second derivatives need.
 *
 * @param residual 2 M numbers, weighted like the columns
 * @param products receives the four inner products, over the frequencies from … to
 */
export function derivativeColumns(
  grid: SpectrumGrid,
  root: Float64Array,
  set: PoleSet,
  j: number,
  weightRe: number,
  weightIm: number,
  residual: Float64Array,
  columns: Float64Array,
  rho: number,
  omega: number,
  products: Float64Array,
  from = 0,
  to = grid.points,
): void {
  const { points: M, horizon: L, cos, sin, endCos, endSin } = grid;
  const [er, ei, gr, gi] = [set.expRe[j], set.expIm[j], set.endRe[j], set.endIm[j]];
  const beta = set.re[j];
  const limit = (nearlySingular / L) ** 2;
  const k = grid.taper / L;
  let [rc, rd, re, rf] = [0, 0, 0, 0];
  for (let m = from; m < to; m++) {
    const [c, s, ec, es] = [cos[m], sin[m], endCos[m], endSin[m]];
    let p1r: number, p1i: number, p2r: number, p2i: number;
    let q1r: number, q1i: number, q2r: number, q2i: number;
    {
      const zr = er * c + ei * s;
      const zi = ei * c - er * s;
      const ur = 1 - zr;
      const u2 = ur * ur + zi * zi;
      if (u2 < limit) {
        discreteSums(set.re[j], set.im[j] - angle(grid, m), L, 2, sums, 0);
        [p1r, p1i, p2r, p2i] = [
          sums[2] - k * sums[4],
          sums[3] - k * sums[5],
          (1 - 0.75 * grid.taper) * sums[4],
          (1 - 0.75 * grid.taper) * sums[5],
        ];
      } else {
        const ir = ur / u2;
        const ii = zi / u2;
        const tr = gr * ec + gi * es;
        const ti = gi * ec - gr * es;
        const nr = 1 - tr;
        const pr = nr * ir + ti * ii;
        const pi = nr * ii - ti * ir;
        let ar = zr * pr - zi * pi - L * tr;
        let ai = zr * pi + zi * pr - L * ti;
        p1r = ar * ir - ai * ii;
        p1i = ar * ii + ai * ir;
        const wr = pr + 2 * p1r;
        const wi = pi + 2 * p1i;
        ar = zr * wr - zi * wi - L * L * tr;
        ai = zr * wi + zi * wr - L * L * ti;
        p2r = ar * ir - ai * ii;
        p2i = ar * ii + ai * ir;
        if (k > 0) {
          const xr = pr + 3 * p1r + 3 * p2r;
          const xi = pi + 3 * p1i + 3 * p2i;
          ar = zr * xr - zi * xi - L * L * L * tr;
          ai = zr * xi + zi * xr - L * L * L * ti;
          p1r -= k * p2r;
          p1i -= k * p2i;
          p2r -= k * (ar * ir - ai * ii);
          p2i -= k * (ar * ii + ai * ir);
        }
      }
    }
    {
      const zr = er * c - ei * s;
      const zi = -ei * c - er * s;
      const ur = 1 - zr;
      const u2 = ur * ur + zi * zi;
      if (u2 < limit) {
        discreteSums(set.re[j], -set.im[j] - angle(grid, m), L, 2, sums, 0);
        [q1r, q1i, q2r, q2i] = [
          sums[2] - k * sums[4],
          sums[3] - k * sums[5],
          (1 - 0.75 * grid.taper) * sums[4],
          (1 - 0.75 * grid.taper) * sums[5],
        ];
      } else {
        const ir = ur / u2;
        const ii = zi / u2;
        const tr = gr * ec - gi * es;
        const ti = -gi * ec - gr * es;
        const nr = 1 - tr;
        const pr = nr * ir + ti * ii;
        const pi = nr * ii - ti * ir;
        let ar = zr * pr - zi * pi - L * tr;
        let ai = zr * pi + zi * pr - L * ti;
        q1r = ar * ir - ai * ii;
        q1i = ar * ii + ai * ir;
        const wr = pr + 2 * q1r;
        const wi = pi + 2 * q1i;
        ar = zr * wr - zi * wi - L * L * tr;
        ai = zr * wi + zi * wr - L * L * ti;
        q2r = ar * ir - ai * ii;
        q2i = ar * ii + ai * ir;
        if (k > 0) {
          const xr = pr + 3 * q1r + 3 * q2r;
          const xi = pi + 3 * q1i + 3 * q2i;
          ar = zr * xr - zi * xi - L * L * L * tr;
          ai = zr * xi + zi * xr - L * L * L * ti;
          q1r -= k * q2r;
          q1i -= k * q2i;
          q2r -= k * (ar * ir - ai * ii);
          q2i -= k * (ar * ii + ai * ir);
        }
      }
    }
    const half = root[m] / 2;
    const cr = (p1r + q1r) * half;
    const ci = (p1i + q1i) * half;
    const dr = (q1i - p1i) * half;
    const di = (p1r - q1r) * half;
    columns[rho + m] = beta * (weightRe * cr + weightIm * dr);
    columns[rho + M + m] = beta * (weightRe * ci + weightIm * di);
    columns[omega + m] = weightRe * dr - weightIm * cr;
    columns[omega + M + m] = weightRe * di - weightIm * ci;
    const xr = residual[m];
    const xi = residual[M + m];
    rc += xr * cr + xi * ci;
    rd += xr * dr + xi * di;
    re += half * (xr * (p2r + q2r) + xi * (p2i + q2i));
    rf += half * (xr * (q2i - p2i) + xi * (p2r - q2r));
  }
  products[0] = rc;
  products[1] = rd;
  products[2] = re;
  products[3] = rf;
}

function angle(grid: SpectrumGrid, m: number): number {
  return (2 * Math.PI * m) / grid.length;
}
