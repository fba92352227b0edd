import type { ModalBatch, ModalSystem } from '../../../src/core/systems/modal';

/** Numbers in (0, 1) that depend on the seed alone. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

export function randomArray(length: number, random: () => number): Float64Array {
  return Float64Array.from({ length }, () => random() - 0.5);
}

/** A stable system with modes that are well told apart within some fifty steps. */
export function exampleSystem(seed: number, slots = 5): ModalSystem {
  const random = randomNumbers(seed);
  const array = (make: () => number): Float64Array => Float64Array.from({ length: slots }, make);
  return {
    poles: { re: array(() => -0.01 - 0.2 * random()), im: array(() => 2.5 * random()) },
    weights: { re: array(() => random() - 0.5), im: array(() => random() - 0.5) },
    step: 1,
  };
}

/** Systems of equal numbers of slots as a batch. */
export function batchOf(systems: readonly ModalSystem[]): ModalBatch {
  const join = (of: (system: ModalSystem) => Float64Array): Float64Array =>
    Float64Array.from(systems.flatMap((system) => [...of(system)]));
  return {
    count: systems.length,
    slots: systems[0].poles.re.length,
    poleRe: join(({ poles }) => poles.re),
    poleIm: join(({ poles }) => poles.im),
    weightRe: join(({ weights }) => weights.re),
    weightIm: join(({ weights }) => weights.im),
    step: Float64Array.from(systems, ({ step }) => step),
  };
}

/** The same kernel from more modes: the others have no weight. */
export function padded({ poles, weights, step }: ModalSystem, slots: number): ModalSystem {
  const fill = (x: Float64Array, value: (n: number) => number): Float64Array =>
    Float64Array.from({ length: slots }, (_, n) => (n < x.length ? x[n] : value(n)));
  return {
    poles: { re: fill(poles.re, (n) => -0.05 * n), im: fill(poles.im, (n) => 0.3 * n) },
    weights: { re: fill(weights.re, () => 0), im: fill(weights.im, () => 0) },
    step,
  };
}

/** The definition of a causal convolution, as long as the input. */
export function convolve(kernel: Float64Array, u: Float64Array): Float64Array {
  return u.map((_, t) => {
    let sum = 0;
    for (let l = 0; l <= t; l++) sum += kernel[l] * u[t - l];
    return sum;
  });
}
