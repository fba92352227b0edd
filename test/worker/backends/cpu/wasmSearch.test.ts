import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileLoops } from '../../../../scripts/compileLoops.mjs';
import { typescriptLoops, useHotLoops, type HotLoops } from '../../../../src/core/hotLoops';
import type { ComplexVector } from '../../../../src/core/linalg/complex';
import { createTarget, VariableProjection } from '../../../../src/core/objective/varpro';
import { reduceSystem } from '../../../../src/core/solve/reduce';
import type { ModalSystem } from '../../../../src/core/systems/modal';
import { createPoleSet, poleSetOf, setPole } from '../../../../src/core/systems/poleSet';
import { wasmLoops } from '../../../../src/worker/backends/cpu/wasmLoops';
import { s4dLin, scattered } from '../../../core/support/systems';

let loops: HotLoops;

beforeAll(async () => {
  loops = wasmLoops(await compileLoops());
}, 120_000);

/** Pseudo-random numbers in (-1, 1), the same at every call. */
function wave(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) * (seed + 1.7)));
}

/** How far each number of one set is from the nearest of the other, at most. */
function distance(a: ComplexVector, b: ComplexVector): number {
  expect(a.re.length).toBe(b.re.length);
  const gaps = Array.from(a.re, (x, i) =>
    b.re.reduce((least, y, j) => Math.min(least, Math.hypot(x - y, a.im[i] - b.im[j])), Infinity),
  );
  return Math.max(0, ...gaps);
}

describe('eigenvalues of a real matrix', () => {
  it('have the traces of its powers as sums of their powers, conjugates side by side', () => {
    const size = fc.integer({ min: 1, max: 16 });
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 1000 }), fc.boolean(), (n, seed, sparse) => {
        const matrix = wave(n * n, seed).map((x) => (sparse && Math.abs(x) < 0.7 ? 0 : x));
        const found = loops.eigenvalues(matrix, n);
        if (found === undefined) throw new Error('There are none.');
        const { re, im } = found;
        const pairs = Array.from(im.keys()).filter((i) => im[i] > 0);
        for (const i of pairs) expect([re[i + 1], im[i + 1]]).toEqual([re[i], -im[i]]);
        expect(im.filter((y) => y !== 0)).toHaveLength(2 * pairs.length);
        let power: Float64Array = matrix;
        for (let k = 1; k <= 3; k++) {
          let trace = 0;
          for (let i = 0; i < n; i++) trace += power[i * n + i];
          const sum = re.reduce(
            (total, x, i) => total + Math.hypot(x, im[i]) ** k * Math.cos(k * Math.atan2(im[i], x)),
            0,
          );
          expect(Math.abs(sum - trace)).toBeLessThan(1e-12 * n ** k);
          power = typescriptLoops.multiply(power, matrix, n, n, n);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are found where shifts of the ordinary kind go round in circles', () => {
    const cycle = Float64Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0);
    const half = Math.sqrt(3) / 2;
    const roots = { re: Float64Array.of(1, -0.5, -0.5), im: Float64Array.of(0, half, -half) };
    const found = loops.eigenvalues(cycle, 3);
    expect(found === undefined ? Infinity : distance(found, roots)).toBeLessThan(1e-14);
  });

  it('are none where an entry is not a number', () => {
    expect(loops.eigenvalues(Float64Array.of(1, NaN, 0, 2), 2)).toBeUndefined();
  });
});

const spans = [20, 64, 2048, Infinity];

describe('what trial poles have in common with a system', () => {
  it.each(spans)('is what the reference finds, horizon %d', (horizon) => {
    for (const [modes, count] of [
      [6, 1],
      [7, 12],
      [8, 13],
    ]) {
      const { poles, weights } = scattered(modes, count);
      // one that barely changes over the horizon
      poles.re[0] = -1e-6;
      poles.im[0] = 1e-5;
      const set = poleSetOf(poles, horizon);
      const target = { poles: set, weightRe: weights.re, weightIm: weights.im };
      const place = (from: HotLoops, allocate: HotLoops['allocate']) => {
        const c = createPoleSet(count, horizon, allocate);
        for (let i = 0; i < count; i++) {
          setPole(c, i, i === 1 ? -1e-5 : -0.1 / (i + 1), (3 * i) / count);
        }
        const [correlation, norms] = [allocate(4 * count), allocate(3 * count)];
        from.correlate(target, c, correlation, norms);
        return [...correlation, ...norms];
      };
      const ordinary = (length: number) => new Float64Array(length);
      const expected = place(typescriptLoops, ordinary);
      const found = place(loops, ordinary);
      found.forEach((value, i) => {
        const size = 1 + Math.abs(expected[i]) + Math.abs(expected[i ^ 1] ?? 0);
        expect(Math.abs(value - expected[i])).toBeLessThan(1e-11 * size);
      });
      expect(loops.scoped(() => place(loops, loops.allocate))).toEqual(found);
    }
  });
});

/** sum_{k<L} (Re sum_n w_n e^{a_n k})² of all modes given. */
function squares(horizon: number, ...parts: Pick<ModalSystem, 'poles' | 'weights'>[]): number {
  let total = 0;
  for (let k = 0; k < horizon; k++) {
    let value = 0;
    for (const { poles, weights } of parts) {
      for (let n = 0; n < poles.re.length; n++) {
        const size = Math.exp(poles.re[n] * k);
        const phase = poles.im[n] * k;
        value += size * (weights.re[n] * Math.cos(phase) - weights.im[n] * Math.sin(phase));
      }
    }
    total += value * value;
  }
  return total;
}

describe('a search for poles', () => {
  it.each(spans)('takes the steps of the reference, horizon %d', (horizon) => {
    for (const [modes, slots, seed] of [
      [8, 1, 1],
      [9, 3, 2],
      [16, 4, 3],
    ]) {
      const target = createTarget(scattered(modes, seed), horizon);
      const projection = new VariableProjection(target, slots);
      // one start lies outside of the region searched, and one on the real axis
      const start = {
        re: Float64Array.of(-0.4, 0.1, -0.02, -40).subarray(0, slots),
        im: Float64Array.of(-0.5, 1.2, 0, 9).subarray(0, slots),
      };
      // rounding grows from step to step
      for (const [steps, near] of [
        [0, 1e-10],
        [1, 1e-9],
        [6, 1e-6],
      ]) {
        const [found, expected] = [loops, typescriptLoops].map((from) =>
          from.searchPoles(projection, start, steps),
        );
        expect(found.stop).toBe(expected.stop);
        expect(found.history).toHaveLength(expected.history.length);
        found.history.forEach((value, i) => {
          expect(Math.abs(value / expected.history[i] - 1)).toBeLessThan(near);
        });
        expect(found.value).toBe(found.history[found.history.length - 1]);
        expect(distance(found.poles, expected.poles)).toBeLessThan(100 * near);
      }
    }
  });

  it('ends at a minimum whose value is the squared error', () => {
    const horizon = 300;
    const system = scattered(12, 4);
    const projection = new VariableProjection(createTarget(system, horizon), 3, 1e-14);
    const start = { re: Float64Array.of(-0.1, -0.05, -0.2), im: Float64Array.of(0.4, 1.5, 2.6) };
    const { poles, weights, value, history, stop } = loops.searchPoles(projection, start, 100, {
      value: 1e-12,
      gradient: 1e-9,
    });
    expect(stop).not.toBe('iteration-limit');
    for (let i = 1; i < history.length; i++) expect(history[i]).toBeLessThan(history[i - 1]);
    const less = { re: weights.re.map((x) => -x), im: weights.im.map((x) => -x) };
    const error = squares(horizon, system, { poles, weights: less });
    expect(value / error).toBeCloseTo(1, 10);
    const again = typescriptLoops.searchPoles(projection, poles, 100);
    expect(again.value / value).toBeCloseTo(1, 10);
  });
});

describe('a whole reduction', () => {
  afterAll(() => {
    useHotLoops(typescriptLoops);
  });

  it.each([
    ['scattered poles', scattered(14, 5), 4],
    ['an S4D-Lin layer', s4dLin(16, 0.01, 6), 5],
    ['few poles', scattered(5, 7), 4],
  ] as const)('reaches the objective of the reference: %s', (_, system, slots) => {
    const [found, expected] = [loops, typescriptLoops].map((from) => {
      useHotLoops(from);
      const request = { solver: 'newton', slots, horizon: 700 } as const;
      return reduceSystem(system, request).trace.objective.at(-1) ?? NaN;
    });
    expect(Math.abs(found / expected - 1)).toBeLessThan(1e-9);
  });
});

describe('the deletion of modes one by one', () => {
  it.each(spans)('leaves the modes that the reference leaves, horizon %d', (horizon) => {
    for (const [modes, slots, seed] of [
      [1, 1, 5],
      [9, 4, 6],
      [12, 2, 7],
      [16, 16, 8],
    ]) {
      const { poles, weights } = scattered(modes, seed);
      const set = poleSetOf(poles, horizon);
      const target = { poles: set, weightRe: weights.re, weightIm: weights.im };
      const found = loops.eliminateModes(target, slots);
      expect(found).toHaveLength(slots);
      expect(found).toEqual(typescriptLoops.eliminateModes(target, slots));
    }
  });

  it('deletes the mode without a weight first', () => {
    const { poles, weights } = scattered(5, 9);
    weights.re[2] = weights.im[2] = 0;
    const target = { poles: poleSetOf(poles, 500), weightRe: weights.re, weightIm: weights.im };
    expect(loops.eliminateModes(target, 4)).toEqual([0, 1, 3, 4]);
  });
});

describe('a step of IRKA', () => {
  it.each([64, 2048, Infinity])('ends where the reference ends, horizon %d', (horizon) => {
    for (const { poles, weights } of [s4dLin(8, 0.05, 2), scattered(7, 3), scattered(1, 4)]) {
      const set = poleSetOf(poles, horizon);
      const full = { poles: set, weightRe: weights.re, weightIm: weights.im };
      const count = Math.min(3, poles.re.length);
      const probes = {
        re: wave(count, 1).map((x) => -0.05 - 0.04 * x),
        im: Float64Array.of(0.3, Math.PI, 1.7).subarray(0, count),
      };
      const [found, expected] = [loops, typescriptLoops].map((from) =>
        from.projectedDynamics(full, probes),
      );
      if (found === undefined || expected === undefined) throw new Error('There is none.');
      expect(distance(found, expected)).toBeLessThan(1e-9);
    }
  });

  it('does not exist where the full system has no weights', () => {
    const { poles } = scattered(6, 1);
    const none = new Float64Array(6);
    const full = { poles: poleSetOf(poles, 100), weightRe: none, weightIm: none };
    const probes = { re: Float64Array.of(-0.1), im: Float64Array.of(0.5) };
    expect(typescriptLoops.projectedDynamics(full, probes)).toBeUndefined();
    expect(loops.projectedDynamics(full, probes)).toBeUndefined();
  });
});
