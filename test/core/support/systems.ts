import type { ModalSystem } from '../../../src/core/systems/modal';
import { generator } from './golden';

/** An S4D-Lin layer system: lambda = -1/2 + i pi n, zero-order-hold size of the weights, random C. */
export function s4dLin(n: number, step: number, seed: number): ModalSystem {
  const next = generator(seed);
  const re = Float64Array.from({ length: n }, () => -0.5 * step);
  const im = Float64Array.from({ length: n }, (_, k) => Math.PI * k * step);
  const weights = { re: re.map(() => step * next()), im: re.map(() => step * next()) };
  return { poles: { re, im }, weights, step };
}

/** Poles spread over the stable strip, as a trained layer may have them. */
export function scattered(n: number, seed: number): ModalSystem {
  const next = generator(seed);
  const re = Float64Array.from({ length: n }, () => -Math.exp(3 * next() - 3));
  const im = Float64Array.from({ length: n }, () => (Math.PI / 2) * (1 + next()));
  const weights = { re: re.map(() => next()), im: re.map(() => next()) };
  return { poles: { re, im }, weights, step: 0.01 };
}
