/**
 * The scalar functions that every closed form of this program is built from (math reference, section 0.1).
 * Complex numbers go in as (re, im) and come out in pairs of an output array, so that hot loops allocate nothing.
 * Relative accuracy against 60-digit values is a few units in the last place throughout.
 */

/** Arguments of exp above this overflow; objectives treat the result as +Infinity, a rejected step. */
const largestExponent = 700;

/** 2 pi in three parts, the first two short enough that their products with a number of turns are exact. */
const turnHigh = 6.28125;
const turnMiddle = 0.001935307179337542;
const turnLow = 2.4893488687586454e-13;

/** Im a folded into (-pi, pi]: discrete log-poles are defined modulo 2 pi i. */
export function wrapPhase(phase: number): number {
  if (phase > -Math.PI && phase <= Math.PI) return phase;
  const turns = Math.round(phase / (2 * Math.PI));
  const wrapped = phase - turns * turnHigh - turns * turnMiddle - turns * turnLow;
  return wrapped <= -Math.PI ? wrapped + 2 * Math.PI : wrapped;
}

/** out[at], out[at + 1] = exp(x + iy) - 1, without cancellation near 0. */
export function complexExpm1(x: number, y: number, out: Float64Array, at: number): void {
  const half = Math.sin(y / 2);
  out[at] = Math.expm1(x) * Math.cos(y) - 2 * half * half;
  out[at + 1] = Math.exp(x) * Math.sin(y);
}

/** out = sum_{n >= 0} z^n / (n! (n + shift)) for small |z|, by Horner's rule; shift 1, 2, 3 gives phi1, psi, chi. */
function exponentialSeries(
  x: number,
  y: number,
  shift: number,
  terms: number,
  out: Float64Array,
  at: number,
): void {
  // coefficients c_n = 1 / (n! (n + shift)); c_n / c_{n-1} = (n - 1 + shift) / (n (n + shift))
  let re = 1;
  let im = 0;
  for (let n = terms; n >= 1; n--) {
    const ratio = (n - 1 + shift) / (n * (n + shift));
    const t = (re * x - im * y) * ratio + 1;
    im = (re * y + im * x) * ratio;
    re = t;
  }
  out[at] = re / shift;
  out[at + 1] = im / shift;
}

/**
 * phi1(z) = (e^z - 1) / z, psi = phi1', chi = phi1'' at z = x + iy, entire functions.
 * @param order how many derivatives: 0, 1 or 2
 * @param out phi1 at [at, at+1], psi at [at+2, at+3], chi at [at+4, at+5]
 */
export function phiFunctions(
  x: number,
  y: number,
  order: 0 | 1 | 2,
  out: Float64Array,
  at: number,
): void {
  const size2 = x * x + y * y;
  const [xn, yn] = [x / size2, -y / size2];
  if (size2 < 0.25) exponentialSeries(x, y, 1, 18, out, at);
  else {
    complexExpm1(x, y, out, at);
    multiplyInPlace(out, at, xn, yn);
  }
  if (order === 0) return;
  const growth = Math.exp(x);
  const [er, ei] = [growth * Math.cos(y), growth * Math.sin(y)];
  if (size2 < 1) exponentialSeries(x, y, 2, 22, out, at + 2);
  else {
    out[at + 2] = er - out[at];
    out[at + 3] = ei - out[at + 1];
    multiplyInPlace(out, at + 2, xn, yn);
  }
  if (order === 1) return;
  if (size2 < 2.25) exponentialSeries(x, y, 3, 26, out, at + 4);
  else {
    out[at + 4] = er - 2 * out[at + 2];
    out[at + 5] = ei - 2 * out[at + 3];
    multiplyInPlace(out, at + 4, xn, yn);
  }
}

function multiplyInPlace(out: Float64Array, at: number, re: number, im: number): void {
  const [a, b] = [out[at], out[at + 1]];
  out[at] = a * re - b * im;
  out[at + 1] = a * im + b * re;
}

const phiHorizon = new Float64Array(6);
const phiStep = new Float64Array(6);

/**
 * Power sums of a discrete mode over a horizon:
 *     S = sum_{k<L} e^{ak},  S' = sum_{k<L} k e^{ak},  S'' = sum_{k<L} k^2 e^{ak}.
 * @param x,y the log-pole a = x + iy; y is wrapped here
 * @param horizon L, an integer >= 1, or Infinity (then x < 0 is required)
 * @param order 0 for S alone, 1 for S and S', 2 for all three
 * @param out S at [at, at+1], S' at [at+2, at+3], S'' at [at+4, at+5]; Infinity where e^{La} overflows
 */
export function discreteSums(
  x: number,
  y: number,
  horizon: number,
  order: 0 | 1 | 2,
  out: Float64Array,
  at: number,
): void {
  const phase = wrapPhase(y);
  const growth = Math.exp(x);
  const er = growth * Math.cos(phase);
  const ei = growth * Math.sin(phase);
  if (horizon === Infinity) {
    discreteSumsFrom(x, phase, er, ei, 0, 0, horizon, order, out, at);
    return;
  }
  if (x * horizon > largestExponent) {
    out.fill(Infinity, at, at + 2 + 2 * order);
    return;
  }
  const endGrowth = Math.exp(x * horizon);
  const endPhase = phase * horizon;
  discreteSumsFrom(
    x,
    phase,
    er,
    ei,
    endGrowth * Math.cos(endPhase),
    endGrowth * Math.sin(endPhase),
    horizon,
    order,
    out,
    at,
  );
}

/**
 * The same sums when the caller has e^a and e^{La} already. For pairs a = a_i + a_j both are products of what was
 * computed once for each pole, which spares the hot loops nearly every transcendental function.
 * @param x,phase the log-pole, its phase wrapped
 * @param er,ei e^a
 * @param endRe,endIm e^{La}; 0 for L = Infinity
 */
export function discreteSumsFrom(
  x: number,
  phase: number,
  er: number,
  ei: number,
  endRe: number,
  endIm: number,
  horizon: number,
  order: 0 | 1 | 2,
  out: Float64Array,
  at: number,
): void {
  if (horizon === 1) {
    out.fill(0, at, at + 2 + 2 * order);
    out[at] = 1;
    return;
  }
  const size2 = x * x + phase * phase;
  if (size2 * horizon * horizon < 2.25) {
    nearlyConstantSums(x, phase, horizon, order, out, at);
    return;
  }
  // m = e^a - 1; away from 0 the plain difference keeps full accuracy
  let mr = er - 1;
  let mi = ei;
  if (size2 < 0.01) {
    const half = Math.sin(phase / 2);
    mr = Math.expm1(x) * Math.cos(phase) - 2 * half * half;
    mi = ei;
  }
  const inverse = 1 / (mr * mr + mi * mi);
  mr *= inverse;
  mi *= -inverse;
  const finite = horizon !== Infinity;
  let [nr, ni] = [endRe - 1, endIm];
  const sr = nr * mr - ni * mi;
  const si = nr * mi + ni * mr;
  out[at] = sr;
  out[at + 1] = si;
  if (order === 0) return;
  nr = -(sr * er - si * ei);
  ni = -(sr * ei + si * er);
  if (finite) {
    nr += horizon * endRe;
    ni += horizon * endIm;
  }
  const pr = nr * mr - ni * mi;
  const pi = nr * mi + ni * mr;
  out[at + 2] = pr;
  out[at + 3] = pi;
  if (order === 1) return;
  const [tr, ti] = [2 * pr + sr, 2 * pi + si];
  nr = -(tr * er - ti * ei);
  ni = -(tr * ei + ti * er);
  if (finite) {
    nr += horizon * horizon * endRe;
    ni += horizon * horizon * endIm;
  }
  out[at + 4] = nr * mr - ni * mi;
  out[at + 5] = nr * mi + ni * mr;
}

/** The sums for |La| < 1.5, where numerator and denominator of the geometric sum both vanish: ratios of phi functions. */
function nearlyConstantSums(
  x: number,
  y: number,
  horizon: number,
  order: 0 | 1 | 2,
  out: Float64Array,
  at: number,
): void {
  const L = horizon;
  phiFunctions(L * x, L * y, order, phiHorizon, 0);
  phiFunctions(x, y, order, phiStep, 0);
  const [dr, di] = [phiStep[0], phiStep[1]];
  const inverse = 1 / (dr * dr + di * di);
  const [ir, ii] = [dr * inverse, -di * inverse];
  out[at] = L * phiHorizon[0];
  out[at + 1] = L * phiHorizon[1];
  multiplyInPlace(out, at, ir, ii);
  if (order === 0) return;
  const [sr, si] = [out[at], out[at + 1]];
  const [pr, pi] = [phiStep[2], phiStep[3]];
  out[at + 2] = L * L * phiHorizon[2] - (sr * pr - si * pi);
  out[at + 3] = L * L * phiHorizon[3] - (sr * pi + si * pr);
  multiplyInPlace(out, at + 2, ir, ii);
  if (order === 1) return;
  const [tr, ti] = [2 * out[at + 2], 2 * out[at + 3]];
  const [cr, ci] = [phiStep[4], phiStep[5]];
  out[at + 4] = L * L * L * phiHorizon[4] - (tr * pr - ti * pi) - (sr * cr - si * ci);
  out[at + 5] = L * L * L * phiHorizon[5] - (tr * pi + ti * pr) - (sr * ci + si * cr);
  multiplyInPlace(out, at + 4, ir, ii);
}
