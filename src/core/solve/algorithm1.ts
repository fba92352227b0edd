import { throwIfCancelled } from '../errors';
import type { ComplexVector } from '../linalg/complex';
import {
  type DssExpPoint,
  dssExpObjective,
  dssExpPoint,
  dssExpPoles,
  toDssExp,
} from '../objective/dssExp';
import { norm2 } from '../objective/h2';
import { type Start, balancedModes } from '../start/balancedModes';
import { checkOrder, checkSpan, checkedModal } from '../systems/check';
import { type Modes, fromWeights } from '../systems/diagonal';
import { undoZeroOrderHold, zeroOrderHold } from '../systems/discretise';
import type { ModalSystem } from '../systems/modal';
import { continuous, discrete } from '../systems/timeSpan';
import type { ReducedSystem, SolverTrace, StopReason } from './solver';

/** Parameters of Algorithm 1; the defaults are those of the paper. */
export interface Algorithm1Options {
  /** Iterations after the start, K. */
  readonly iterations?: number;
  /** The search stops where D_k, the sum of the norms of the gradient's blocks, falls below this. */
  readonly tolerance?: number;
  /** First step tried in every iteration. */
  readonly step?: number;
  /** Factor of the step after a rejected trial. */
  readonly shrink?: number;
  /** c_1: the fraction of the predicted decrease that is asked for. */
  readonly decrease?: number;
  /**
   * The decrease asked for is c_1 alpha times the squared norm of the gradient, which a line search can always satisfy,
   * or, as printed in the paper, times D_k (math reference 1.4, item 5).
   */
  readonly armijo?: 'squared-norm' | 'paper';
  readonly signal?: AbortSignal;
}

/** A run of Algorithm 1 in its own coordinates. */
export interface Descent {
  readonly point: DssExpPoint;
  /** f at the start and after each accepted step. */
  readonly history: readonly number[];
  readonly stop: StopReason;
  /** Evaluations of f, line searches included. */
  readonly evaluations: number;
}

const mostHalvings = 60;

/**
 * Algorithm 1 of arXiv 2507.10078 for one continuous system with B = 1: gradient descent with backtracking in the
 * coordinates of DSS_EXP, in which every point is stable. f lacks the constant ||G||².
 * @param tau horizon of the objective, > 0 or Infinity
 */
export function algorithm1(
  poles: ComplexVector,
  weights: ComplexVector,
  tau: number,
  start: DssExpPoint,
  options: Algorithm1Options = {},
): Descent {
  const { iterations = 100, tolerance = 1e-3, step = 1, shrink = 0.5 } = options;
  const { decrease = 1e-4, armijo = 'squared-norm' } = options;
  const objective = dssExpObjective(poles, weights, tau);
  const gradient = dssExpPoint(start.logRate.length);
  let point = start;
  let f = objective(point, gradient);
  const history = [f];
  let evaluations = 1;
  const end = (stop: StopReason): Descent => ({ point, history, stop, evaluations });
  for (let k = 0; k < iterations; k++) {
    throwIfCancelled(options.signal);
    const [poleNorm, weightNorm] = [
      norm(gradient.logRate, gradient.frequency),
      weightNormOf(gradient),
    ];
    const blockSum = poleNorm + weightNorm;
    if (blockSum < tolerance) return end('converged');
    const slope = armijo === 'paper' ? blockSum : poleNorm ** 2 + weightNorm ** 2;
    let accepted = false;
    for (let halving = 0, alpha = step; halving <= mostHalvings; halving++, alpha *= shrink) {
      const trial = stepFrom(point, gradient, alpha);
      const value = objective(trial);
      evaluations++;
      if (!Number.isFinite(value) || value > f - decrease * alpha * slope) continue;
      point = trial;
      accepted = true;
      break;
    }
    if (!accepted) return end('no-descent');
    f = objective(point, gradient);
    history.push(f);
  }
  return end('iteration-limit');
}

function stepFrom(point: DssExpPoint, gradient: DssExpPoint, alpha: number): DssExpPoint {
  const moved = (x: Float64Array, g: Float64Array): Float64Array =>
    x.map((v, j) => v - alpha * g[j]);
  return {
    logRate: moved(point.logRate, gradient.logRate),
    frequency: moved(point.frequency, gradient.frequency),
    weights: {
      re: moved(point.weights.re, gradient.weights.re),
      im: moved(point.weights.im, gradient.weights.im),
    },
  };
}

function weightNormOf({ weights }: DssExpPoint): number {
  return norm(weights.re, weights.im);
}

function norm(x: Float64Array, y: Float64Array): number {
  return Math.sqrt(x.reduce((s, v) => s + v * v, 0) + y.reduce((s, v) => s + v * v, 0));
}

/** Options of the solver: those of the algorithm and the horizon of its objective. */
export interface Algorithm1SolverOptions extends Algorithm1Options {
  /** tau in the units of the continuous poles; by default horizon * step, the time that the network runs. */
  readonly tau?: number;
  /** Start of the search, continuous modes; by default balanced truncation over tau. */
  readonly start?: Start;
}

/**
 * Algorithm 1 on a network layer's system: its continuous poles lambda = a / step and weights C = w / (step phi1(a)),
 * the complex objective over tau, and zero-order hold back to log-poles and weights (math reference 1.6). The trace
 * holds what the method minimises and the paper plots: the squared H² error ||G||² + f over tau, which never grows.
 * @param horizon steps of the impulse response, an integer >= 1 or Infinity
 * @throws SsmError `bad-request`, `bad-parameters`, `unstable`, `cancelled`
 */
export function algorithm1Solver(
  system: ModalSystem,
  slots: number,
  horizon: number,
  options: Algorithm1SolverOptions = {},
): ReducedSystem {
  const full = checkedModal(system);
  checkSpan(discrete(horizon));
  checkOrder(slots, full.poles.re.length);
  const span = continuous(options.tau ?? horizon * full.step);
  checkSpan(span);
  const { poles, weights } = undoZeroOrderHold(full);
  const whole = fromWeights(poles, weights);
  const start = options.start ?? balancedModes(whole, slots, span, 1e-6 / full.step);
  const { point, history, stop } = algorithm1(
    poles,
    weights,
    span.horizon,
    toDssExp(start.modes.poles, start.modes.weights),
    options,
  );
  const whole2 = norm2(whole, span);
  const trace: SolverTrace = {
    start: start.name,
    stop,
    objective: history.map((f) => Math.max(0, whole2 + f)), // rounding may take it below 0
    quantity: 'continuous-H2',
    notes: [
      ...start.notes,
      `The trace is the squared error of the complex continuous response over tau = ${span.horizon}, not the discrete real error.`,
    ],
  };
  return { ...discretised(point, full.step), trace };
}

function discretised(point: DssExpPoint, step: number): Modes {
  const { poles, weights } = zeroOrderHold(
    { poles: dssExpPoles(point), weights: point.weights },
    step,
  );
  return { poles, weights };
}
