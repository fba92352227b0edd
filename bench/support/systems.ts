import type { ComplexVector } from '../../src/core/linalg/complex';
import type { ModalSystem } from '../../src/core/systems/modal';

/** One system of the quality benchmark: what it is called, which kind it counts to, and the network's horizon. */
export interface BenchSystem {
  readonly kind: string;
  readonly name: string;
  readonly system: ModalSystem;
  /** L, in steps. */
  readonly horizon: number;
}

/** A complex vector as the peers write and read it: real parts, imaginary parts. */
export type Parts = readonly [readonly number[], readonly number[]];

/** The poles and weights of one system in the peers' JSON. */
export interface ModesJson {
  readonly a: Parts;
  readonly w: Parts;
}

export function toJson({ poles, weights }: ModalSystem): ModesJson {
  const parts = ({ re, im }: ComplexVector): Parts => [[...re], [...im]];
  return { a: parts(poles), w: parts(weights) };
}

export function fromJson({ a, w }: ModesJson, step: number): ModalSystem {
  const vector = ([re, im]: Parts): ComplexVector => ({
    re: Float64Array.from(re),
    im: Float64Array.from(im),
  });
  return { poles: vector(a), weights: vector(w), step };
}
