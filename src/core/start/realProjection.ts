import { Matrix, solve } from 'ml-matrix';
import { hotLoops } from '../hotLoops';
import type { ComplexVector } from '../linalg/complex';
import { eigenvalues } from '../linalg/eigenvalues';
import { pairSums } from '../objective/pairSums';
import type { Target } from '../objective/varpro';
import { wrapPhase } from '../scalars';
import { dynamicsOf, polesOf } from '../systems/dynamics';
import { poleSetOf } from '../systems/poleSet';
import { fitIntoSlots } from './realSlots';

/** Columns that lose all but this share of their length against the others add nothing to a basis. */
const dependent = 1e-13;

/** The full system of a projection; the horizon of its poles is that of the Gramians, Infinity for IRKA. */
export type FullModes = Omit<Target, 'norm2'>;

/**
 * One step of the two-sided iteration (see `fixedPoint`) in real arithmetic, for one input and one output. In the states
 * x_t = (Re e^{at}, Im e^{at}) of `RealBalanced` the readout is c A^t = M x_t with a symmetric M, so that the left
 * basis is M times the right one, V: real and imaginary parts of sum_t x_t e^{bt}. The next poles are the eigenvalues of
 * (V^T M V)^{-1} V^T M A V; as everywhere A - I is projected (see `dynamicsOf`).
 * @param poles reduced log-poles with Im in [0, pi]; the ends are real poles, all others stand for conjugate pairs
 * @returns all new poles, both of each pair; undefined where the projection does not exist
 */
export function realProjection(full: FullModes, poles: ComplexVector): ComplexVector | undefined {
  const dynamics = hotLoops().projectedDynamics(full, poles);
  return dynamics === undefined ? undefined : polesOf(dynamics, 'discrete');
}

/** The new poles of `realProjection` as eigenvalues of A - I. */
export function projectedDynamics(
  full: FullModes,
  poles: ComplexVector,
): ComplexVector | undefined {
  const basis = realBasis(full, poles);
  const order = basis.length;
  if (order === 0) return undefined;
  const images = basis.map((v) => readout(full, v));
  const dynamics = dynamicsOf(full.poles, 'discrete');
  const steps = basis.map((v) => readout(full, step(dynamics, v)));
  const gram = Matrix.zeros(order, order);
  const next = Matrix.zeros(order, order);
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      const [g, h] = [dot(basis[i], images[j]), dot(basis[i], steps[j])];
      gram.set(i, j, g);
      gram.set(j, i, g);
      next.set(i, j, h);
      next.set(j, i, h);
    }
  }
  let A: Matrix;
  try {
    A = solve(gram, next);
  } catch {
    return undefined;
  }
  if (!A.to1DArray().every(Number.isFinite)) return undefined;
  return eigenvalues(Float64Array.from(A.to1DArray()), order);
}

/** Whether a log-pole of phase y belongs to a real pole e^a. */
function isReal(y: number): boolean {
  return y === 0 || Math.abs(y) === Math.PI;
}

const sums = new Float64Array(4);

/** Orthonormal real basis of sum_t x_t e^{bt} and its conjugate for every pole b. */
function realBasis(full: FullModes, poles: ComplexVector): Float64Array[] {
  const count = full.poles.count;
  const probes = poleSetOf(poles, full.poles.horizon);
  const basis: Float64Array[] = [];
  for (let j = 0; j < probes.count; j++) {
    const [re, im] = [new Float64Array(2 * count), new Float64Array(2 * count)];
    for (let i = 0; i < count; i++) {
      pairSums(probes, j, full.poles, i, 0, sums, 0, 2);
      // (T + conj S) / 2 and (T - conj S) / 2i
      re[2 * i] = sums[2] + sums[0];
      im[2 * i] = sums[3] - sums[1];
      re[2 * i + 1] = sums[3] + sums[1];
      im[2 * i + 1] = sums[0] - sums[2];
    }
    addOrthonormal(basis, re);
    if (!isReal(poles.im[j])) addOrthonormal(basis, im);
  }
  return basis;
}

/** Gram-Schmidt, twice. */
function addOrthonormal(basis: Float64Array[], v: Float64Array): void {
  const length = Math.sqrt(dot(v, v));
  for (let pass = 0; pass < 2; pass++) {
    for (const u of basis) {
      const c = dot(u, v);
      for (let i = 0; i < v.length; i++) v[i] -= c * u[i];
    }
  }
  const rest = Math.sqrt(dot(v, v));
  if (!(rest > dependent * length)) return;
  for (let i = 0; i < v.length; i++) v[i] /= rest;
  basis.push(v);
}

/** (A - I) v */
function step({ re, im }: ComplexVector, v: Float64Array): Float64Array {
  const out = new Float64Array(v.length);
  for (let i = 0; i < re.length; i++) {
    const [x, y, c, s] = [v[2 * i], v[2 * i + 1], re[i], im[i]];
    out[2 * i] = c * x - s * y;
    out[2 * i + 1] = s * x + c * y;
  }
  return out;
}

/** M v */
function readout({ weightRe, weightIm }: FullModes, v: Float64Array): Float64Array {
  const out = new Float64Array(v.length);
  for (let i = 0; i < weightRe.length; i++) {
    const [x, y, p, q] = [v[2 * i], v[2 * i + 1], weightRe[i], weightIm[i]];
    out[2 * i] = p * x - q * y;
    out[2 * i + 1] = -q * x - p * y;
  }
  return out;
}

function dot(u: Float64Array, v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += u[i] * v[i];
  return sum;
}

/** One pole of each conjugate pair and the real ones, phases in [0, pi]. */
export function upperHalf({ re, im }: ComplexVector): ComplexVector {
  const phases = im.map(wrapPhase);
  const kept = Array.from(phases.keys()).filter(
    (i) => !(phases[i] < 0) || !phases.includes(-phases[i]),
  );
  return {
    re: Float64Array.from(kept, (i) => re[i]),
    im: Float64Array.from(kept, (i) => Math.abs(phases[i])),
  };
}

/** All poles of a real system, both of each pair, as at most `slots` slots. */
export function asSlots(target: Target, { re, im }: ComplexVector, slots: number): ComplexVector {
  const size = Array.from(re, (x) => Math.exp(x));
  return fitIntoSlots(
    target,
    size.map((z, i) => z * Math.cos(im[i])),
    size.map((z, i) => (isReal(im[i]) ? 0 : z * Math.sin(im[i]))),
    slots,
  ).poles;
}
