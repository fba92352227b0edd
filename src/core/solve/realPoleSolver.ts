import { SsmError } from '../errors';
import { certifiedError } from '../norms/certified';
import { type DecayTarget, decayProjection, decayTarget } from '../objective/decayProjection';
import { createTarget } from '../objective/varpro';
import {
  balancedDecays,
  decayGrid,
  eliminatedDecays,
  energyDecays,
  withBestDecay,
} from '../start/decayStarts';
import { balanceReal } from '../start/realBalanced';
import { checkOrder, checkSpan, checkedModal } from '../systems/check';
import type { ModalSystem } from '../systems/modal';
import { discrete } from '../systems/timeSpan';
import { type NewtonPoint, type NewtonProblem, boundedNewton } from './boundedNewton';
import { fastestDecay, slowestDecay } from './newtonSearch';
import type { SystemReduction } from './reduce';
import type { ReductionRequest } from './solver';

/** Bounds the weights while searching, and in what is stored. */
const searchRidge = 1e-10;
const finalRidge = 1e-14;
const leastGain = 1e-4;

/**
 * Reduces a kernel of real decaying modes, k_t = sum_n w_n e^{a_n t} with real weights (Mega's moving average), to
 * `slots` of them: variable projection and Newton's method over the logarithms of the decay rates from several starts,
 * then swaps. Poles that meet merge: the ridge keeps their weights from growing against each other. The result is
 * never worse than a start.
 * @throws SsmError `bad-request` for a solver that knows complex poles only, `bad-parameters`, `unstable`
 */
export function reduceRealPoles(given: ModalSystem, request: ReductionRequest): SystemReduction {
  const { slots, horizon, solver } = request;
  checkSpan(discrete(horizon));
  const system = checkedModal(given);
  checkOrder(slots, system.poles.re.length);
  if (solver !== 'newton' && solver !== 'balanced') {
    throw new SsmError(
      'bad-request',
      'This layer stores real poles only; the method asked for finds complex ones. Choose newton or balanced.',
    );
  }
  if (![...system.poles.im, ...system.weights.im].every((part) => part === 0)) {
    throw new SsmError('bad-parameters', 'Poles and weights of this layer must be real.');
  }
  const largest = system.weights.re.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  const weights = system.weights.re.map((w) => (largest > 0 ? w / largest : 0));
  const target = decayTarget(system.poles.re, weights, horizon);
  if (!(target.norm2 > 0) || slots === weights.length) return unchanged(system, slots, horizon);
  const im = new Float64Array(weights.length);
  const balanced = balanceReal(createTarget({ ...system, weights: { re: weights, im } }, horizon));
  const spare = eliminatedDecays(target, slots);
  const missing = balancedDecays(balanced, slots);
  const starts: Start[] = [
    { name: 'balanced truncation', poles: filled(missing, spare, slots) },
    { name: 'backward elimination', poles: spare },
    { name: 'modal truncation', poles: energyDecays(target, slots) },
  ];
  const found = solver === 'balanced' ? settled(target, starts[0]) : search(target, slots, starts);
  const hankel = balanced.values.subarray(0, weights.length);
  return {
    poles: { re: found.point.x.map((x) => -Math.exp(x)), im: new Float64Array(slots) },
    weights: { re: found.weights.map((w) => w * largest), im: new Float64Array(slots) },
    trace: {
      start: found.name,
      stop: found.point.stop,
      objective: found.point.history.map((value) => value * largest * largest),
      notes: [],
    },
    hankelSingularValues: hankel.map((value) => Math.abs(value) * largest),
  };
}

interface Start {
  readonly name: string;
  readonly poles: Float64Array;
}

interface Found {
  readonly name: string;
  readonly point: NewtonPoint;
  readonly weights: Float64Array;
}

/** Kernels without any response, and requests for all poles, keep what they have. */
function unchanged(system: ModalSystem, slots: number, horizon: number): SystemReduction {
  const lead = (part: Float64Array): Float64Array => part.slice(0, slots);
  const hankel = balanceReal(createTarget(system, horizon)).values.subarray(0, slots);
  return {
    poles: { re: lead(system.poles.re), im: lead(system.poles.im) },
    weights: { re: lead(system.weights.re), im: lead(system.weights.im) },
    trace: { start: 'the system itself', stop: 'exact', objective: [0], notes: [] },
    hankelSingularValues: hankel.map(Math.abs),
  };
}

function filled(poles: Float64Array, spare: Float64Array, slots: number): Float64Array {
  return Float64Array.of(...poles, ...spare).slice(0, slots);
}

function problemOf(target: DecayTarget, r: number, ridge: number) {
  const projection = decayProjection(target, r, ridge);
  const slowestMode = target.poles.reduce((most, a) => Math.max(most, a / 2), slowestDecay);
  const [slowest, fastest] = [Math.log(-slowestMode), Math.log(-fastestDecay)];
  const problem: NewtonProblem = {
    size: r,
    norm2: target.norm2,
    value: (x) => projection.value(x),
    derivatives: (x, gradient, hessian) => projection.derivatives(x, gradient, hessian),
    fold(x) {
      for (let j = 0; j < r; j++) x[j] = Math.min(Math.max(x[j], slowest), fastest);
    },
    scales(_, out) {
      out.fill(1);
    },
    held: (x, gradient, k) =>
      (x[k] <= slowest && gradient[k] > 0) || (x[k] >= fastest && gradient[k] < 0),
  };
  return { problem, projection };
}

/** The best weights at a start. */
function settled(target: DecayTarget, { name, poles }: Start): Found {
  const { problem, projection } = problemOf(target, poles.length, finalRidge);
  const point = boundedNewton(
    problem,
    poles.map((b) => Math.log(-b)),
    0,
  );
  return { name, point: { ...point, stop: 'converged' }, weights: projection.weights.slice() };
}

function search(target: DecayTarget, r: number, starts: readonly Start[]): Found {
  const { problem } = problemOf(target, r, searchRidge);
  const grid = decayGrid(target);
  const from = ({ name, poles }: Start): { name: string; point: NewtonPoint } => ({
    name,
    point: boundedNewton(
      problem,
      poles.map((b) => Math.log(-b)),
      60,
    ),
  });
  const all = [...starts, { name: 'greedy', poles: greedy(target, grid, r) }];
  let best = all.map(from).reduce((p, q) => (q.point.value < p.point.value ? q : p));
  for (let j = 0; j < r; j++) {
    const poles = best.point.x.map((x) => -Math.exp(x)).filter((_, k) => k !== j);
    const swapped = from({ name: best.name, poles: withBestDecay(target, poles, grid) });
    if (!(swapped.point.value < (1 - leastGain) * best.point.value)) continue;
    const history = [...best.point.history, swapped.point.value];
    best = { name: best.name, point: { ...swapped.point, history } };
  }
  const polished = finish(target, best.name, best.point);
  return closest(target, [polished, ...all.map((start) => settled(target, start))]);
}

function greedy(target: DecayTarget, grid: Float64Array, r: number): Float64Array {
  let poles = new Float64Array(0);
  while (poles.length < r) {
    poles = Float64Array.from(withBestDecay(target, poles, grid));
    const { problem } = problemOf(target, poles.length, searchRidge);
    poles = Float64Array.from(
      boundedNewton(
        problem,
        poles.map((b) => Math.log(-b)),
        3,
      ).x,
      (x) => -Math.exp(x),
    );
  }
  return poles;
}

/** A few steps more with hardly any ridge. */
function finish(target: DecayTarget, name: string, from: NewtonPoint): Found {
  const { problem, projection } = problemOf(target, from.x.length, finalRidge);
  const found = boundedNewton(problem, from.x, 20);
  projection.value(found.x);
  const history = [...from.history, ...found.history.slice(1)];
  return { name, point: { ...found, history }, weights: projection.weights.slice() };
}

/** The longest horizon over which kernels are compared step by step. */
const directLimit = 1 << 17;
/** e^{-42} lies below the rounding of 1. */
const decayed = 42;
/** Below this share of the squared norm the closed form of the error is rounding noise (math reference, 8.1). */
const closedFormLimit = 1e-6;

/** The first unless errors are below what the closed form resolves: then the best by comparison of the kernels. */
function closest(target: DecayTarget, contenders: readonly Found[]): Found {
  const [first] = contenders;
  const slowest = target.poles.reduce((most, a) => Math.max(most, a), -Infinity);
  const length = Math.min(target.horizon, decayed / -slowest);
  if (first.point.value > closedFormLimit * target.norm2 || length > directLimit) {
    return first;
  }
  const modes = (re: Float64Array, weights: Float64Array): ModalSystem => ({
    poles: { re, im: new Float64Array(re.length) },
    weights: { re: weights, im: new Float64Array(re.length) },
    step: 1,
  });
  const full = modes(target.poles, target.weights);
  const errors = contenders.map(({ point, weights }) =>
    weights.every(Number.isFinite)
      ? certifiedError(
          full,
          modes(
            point.x.map((x) => -Math.exp(x)),
            weights,
          ),
          target.horizon,
        )
      : Infinity,
  );
  return contenders[errors.indexOf(Math.min(...errors))];
}
