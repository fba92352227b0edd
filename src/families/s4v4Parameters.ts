import type { TensorInfo, TensorValues } from '../formats/tensor';
import type { DiagonalShape } from './diagonalLayer';
import type { HyperParameter, HyperValues } from './hyperParameters';
import type { PoleCode } from './poleCode';
import { bandLimit, fastSteps, transform } from './s4HyperParameters';
import { complexShape, hasShape } from './siblings';
import { applyTransform, transformNamed, undoTransform } from './transforms';
import { hyperValue } from './values';

/** What the diagonal and the DPLR kernel of S4 v4 have in common: steps, poles, shapes. */

export const poleHyperParameters: readonly HyperParameter[] = [
  transform('real_transform', 'Transform of the decay rates', 'exp'),
  transform('imag_transform', 'Transform of the frequencies', 'none'),
  transform('dt_transform', 'Transform of the steps', 'exp'),
  fastSteps,
  bandLimit,
];

/** A = -f(A_real) - i g(A_imag). */
export function poleCode(hyper: HyperValues): PoleCode {
  return {
    real: transformNamed(hyperValue(hyper, 'real_transform')),
    imaginary: transformNamed(hyperValue(hyper, 'imag_transform')),
    imaginarySign: -1,
    reluOffset,
  };
}

const reluOffset = 1e-4;

/** Delta from inv_dt. */
export function stepsOf(invDt: TensorValues, hyper: HyperValues): Float64Array {
  const of = transformNamed(hyperValue(hyper, 'dt_transform'));
  const fast = hyperValue(hyper, 'dt_fast') === 'true';
  return invDt.values.map((stored) =>
    applyTransform(of, fast ? Math.sinh(stored) : stored, reluOffset),
  );
}

/** inv_dt for steps. */
export function storedSteps(steps: Float64Array, hyper: HyperValues): Float64Array {
  const of = transformNamed(hyperValue(hyper, 'dt_transform'));
  const fast = hyperValue(hyper, 'dt_fast') === 'true';
  return steps.map((step) => {
    const stored = undoTransform(of, step, reluOffset);
    return fast ? Math.asinh(stored) : stored;
  });
}

/**
 * The shape of a layer from inv_dt (H, 1) or (H, n), A_real and A_imag (S, n), B (1, S, n) and C (channels, H, n);
 * undefined where they do not fit together. Without A_imag, B and C are real.
 */
export function shapeFrom(
  found: Readonly<Record<'inv_dt' | 'A_real' | 'B' | 'C', TensorInfo>>,
  imaginary: TensorInfo | undefined,
): DiagonalShape | undefined {
  const { inv_dt: dt, A_real: real, B, C } = found;
  const complex = imaginary !== undefined;
  const [shapeB, shapeC] = complex ? [complexShape(B), complexShape(C)] : [B.shape, C.shape];
  const [groups, slots] = real.shape;
  const [channels, features] = shapeC ?? [];
  const fits =
    hasShape(real.shape, [undefined, undefined]) &&
    (!complex || hasShape(imaginary.shape, [groups, slots])) &&
    hasShape(shapeB, [1, groups, slots]) &&
    hasShape(shapeC, [undefined, undefined, slots]) &&
    (hasShape(dt.shape, [features, 1]) || hasShape(dt.shape, [features, slots])) &&
    features % groups === 0;
  if (!fits) return undefined;
  return { features, channels, groups, slots, stepPerSlot: dt.shape[1] > 1 };
}
