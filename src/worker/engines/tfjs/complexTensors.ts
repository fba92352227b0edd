import type * as core from '@tensorflow/tfjs-core';
import type { Tensor, TensorContainer } from '@tensorflow/tfjs-core';

/** The module `@tensorflow/tfjs-core`, or one of those that contain it. */
export type Tf = typeof core;

/** Complex numbers as two tensors: not every back end knows them, and none divides them. */
export interface Complex {
  readonly re: Tensor;
  readonly im: Tensor;
}

export interface ComplexOps {
  add(a: Complex, b: Complex): Complex;
  sub(a: Complex, b: Complex): Complex;
  mul(a: Complex, b: Complex): Complex;
  conj(a: Complex): Complex;
  /** Times a real number or tensor. */
  scale(a: Complex, factor: Tensor | number): Complex;
  /** 1 / a */
  inverse(a: Complex): Complex;
  /** a + a real number. */
  shift(a: Complex, real: number): Complex;
  where(condition: Tensor, a: Complex, b: Complex): Complex;
  map(a: Complex, f: (part: Tensor) => Tensor): Complex;
}

export function complexOps(tf: Tf): ComplexOps {
  const map: ComplexOps['map'] = ({ re, im }, f) => ({ re: f(re), im: f(im) });
  return {
    map,
    add: (a, b) => ({ re: tf.add(a.re, b.re), im: tf.add(a.im, b.im) }),
    sub: (a, b) => ({ re: tf.sub(a.re, b.re), im: tf.sub(a.im, b.im) }),
    mul: (a, b) => ({
      re: tf.sub(tf.mul(a.re, b.re), tf.mul(a.im, b.im)),
      im: tf.add(tf.mul(a.re, b.im), tf.mul(a.im, b.re)),
    }),
    conj: ({ re, im }) => ({ re, im: tf.neg(im) }),
    scale: (a, factor) => map(a, (part) => tf.mul(part, factor)),
    inverse: ({ re, im }) => {
      const size = tf.maximum(tf.add(tf.square(re), tf.square(im)), 1e-30);
      return { re: tf.div(re, size), im: tf.div(tf.neg(im), size) };
    },
    shift: ({ re, im }, real) => ({ re: tf.add(re, real), im }),
    where: (condition, a, b) => ({
      re: tf.where(condition, a.re, b.re),
      im: tf.where(condition, a.im, b.im),
    }),
  };
}

/** Computes, and frees all tensors but those returned. */
export function tidied<T extends object>(tf: Tf, compute: () => T): T {
  return tf.tidy(compute as unknown as () => TensorContainer) as T;
}
