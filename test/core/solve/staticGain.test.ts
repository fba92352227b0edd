import { Matrix, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { uniform } from '../../../src/core/random';
import { refitWeights } from '../../../src/core/solve/refitWeights';
import { staticGain, weightsWithStaticGain } from '../../../src/core/solve/staticGain';
import type { ModalSystem } from '../../../src/core/systems/modal';

/** Against the same problem written out in time: columns, kernel and the conditions of optimality as one linear system. */

function system(seed: number, slots: number, real = false): ModalSystem {
  const next = uniform(seed);
  const numbers = (of: () => number): Float64Array => Float64Array.from({ length: slots }, of);
  return {
    poles: {
      re: numbers(() => -0.01 - 0.3 * next()),
      im: real ? new Float64Array(slots) : numbers(() => 2 * next()),
    },
    weights: {
      re: numbers(() => next() - 0.5),
      im: real ? new Float64Array(slots) : numbers(() => next() - 0.5),
    },
    step: 1,
  };
}

function kernel({ poles, weights }: ModalSystem, horizon: number): number[] {
  return Array.from({ length: horizon }, (_, t) =>
    poles.re.reduce((sum, x, n) => {
      const [c, s] = [Math.cos(poles.im[n] * t), Math.sin(poles.im[n] * t)];
      return sum + Math.exp(x * t) * (weights.re[n] * c - weights.im[n] * s);
    }, 0),
  );
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Weights by the KKT system [2 F'F, g; g', 0] of the columns F in time. */
function reference(full: ModalSystem, { poles }: ModalSystem, horizon: number, real: boolean) {
  const r = poles.re.length;
  const unit = (j: number, imaginary: boolean): number[] => {
    const [re, im] = [new Float64Array(r), new Float64Array(r)];
    (imaginary ? im : re)[j] = 1;
    return kernel({ poles, weights: { re, im }, step: 1 }, horizon);
  };
  const slots = [...Array(r).keys()];
  const columns = [
    ...slots.map((j) => unit(j, false)),
    ...(real ? [] : slots.map((j) => unit(j, true))),
  ];
  const wanted = kernel(full, horizon);
  const n = columns.length;
  const conditions = Matrix.zeros(n + 1, n + 1);
  const right = Matrix.zeros(n + 1, 1);
  columns.forEach((a, i) => {
    columns.forEach((b, j) => conditions.set(i, j, 2 * total(a.map((x, t) => x * b[t]))));
    conditions.set(i, n, total(a));
    conditions.set(n, i, total(a));
    right.set(i, 0, 2 * total(a.map((x, t) => x * wanted[t])));
  });
  right.set(n, 0, total(wanted));
  return solve(conditions, right).to1DArray().slice(0, n);
}

describe.each([
  ['complex poles', false],
  ['real poles', true],
] as const)('weights that keep the static gain, %s', (_, real) => {
  it.each([1, 2, 3, 5])('are those of the constrained least squares, %i poles', (slots) => {
    const horizon = 60;
    const full = system(3, 8, real);
    const small = system(11, slots, real);
    const found = weightsWithStaticGain(full, small.poles, { horizon, ridge: 0, real });
    const expected = reference(full, small, horizon, real);
    const got = found && [...found.re, ...(real ? [] : found.im)];
    expect(got?.length).toBe(expected.length);
    got?.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 6);
    });
    if (real) expect(found?.im.every((x) => x === 0)).toBe(true);
    const reduced = { ...small, weights: found ?? small.weights };
    expect(total(kernel(reduced, horizon))).toBeCloseTo(total(kernel(full, horizon)), 9);
    expect(staticGain(reduced, horizon)).toBeCloseTo(total(kernel(full, horizon)), 9);
  });
});

it('the static gain over an infinite horizon is what the kernel adds up to', () => {
  const slow = system(5, 4);
  expect(staticGain(slow, Infinity)).toBeCloseTo(total(kernel(slow, 4000)), 9);
});

it('a layer keeps the gain of every kernel where that is asked for, at the cost of a larger error', () => {
  const [full, small] = [system(3, 8), system(11, 2)];
  const batch = ({ poles, weights }: ModalSystem) => ({
    ...{ count: 1, slots: poles.re.length, step: Float64Array.of(1) },
    ...{ poleRe: poles.re, poleIm: poles.im, weightRe: weights.re, weightIm: weights.im },
  });
  const layer = (one: ModalSystem) =>
    ({ kind: 'independent', poles: 'complex', batch: batch(one) }) as const;
  const horizon = 100;
  const refit = (keepStaticGain: boolean): number[] => {
    const how = { horizon, ridge: 1e-13, keepStaticGain };
    const { batch: found } = refitWeights(layer(full), layer(small), how) as ReturnType<
      typeof layer
    >;
    const weights = { re: found.weightRe, im: found.weightIm };
    return kernel({ ...small, weights }, horizon);
  };
  const wanted = kernel(full, horizon);
  const error = (values: readonly number[]): number =>
    total(values.map((value, t) => (value - wanted[t]) ** 2));
  expect(total(refit(true))).toBeCloseTo(total(wanted), 8);
  expect(total(refit(false))).not.toBeCloseTo(total(wanted), 3);
  expect(error(refit(true))).toBeGreaterThan(error(refit(false)));
});
