import type { ComplexVector } from '../linalg/complex';
import { complexMatrix, sameSize } from '../linalg/matrix';
import { VariableProjection, createTarget } from '../objective/varpro';
import { balance, truncate } from '../start/balanced';
import { modalScores, largest, pickModes } from '../start/modal';
import { stableStart } from '../start/stableStart';
import { checkCount, checkOrder, checkSpan, checkedModal } from '../systems/check';
import type { DiagonalSystem } from '../systems/diagonal';
import { undoZeroOrderHold } from '../systems/discretise';
import { poleSetOf } from '../systems/poleSet';
import { type TiedSystem, channelModes, channelOf } from '../systems/tied';
import { continuous, discrete } from '../systems/timeSpan';
import type { BfgsOptions } from './bfgs';
import { type ProjectedProblem, projectedSearch } from './projectedSearch';
import type { SolverTrace } from './solver';

/** Bounds the weights where poles nearly coincide (math reference 7.1). */
const ridge = 1e-10;

export interface TiedReduction {
  readonly reduced: TiedSystem;
  /** Its objective is the sum of the channels' squared real h² errors. */
  readonly trace: SolverTrace;
}

/**
 * Reduces channels that share their continuous poles (layers such as DSS and S4 with tied state) to `order` shared poles:
 * the sum of the channels' squared real h² errors is minimised over the poles; the weights of each channel are optimal by
 * linear least squares. Starts are the balanced truncation of the channels as outputs of one continuous system and the
 * modes of most energy; see `projectedSearch`.
 * @param horizon steps of the impulse responses, an integer >= 1 or Infinity
 * @throws SsmError `bad-request`, `bad-parameters`, `unstable`, `cancelled`
 */
export function tiedSolver(
  full: TiedSystem,
  order: number,
  horizon: number,
  options: BfgsOptions = {},
): TiedReduction {
  checkSpan(discrete(horizon));
  checkCount(full.steps.length);
  sameSize(full.weights.rows, full.steps.length, 'channels');
  full.steps.forEach((_, h) => checkedModal(channelModes(full, h)));
  checkOrder(order, full.poles.re.length);
  const whole = asOutputs(full);
  const modal = pickModes(whole, largest(sharedEnergies(full, horizon), order));
  const tau = horizon * meanStep(full.steps);
  const truncated = truncate(balance(heldOutputs(full), continuous(tau)), order);
  const { system, notes } = stableStart(truncated, modal, order, 1e-6 / meanStep(full.steps));
  const starts = [
    { name: 'balanced', system },
    { name: 'modal', system: modal },
  ];
  const found = projectedSearch(tiedProblem(full, horizon), starts, notes, options);
  const { poles, C } = found.reduced;
  return { reduced: { poles, weights: C, steps: full.steps }, trace: found.trace };
}

/** The problem of reducing tied channels, for `projectedSearch` and `searchFrom`; C holds the weights, channels in rows. */
export function tiedProblem(full: TiedSystem, horizon: number): ProjectedProblem<DiagonalSystem> {
  const { steps } = full;
  const targets = Array.from(steps, (_, h) => createTarget(channelModes(full, h), horizon));
  const scaled = ({ re, im }: ComplexVector, step: number): ComplexVector => ({
    re: re.map((x) => x * step),
    im: im.map((y) => y * step),
  });
  return {
    full: asOutputs(full),
    norm2: targets.reduce((sum, target) => sum + target.norm2, 0),
    solve(poles, B) {
      const r = poles.re.length;
      const C = complexMatrix(steps.length, r);
      let value = 0;
      targets.forEach((target, h) => {
        const projection = new VariableProjection(target, r, ridge);
        value += projection.value(poleSetOf(scaled(poles, steps[h]), horizon));
        C.re.set(projection.weightRe, h * r);
        C.im.set(projection.weightIm, h * r);
      });
      return { reduced: { poles, B, C }, value };
    },
    differentiate(poles, B) {
      const r = poles.re.length;
      const gradient = { re: new Float64Array(r), im: new Float64Array(r) };
      let value = 0;
      targets.forEach((target, h) => {
        const projection = new VariableProjection(target, r, ridge);
        value += projection.derivatives(poleSetOf(scaled(poles, steps[h]), horizon));
        // the projection differentiates in log(-Re b) and Im b, b = lambda Delta_h
        for (let j = 0; j < r; j++) {
          gradient.re[j] += projection.gradient[j] / poles.re[j];
          gradient.im[j] += projection.gradient[r + j] * steps[h];
        }
      });
      return { value, gradient: { poles: gradient, B } };
    },
  };
}

/** The shared continuous poles with the channels' discrete weights as outputs. */
function asOutputs({ poles, weights }: TiedSystem): DiagonalSystem {
  const B = complexMatrix(poles.re.length, 1);
  B.re.fill(1);
  return { poles, B, C: weights };
}

/**
 * One continuous system whose squared H² error is close to the sum of the channels' discrete ones: row h holds
 * sqrt(Delta_h) times the continuous weights of channel h (math reference 1.6).
 */
function heldOutputs(full: TiedSystem): DiagonalSystem {
  const { B, C } = asOutputs(full);
  const held = complexMatrix(C.rows, C.cols);
  full.steps.forEach((step, h) => {
    const { weights } = undoZeroOrderHold(channelModes(full, h));
    held.re.set(
      weights.re.map((x) => x * Math.sqrt(step)),
      h * C.cols,
    );
    held.im.set(
      weights.im.map((y) => y * Math.sqrt(step)),
      h * C.cols,
    );
  });
  return { poles: full.poles, B, C: held };
}

/** sum_h |w_hn|² ||e^{a_hn k}||² of every shared pole. */
function sharedEnergies(full: TiedSystem, horizon: number): Float64Array {
  const energies = new Float64Array(full.poles.re.length);
  full.steps.forEach((_, h) => {
    modalScores(channelOf(full, h), discrete(horizon), 'energy').forEach((e, n) => {
      energies[n] += e;
    });
  });
  return energies;
}

/** Geometric mean. */
function meanStep(steps: Float64Array): number {
  return Math.exp(steps.reduce((sum, step) => sum + Math.log(step), 0) / steps.length);
}
