import { SsmError } from '../core/errors';
import type { HyperValue } from './hyperParameters';

/**
 * The functions under which S4 and its relatives store positive numbers (decay rates, frequencies, steps):
 * value = f(stored). `relu` may add a small constant; which, the version of the code says.
 */
export const transforms = ['exp', 'none', 'relu', 'sigmoid', 'softplus'] as const;
export type Transform = (typeof transforms)[number];

/** The transform that a hyper-parameter names. Throws `bad-request` for another one. */
export function transformNamed(name: HyperValue | undefined): Transform {
  const found = transforms.find((transform) => transform === name);
  if (found !== undefined) return found;
  throw new SsmError('bad-request', `There is no transform ${name ?? '(not given)'}.`);
}

/** f(stored); `reluOffset` is what `relu` adds. */
export function applyTransform(transform: Transform, stored: number, reluOffset = 0): number {
  switch (transform) {
    case 'none':
      return stored;
    case 'exp':
      return Math.exp(stored);
    case 'relu':
      return Math.max(stored, 0) + reluOffset;
    case 'sigmoid':
      return 1 / (1 + Math.exp(-stored));
    case 'softplus':
      return stored > 30 ? stored + Math.exp(-stored) : Math.log1p(Math.exp(stored));
  }
}

/** What stands for 0 where a transform only reaches it in the limit: its logarithm is an ordinary float32. */
const nearlyZero = 1e-38;

/**
 * What to store for a value of 0 or more, the nearest where it cannot be reached. Throws `bad-request` for values from
 * 1 up under `sigmoid`, which has no such values.
 */
export function undoTransform(transform: Transform, value: number, reluOffset = 0): number {
  const positive = Math.max(value, nearlyZero);
  switch (transform) {
    case 'none':
      return value;
    case 'exp':
      return Math.log(positive);
    case 'relu':
      return Math.max(value - reluOffset, 0);
    case 'sigmoid':
      if (value < 1) return Math.log(positive / (1 - positive));
      throw new SsmError(
        'bad-request',
        `This model stores numbers under a sigmoid, which cannot hold ${value}. Choose another order.`,
      );
    case 'softplus':
      return positive > 30
        ? positive + Math.log1p(-Math.exp(-positive))
        : Math.log(Math.expm1(positive));
  }
}
