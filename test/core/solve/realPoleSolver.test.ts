import { describe, expect, it } from 'vitest';
import { decayProjection, decayTarget } from '../../../src/core/objective/decayProjection';
import { reduceRealPoles } from '../../../src/core/solve/realPoleSolver';
import { energyDecays } from '../../../src/core/start/decayStarts';
import type { ModalSystem } from '../../../src/core/systems/modal';
import { generator } from '../support/golden';

/** A moving average as Mega has it: decays spread over the unit interval, weights of both signs. */
function average(n: number, seed: number): ModalSystem {
  const next = generator(seed);
  const re = Float64Array.from({ length: n }, () => Math.log((1 + 0.998 * next()) / 2));
  const weights = Float64Array.from({ length: n }, () => next());
  const zero = new Float64Array(n);
  return { poles: { re, im: zero }, weights: { re: weights, im: zero }, step: 1 };
}

function kernel({ poles, weights }: Pick<ModalSystem, 'poles' | 'weights'>, length: number) {
  const states = Array.from(weights.re);
  return Array.from({ length }, () => {
    const value = states.reduce((sum, x) => sum + x, 0);
    states.forEach((x, n) => (states[n] = x * Math.exp(poles.re[n])));
    return value;
  });
}

function error2(x: readonly number[], y: readonly number[]): number {
  return x.reduce((sum, v, t) => sum + (v - y[t]) ** 2, 0);
}

/** Modal truncation with the weights solved anew by Gram-Schmidt on the kernels themselves. */
function simple(full: ModalSystem, poles: Float64Array, length: number): number {
  const basis: number[][] = [];
  let rest = kernel(full, length);
  const dot = (x: number[], y: number[]): number => x.reduce((sum, v, t) => sum + v * y[t], 0);
  for (const re of poles) {
    const im = Float64Array.of(0);
    const one = { poles: { re: Float64Array.of(re), im }, weights: { re: Float64Array.of(1), im } };
    let column = kernel(one, length);
    for (let pass = 0; pass < 2; pass++) {
      for (const b of basis) {
        const c = dot(b, column);
        column = column.map((v, t) => v - c * b[t]);
      }
    }
    const size = Math.sqrt(dot(column, column));
    const unit = column.map((v) => v / size);
    basis.push(unit);
    const c = dot(unit, rest);
    rest = rest.map((v, t) => v - c * unit[t]);
  }
  return dot(rest, rest);
}

describe('kernels of real decays', () => {
  it.each([
    [8, 3, 400, 1],
    [16, 4, 1000, 2],
    [16, 8, 1000, 3],
    [4, 1, 50, 4],
    [6, 5, Infinity, 5],
  ])(
    '%i poles to %i over %d steps: real, stable, better than modal truncation',
    (n, r, L, seed) => {
      const full = average(n, seed);
      const length = Math.min(L, 8000);
      const { poles, weights, trace, hankelSingularValues } = reduceRealPoles(full, {
        solver: 'newton',
        slots: r,
        horizon: L,
      });
      expect([...poles.im, ...weights.im].every((x) => x === 0)).toBe(true);
      expect(poles.re.every((x) => x < 0)).toBe(true);
      const k = kernel(full, length);
      const error = error2(k, kernel({ poles, weights }, length));
      const norm2 = error2(
        k,
        k.map(() => 0),
      );
      const target = decayTarget(full.poles.re, full.weights.re, L);
      const modal = simple(full, energyDecays(target, r), length);
      expect(error).toBeLessThanOrEqual(modal * 1.0001 + 1e-18 * norm2);
      const balanced = reduceRealPoles(full, { solver: 'balanced', slots: r, horizon: L });
      const settled = error2(k, kernel(balanced, length));
      expect(error).toBeLessThanOrEqual(settled * 1.0001 + 1e-18 * norm2);
      expect(Math.abs(trace.objective.at(-1)! - error) / norm2).toBeLessThan(1e-9);
      expect(hankelSingularValues.length).toBe(n);
      // the error of any r poles is at least the next Hankel singular value of the kernel over all time
      if (L === Infinity) expect(Math.sqrt(error)).toBeLessThan(hankelSingularValues[0]);
    },
  );
  it('has the gradient and the Hessian of its values', () => {
    const full = average(6, 9);
    const projection = decayProjection(decayTarget(full.poles.re, full.weights.re, 90), 3, 1e-12);
    const x = Float64Array.of(-3, -1, 0.2);
    const gradient = new Float64Array(3);
    const hessian = new Float64Array(9);
    projection.derivatives(x, gradient, hessian);
    const h = 1e-4;
    for (let k = 0; k < 3; k++) {
      const at = (offset: number): Float64Array => x.map((v, i) => (i === k ? v + offset : v));
      const slope = (projection.value(at(h)) - projection.value(at(-h))) / (2 * h);
      expect(slope).toBeCloseTo(gradient[k], 6);
      const [low, high] = [-h, h].map((offset) => {
        const g = new Float64Array(3);
        projection.derivatives(at(offset), g, new Float64Array(9));
        return g;
      });
      for (let i = 0; i < 3; i++) {
        expect((high[i] - low[i]) / (2 * h)).toBeCloseTo(hessian[k * 3 + i], 5);
      }
    }
  });
  it('finds a kernel of fewer poles exactly, and keeps the zero kernel', () => {
    const small = average(2, 6);
    const zero = new Float64Array(4);
    const full: ModalSystem = {
      poles: { re: Float64Array.of(...small.poles.re, -0.4, -0.9), im: zero },
      weights: { re: Float64Array.of(...small.weights.re, 0, 0), im: zero },
      step: 1,
    };
    const { trace } = reduceRealPoles(full, { solver: 'newton', slots: 2, horizon: 300 });
    expect(trace.objective.at(-1)).toBeLessThan(1e-12);
    const nothing = { ...full, weights: { re: zero, im: zero } };
    const kept = reduceRealPoles(nothing, { solver: 'newton', slots: 2, horizon: 300 });
    expect([...kept.weights.re]).toEqual([0, 0]);
    expect(kept.trace.stop).toBe('exact');
  });
  it('merges poles that coincide instead of letting weights grow', () => {
    const re = Float64Array.of(-0.1, -0.1 - 1e-9, -0.1 + 1e-9, -0.5);
    const weights = { re: Float64Array.of(1, 1, 1, 0.2), im: new Float64Array(4) };
    const full = { poles: { re, im: new Float64Array(4) }, weights, step: 1 };
    const found = reduceRealPoles(full, { solver: 'newton', slots: 3, horizon: 200 });
    const k = kernel(full, 200);
    expect(error2(k, kernel(found, 200))).toBeLessThan(
      1e-12 *
        error2(
          k,
          k.map(() => 0),
        ),
    );
    expect(found.weights.re.every((w) => Math.abs(w) < 10)).toBe(true);
  });
  it('refuses methods for complex poles and systems that are not real', () => {
    const full = average(4, 1);
    expect(() => reduceRealPoles(full, { solver: 'irka', slots: 2, horizon: 9 })).toThrow(
      expect.objectContaining({ reason: 'bad-request' }),
    );
    const turned = { ...full, poles: { ...full.poles, im: Float64Array.of(1, 0, 0, 0) } };
    expect(() => reduceRealPoles(turned, { solver: 'newton', slots: 2, horizon: 9 })).toThrow(
      expect.objectContaining({ reason: 'bad-parameters' }),
    );
  });
});
