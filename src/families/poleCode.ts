import { type ComplexVector, complexVector } from '../core/linalg/complex';
import type { TensorValues } from '../formats/tensor';
import { type Transform, applyTransform, undoTransform } from './transforms';
import { roundToStored } from './values';

/** How a version of S4 stores poles: A = -f(real) + i sign g(imaginary). */
export interface PoleCode {
  readonly real: Transform;
  readonly imaginary: Transform;
  readonly imaginarySign: 1 | -1;
  /** What `relu` adds. */
  readonly reluOffset: number;
}

/** Poles from their stored parts; real ones where there are no imaginary parts. */
export function decodePoles(
  code: PoleCode,
  real: Float64Array,
  imaginary: Float64Array | undefined,
): ComplexVector {
  const { reluOffset, imaginarySign } = code;
  return {
    re: real.map((stored) => -applyTransform(code.real, stored, reluOffset)),
    im:
      imaginary?.map(
        (stored) => imaginarySign * applyTransform(code.imaginary, stored, reluOffset),
      ) ?? new Float64Array(real.length),
  };
}

export interface EncodedPoles {
  readonly real: Float64Array;
  /** Zeros where no tensor for them was given. */
  readonly imaginary: Float64Array;
  /** The poles as stored, after rounding. */
  readonly poles: ComplexVector;
}

/** The stored parts of poles, rounded to the element types of their tensors. */
export function encodePoles(
  code: PoleCode,
  { re, im }: ComplexVector,
  realTensor: TensorValues,
  imaginaryTensor: TensorValues | undefined,
): EncodedPoles {
  const { reluOffset, imaginarySign } = code;
  const real = re.map((x) => roundToStored(undoTransform(code.real, -x, reluOffset), realTensor));
  if (imaginaryTensor === undefined) {
    const { re: decoded, im: zeros } = decodePoles(code, real, undefined);
    return { real, imaginary: zeros, poles: { re: decoded, im: zeros } };
  }
  const imaginary = im.map((y) =>
    roundToStored(undoTransform(code.imaginary, imaginarySign * y, reluOffset), imaginaryTensor),
  );
  return { real, imaginary, poles: decodePoles(code, real, imaginary) };
}

/** Interleaved pairs as a vector; real numbers where `pairs` is false. */
export function complexValues(values: Float64Array, pairs = true): ComplexVector {
  if (!pairs) return { re: values, im: new Float64Array(values.length) };
  const result = complexVector(values.length / 2);
  for (let k = 0; k < result.re.length; k++) {
    result.re[k] = values[2 * k];
    result.im[k] = values[2 * k + 1];
  }
  return result;
}

/** Ones, as interleaved pairs or as they are. */
export function interleavedOnes(count: number, pairs = true): Float64Array {
  const re = new Float64Array(count).fill(1);
  return interleaved({ re, im: new Float64Array(count) }, pairs);
}

/** A vector as interleaved pairs; its real parts alone where `pairs` is false. */
export function interleaved({ re, im }: ComplexVector, pairs = true): Float64Array {
  if (!pairs) return re;
  const values = new Float64Array(2 * re.length);
  for (let k = 0; k < re.length; k++) {
    values[2 * k] = re[k];
    values[2 * k + 1] = im[k];
  }
  return values;
}
