import { SsmError } from '../errors';
import type { ComplexVector } from '../linalg/complex';
import type { DiagonalSystem } from './diagonal';
import type { ModalSystem } from './modal';
import type { TimeSpan } from './timeSpan';

/** Below this Re a, exp(a) is 0 in double precision: the log-pole that stands for a discrete pole at 0. */
export const poleFloor = -750;

/**
 * Log-poles with Re a raised to -750 where they lie below, -Infinity included: exp(-750) is 0, so a discrete pole at 0
 * keeps its response w, 0, 0, … while every sum over it stays finite. The same vector where nothing changes.
 */
export function floorLogPoles(poles: ComplexVector): ComplexVector {
  if (poles.re.every((x) => x >= poleFloor)) return poles;
  return {
    re: poles.re.map((x) => (x < poleFloor ? poleFloor : x)),
    im: poles.im.map((y, k) => (poles.re[k] < poleFloor ? 0 : y)),
  };
}

/** Throws `bad-request` unless the horizon fits its time axis: tau > 0, L an integer >= 1; Infinity always. */
export function checkSpan({ time, horizon }: TimeSpan): void {
  if (horizon === Infinity) return;
  if (time === 'discrete' && !(Number.isInteger(horizon) && horizon >= 1)) {
    throw new SsmError(
      'bad-request',
      `The horizon must be a whole number of steps, 1 or more; it is ${horizon}.`,
    );
  }
  if (!(Number.isFinite(horizon) && horizon > 0)) {
    throw new SsmError('bad-request', `The horizon must be positive; it is ${horizon}.`);
  }
}

/** Throws `bad-request` unless 1 <= order <= largest and order is an integer. */
export function checkOrder(order: number, largest: number): void {
  if (!(Number.isInteger(order) && order >= 1 && order <= largest)) {
    throw new SsmError(
      'bad-request',
      `The reduced order must be a whole number from 1 to ${largest}; it is ${order}.`,
    );
  }
}

/** Throws `bad-request` for an empty batch. */
export function checkCount(count: number): void {
  if (!(count >= 1)) throw new SsmError('bad-request', 'There is no system to reduce.');
}

/** Throws `bad-parameters` where sizes disagree or a number is not finite, `unstable` where some Re pole >= 0. */
export function checkDiagonal(system: DiagonalSystem): void {
  const { poles, B, C } = system;
  const n = poles.re.length;
  if (n === 0) throw new SsmError('bad-parameters', 'The system has no poles.');
  if (B.rows !== n || C.cols !== n || poles.im.length !== n) {
    throw new SsmError(
      'bad-parameters',
      `The sizes disagree: ${n} poles, ${B.rows} rows of B, ${C.cols} columns of C.`,
    );
  }
  if (B.cols === 0 || C.rows === 0) {
    throw new SsmError('bad-parameters', 'The system has no input or no output.');
  }
  if (![B.re, B.im, C.re, C.im, poles.re, poles.im].every((part) => part.every(Number.isFinite))) {
    throw new SsmError('bad-parameters', 'The system holds numbers that are not finite.');
  }
  checkStable(poles);
}

/** Throws `unstable` where some Re pole >= 0. */
export function checkStable(poles: ComplexVector): void {
  const at = poles.re.findIndex((x) => !(x < 0));
  if (at >= 0) {
    throw new SsmError(
      'unstable',
      `Pole ${at + 1} of ${poles.re.length} is not stable: the real part of its logarithm is ${poles.re[at]}.`,
    );
  }
}

/**
 * A network layer's system ready for computation: checked (`bad-parameters`, `unstable`) and with poles at 0 floored,
 * see `floorLogPoles`.
 */
export function checkedModal(system: ModalSystem): ModalSystem {
  const { weights, step } = system;
  const n = system.poles.re.length;
  if (n === 0) throw new SsmError('bad-parameters', 'The system has no poles.');
  if (system.poles.im.length !== n || weights.re.length !== n || weights.im.length !== n) {
    throw new SsmError(
      'bad-parameters',
      `The sizes disagree: ${n} poles, ${weights.re.length} weights.`,
    );
  }
  const poles = floorLogPoles(system.poles);
  const parts = [poles.re, poles.im, weights.re, weights.im, Float64Array.of(step)];
  if (!parts.every((part) => part.every(Number.isFinite))) {
    throw new SsmError('bad-parameters', 'The system holds numbers that are not finite.');
  }
  if (!(step > 0))
    throw new SsmError('bad-parameters', `The step must be positive; it is ${step}.`);
  checkStable(poles);
  return { poles, weights, step };
}
