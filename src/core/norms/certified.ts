import { SsmError } from '../errors';
import { discreteSums } from '../scalars';
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
  if (length === horizon) return summed;
  return Math.hypot(summed, tail([original, reduced], length)) * (1 + 8 * u);
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

/**
 * Bound of the h² norm of the difference from time `from` on: the smaller of two. Mode by mode,
 *     sum_m |W_m| e^{Re A_m T} / sqrt(1 - e^{2 Re A_m}),
 * or in closed form over all pairs of modes, J = 1/2 Re sum_ij [ conj(V_i) V_j S(conj A_i + A_j) + V_i V_j S(A_i + A_j) ]
 * with V = W e^{AT}, plus a bound of its rounding.
 */
function tail(systems: readonly ModalSystem[], from: number): number {
  const modes = systems
    .flatMap(({ poles, weights }, s) =>
      Array.from(poles.re, (x, m) =>
        decayedMode(s, x, poles.im[m], weights.re[m], weights.im[m], from),
      ),
    )
    .filter(({ size }) => size > 0);
  const modeByMode = modes.reduce(
    (sum, { x, size }) => sum + size / Math.sqrt(-Math.expm1(2 * x)),
    0,
  );
  const closed = pairTail(modes);
  return Math.min(modeByMode * (1 + 256 * u), Math.sqrt(closed) * (1 + 8 * u));
}

interface DecayedMode {
  readonly x: number;
  readonly y: number;
  /** V = W e^{AT} and an upper bound of its modulus. */
  readonly re: number;
  readonly im: number;
  readonly size: number;
  /** Rounding of V relative to its modulus, in units of u. */
  readonly ulps: number;
}

function decayedMode(
  sign: number,
  x: number,
  y: number,
  wr: number,
  wi: number,
  from: number,
): DecayedMode {
  const modulus = Math.hypot(wr, wi);
  if (modulus > 0 && !(x < 0)) {
    throw new SsmError('unstable', 'A mode that does not decay has no bound over this horizon.');
  }
  const ulps = fixedUlps + ulpsPerPhase * (Math.abs(x) + Math.abs(y)) * from;
  const decay = Math.exp(Math.max(x, -750) * from) * (sign === 0 ? 1 : -1);
  const [c, s] = [decay * Math.cos(y * from), decay * Math.sin(y * from)];
  const size = modulus * Math.abs(decay) * (1 + ulps * u);
  return { x: Math.max(x, -750), y, re: wr * c - wi * s, im: wr * s + wi * c, size, ulps };
}

/** The closed form over all pairs of modes from now on, with a bound of its rounding added. */
function pairTail(modes: readonly DecayedMode[]): number {
  const sums = new Float64Array(2);
  let value = 0;
  let rounding = 0;
  for (const p of modes) {
    for (const q of modes) {
      const x = p.x + q.x;
      for (const sign of [-1, 1]) {
        const y = sign * p.y + q.y;
        discreteSums(x, y, Infinity, 0, sums, 0);
        const vr = p.re * q.re - sign * p.im * q.im;
        const vi = p.re * q.im + sign * p.im * q.re;
        value += vr * sums[0] - vi * sums[1];
        // S = -1 / (e^a - 1) answers a relative change of a with at most |a| |e^a| / |e^a - 1|, and the
        // parameters leave each log-pole uncertain by a few units of its own size
        const modulus = Math.hypot(sums[0], sums[1]);
        const sizes = Math.abs(p.x) + Math.abs(p.y) + Math.abs(q.x) + Math.abs(q.y);
        const ulps =
          fixedUlps + p.ulps + q.ulps + modes.length + ulpsPerPhase * sizes * (1 + modulus);
        rounding += p.size * q.size * modulus * ulps;
      }
    }
  }
  return (Math.max(0, value) + u * rounding) / 2;
}

function notFinite(): SsmError {
  return new SsmError('bad-parameters', 'The impulse response is not finite.');
}
