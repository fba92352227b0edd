import { SsmError } from '../core/errors';
import type { ComplexVector } from '../core/linalg/complex';
import { complexExpm1, phiFunctions } from '../core/scalars';
import { type ChannelSteps, logPoles } from '../core/systems/tied';
import type { HyperValue } from './hyperParameters';

/**
 * How S4 and its relatives turn continuous modes into a kernel, with x = Delta A:
 *     zoh       k_l = 2 Re sum_n W_n (e^{x_n} - 1) / A_n e^{x_n l}
 *     bilinear  k_l = 2 Re sum_n W_n Delta / (1 - x_n / 2) ((1 + x_n / 2) / (1 - x_n / 2))^l
 *     dss       k_l =   Re sum_n W_n (e^{x_n} - 1) conj(y_n) / (|y_n|^2 + 1e-7) e^{x_n l},  y = (e^{x L} - 1) A
 * The last one depends on the length L that the model is called with.
 */
export const discretisations = ['zoh', 'bilinear', 'dss'] as const;
export type Method = (typeof discretisations)[number];

export interface Discretiser {
  readonly method: Method;
  /** L, for `dss` alone. */
  readonly length: number;
}

/** The discretisation that hyper-parameters name. Throws `bad-request` for another one. */
export function discretiserNamed(
  method: HyperValue | undefined,
  length: HyperValue | undefined,
): Discretiser {
  const found = discretisations.find((name) => name === method);
  if (found === undefined) {
    throw new SsmError('bad-request', `There is no discretisation ${method ?? '(not given)'}.`);
  }
  if (found === 'dss' && !(Number(length) >= 1)) {
    throw new SsmError('bad-request', 'The DSS discretisation needs the length of the sequences.');
  }
  return { method: found, length: Number(length ?? 0) };
}

/** The discretisation as tied systems name it: how log-poles follow from shared poles. */
export function polesRule({ method }: Discretiser): 'bilinear' | 'exponential' {
  return method === 'bilinear' ? 'bilinear' : 'exponential';
}

/** Log-poles of the discrete modes for continuous poles A and a step. */
export function discretePoles(
  { method }: Discretiser,
  poles: ComplexVector,
  step: number,
): ComplexVector {
  const steps: ChannelSteps = { step, imagStep: step, bilinear: method === 'bilinear' };
  return logPoles(poles, steps);
}

/** The continuous pole A, in out[0], out[1], whose discrete log-pole is x + iy. */
export function continuousPole(
  { method }: Discretiser,
  x: number,
  y: number,
  step: number,
  out: Float64Array,
): void {
  if (method === 'bilinear') {
    // A = (2 / Delta) tanh(a / 2)
    const decay = Math.max(x, -300);
    const scale = (2 * Math.sinh(decay / 2) ** 2 + 2 * Math.cos(y / 2) ** 2) * (step / 2);
    out[0] = Math.sinh(decay) / scale;
    out[1] = Math.sin(y) / scale;
  } else {
    out[0] = x / step;
    out[1] = y / step;
  }
}

/** What a continuous weight W is multiplied by to give the discrete one, in out[0], out[1]; the factor 2 included. */
export function gain(
  { method, length }: Discretiser,
  re: number,
  im: number,
  step: number,
  out: Float64Array,
): void {
  const [x, y] = [step * re, step * im];
  switch (method) {
    case 'zoh':
      phiFunctions(x, y, 0, out, 0);
      out[0] *= 2 * step;
      out[1] *= 2 * step;
      return;
    case 'bilinear': {
      const size = (1 - x / 2) ** 2 + (y / 2) ** 2;
      out[0] = (2 * step * (1 - x / 2)) / size;
      out[1] = (step * y) / size;
      return;
    }
    case 'dss': {
      complexExpm1(x * length, y * length, out, 0);
      const [yr, yi] = [out[0] * re - out[1] * im, out[0] * im + out[1] * re];
      const size = yr * yr + yi * yi + 1e-7;
      complexExpm1(x, y, out, 0);
      const [er, ei] = [out[0], out[1]];
      out[0] = (er * yr + ei * yi) / size;
      out[1] = (ei * yr - er * yi) / size;
    }
  }
}
