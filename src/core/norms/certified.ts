import { SsmError } from '../errors';
import type { ModalSystem } from '../systems/modal';
import { addKernel } from './kernel';

/** Unit roundoff of float64. */
const u = 2 ** -53;

/**
 * Rounding allowed for, in units of u, when a mode's value at time t is computed: a part for the functions exp, sin and
 * cos (taken to be within 4 units), the products and the sum over the modes, plus what the parameters themselves may be
 * off, since log-poles and weights come from a family's formula in float64 (a handful of operations each, 4 units
 * apiece); and a part that grows with |a| t, the argument of exp, sin and cos: 1 unit from forming the argument, 8 from
 * the log-pole's own formula.
 */
const fixedUlps = 64;
const ulpsPerPhase = 16;

/** Above this many steps the norm is not summed term by term. */
const directLimit = 1 << 22;

/**
 * An upper bound, rounding included, of the h² norm over the horizon of the real kernel of `original` minus that of
 * `reduced` (math reference, 8.3):
 *     || sqrt( sum_t (|e_t| + eta_t)² ) ||,  eta_t = u sum_m |W_m| e^{Re A_m t} (c0 + n + c1 |A_m| t),
 * over the modes of both systems, with the modes' own tails added where the horizon is longer than the sum:
 *     tail <= sum_m |W_m| e^{Re A_m T} / sqrt(1 - e^{2 Re A_m}).
 * @param horizon steps, an integer >= 1, or Infinity
 * @throws SsmError `unstable` if the sum has to be cut (infinite or very long horizon) and a mode does not decay
 */
export function certifiedError(
  original: ModalSystem,
  reduced: ModalSystem,
  horizon: number,
): number {
  const { error, eta } = differenceWithRounding(original, reduced, horizon);
  const length = error.length;
  for (let t = 0; t < length; t++) error[t] = Math.abs(error[t]) + eta[t];
  const summed = scaledNorm(error) * (1 + 4 * (length + 8) * u);
  return length < horizon ? (summed + tail([original, reduced], length)) * (1 + 8 * u) : summed;
}

/**
 * A lower bound, rounding included, of the h² norm of a system's real kernel over the horizon; within rounding of it.
 * An upper bound of an error divided by this is an upper bound of the relative error.
 */
export function h2NormBelow(system: ModalSystem, horizon: number): number {
  const { error, eta } = differenceWithRounding(system, nothing, horizon);
  for (let t = 0; t < error.length; t++) error[t] = Math.max(0, Math.abs(error[t]) - eta[t]);
  return scaledNorm(error) * (1 - 4 * (error.length + 8) * u);
}

/** h² norm of a system's real kernel over the horizon, as an upper bound like `certifiedError`. */
export function h2Norm(system: ModalSystem, horizon: number): number {
  return certifiedError(system, nothing, horizon);
}

const empty = { re: new Float64Array(0), im: new Float64Array(0) };
/** The system without modes. */
const nothing: ModalSystem = { poles: empty, weights: empty, step: 1 };

/** The difference of two kernels over the steps that are summed, and the bound eta of its rounding. */
function differenceWithRounding(
  original: ModalSystem,
  reduced: ModalSystem,
  horizon: number,
): { readonly error: Float64Array; readonly eta: Float64Array } {
  const length = summedLength([original, reduced], horizon);
  const error = new Float64Array(length);
  const modes = original.poles.re.length + reduced.poles.re.length;
  const rounding = {
    bound: new Float64Array(length),
    ulps: fixedUlps + modes,
    perStep: ulpsPerPhase,
  };
  addKernel(original, 1, error, rounding);
  addKernel(reduced, -1, error, rounding);
  const eta = rounding.bound;
  for (let t = 0; t < length; t++) eta[t] *= u;
  return { error, eta };
}

/** Root of the sum of squares of numbers that are not negative, scaled so that tiny ones do not underflow. */
function scaledNorm(values: Float64Array): number {
  let largest = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) throw notFinite();
    largest = Math.max(largest, value);
  }
  if (largest === 0) return 0;
  let sum = 0;
  for (const value of values) sum += (value / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** How many steps to sum: the horizon, or until the slowest mode is below 1e-18 of its start if that is earlier. */
function summedLength(systems: readonly ModalSystem[], horizon: number): number {
  if (horizon <= 4096) return horizon;
  let slowest = -Infinity;
  for (const { poles } of systems) for (const x of poles.re) slowest = Math.max(slowest, x);
  const decayed = slowest < 0 ? Math.ceil(-42 / slowest) : slowest === -Infinity ? 1 : Infinity;
  return Math.min(horizon, Math.max(Math.min(decayed, directLimit), 1));
}

/** Bound of the h² norm of everything from time `from` on, mode by mode. */
function tail(systems: readonly ModalSystem[], from: number): number {
  let sum = 0;
  for (const { poles, weights } of systems) {
    for (let m = 0; m < poles.re.length; m++) {
      const x = poles.re[m];
      const modulus = Math.hypot(weights.re[m], weights.im[m]);
      if (modulus === 0) continue;
      if (!(x < 0)) {
        throw new SsmError(
          'unstable',
          'A mode that does not decay has no bound over this horizon.',
        );
      }
      // the exponent x from carries from |x| units of rounding and 16 more of the parameter's
      const widened = Math.exp(x * from * (1 - 32 * u));
      sum += (modulus * widened) / Math.sqrt(-Math.expm1(2 * x));
    }
  }
  return sum * (1 + 256 * u);
}

function notFinite(): SsmError {
  return new SsmError('bad-parameters', 'The impulse response is not finite.');
}
