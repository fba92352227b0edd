import { describe, expect, it } from 'vitest';
import { realErrorNorm } from '../../../src/core/objective/errorNorm';
import { gradient } from '../../../src/core/objective/h2';
import { irkaSolver } from '../../../src/core/solve/irka';
import { tfIrkaSolver } from '../../../src/core/solve/tfIrka';
import { balancedModes } from '../../../src/core/start/balancedModes';
import { fixedPoint } from '../../../src/core/start/fixedPoint';
import { asDiagonal, fromWeights } from '../../../src/core/systems/diagonal';
import { frequencyResponse } from '../../../src/core/systems/response';
import { type TimeSpan, continuous, discrete } from '../../../src/core/systems/timeSpan';
import { s4dLin, scattered } from '../support/systems';

const full = asDiagonal(scattered(10, 3));

function converged(span: TimeSpan) {
  const { modes } = balancedModes(full, 3, span);
  const start = fromWeights(modes.poles, modes.weights);
  const result = fixedPoint(full, start, span, { iterations: 500, tolerance: 1e-12 });
  expect(result.stop).toBe('converged');
  return result.best;
}

describe('the fixed point', () => {
  it.each([
    ['discrete', discrete(Infinity)],
    ['continuous', continuous(Infinity)],
  ])('for infinite %s time is a stationary point of the h² objective', (_, span) => {
    const reduced = converged(span);
    const g = gradient(full, reduced, span);
    const start = gradient(full, fromWeights(reduced.poles, full.poles), span);
    const size = (v: { re: Float64Array; im: Float64Array }): number =>
      Math.hypot(...v.re, ...v.im);
    expect(size(g.poles) / size(start.poles)).toBeLessThan(1e-7);
    expect(size(g.C) / size(start.C)).toBeLessThan(1e-7);
    expect(size(g.B) / (size(start.B) + size(start.poles))).toBeLessThan(1e-7);
  });
  it('interpolates the transfer function at the mirror images of its poles (IRKA)', () => {
    const reduced = converged(continuous(Infinity));
    for (let j = 0; j < 3; j++) {
      // at s = -conj(mu): shift the frequency axis by -Re mu, evaluate at omega = Im mu
      const shift = (s: typeof full) => ({
        ...s,
        poles: { re: s.poles.re.map((x) => x + reduced.poles.re[j]), im: s.poles.im },
      });
      const H = frequencyResponse(shift(full), reduced.poles.im[j], 'continuous');
      const G = frequencyResponse(shift(reduced), reduced.poles.im[j], 'continuous');
      expect(Math.hypot(H.re[0] - G.re[0], H.im[0] - G.im[0])).toBeLessThan(
        1e-7 * Math.hypot(H.re[0], H.im[0]),
      );
    }
  });
});

describe.each([
  ['IRKA', irkaSolver],
  ['time-limited IRKA', tfIrkaSolver],
])('%s', (_, solver) => {
  it.each([
    [1, 64],
    [3, 64],
    [6, 1000],
    [4, Infinity],
  ])('reduces to %i stable poles over %d steps', (slots, horizon) => {
    for (const system of [scattered(10, 1), s4dLin(10, 0.05, 2)]) {
      const { poles, weights, trace } = solver(system, slots, horizon);
      expect(poles.re.length).toBe(slots);
      expect(poles.re.every((x) => x < 0)).toBe(true);
      const reduced = { poles, weights, step: 1 };
      const error = realErrorNorm(asDiagonal(system), asDiagonal(reduced), discrete(horizon));
      // ridge and rounding of the closed form keep the two from being equal to the last digit
      const norm2 = realErrorNorm(asDiagonal(system), zero(slots), discrete(horizon)) ** 2;
      expect(error ** 2).toBeLessThanOrEqual(Math.max(...trace.objective) + 1e-9 * norm2);
      expect(Math.abs(error ** 2 - nearest(trace.objective, error ** 2)) / norm2).toBeLessThan(
        1e-8,
      );
      expect(trace.notes.length).toBeGreaterThan(0);
    }
  });
  it('is deterministic, and survives degenerate systems', () => {
    const system = scattered(6, 9);
    expect(solver(system, 2, 50)).toEqual(solver(system, 2, 50));
    const zeroWeights = {
      ...system,
      weights: { re: new Float64Array(6), im: new Float64Array(6) },
    };
    expect(solver(zeroWeights, 2, 50).weights.re.every((w) => w === 0)).toBe(true);
    const real = { ...system, poles: { re: system.poles.re, im: new Float64Array(6) } };
    expect(solver(real, 2, 50).poles.re.every(Number.isFinite)).toBe(true);
    const repeated = {
      ...system,
      poles: { re: new Float64Array(6).fill(-0.2), im: new Float64Array(6).fill(1) },
    };
    expect(solver(repeated, 2, 1).poles.re.every((x) => x < 0)).toBe(true);
  });
  it('refuses orders and horizons that are none, and stops when cancelled', () => {
    const system = scattered(6, 9);
    for (const [slots, horizon] of [
      [0, 10],
      [7, 10],
      [2, 0],
      [2, 2.5],
    ]) {
      expect(() => solver(system, slots, horizon)).toThrow(
        expect.objectContaining({ reason: 'bad-request' }),
      );
    }
    expect(() => solver(system, 2, 10, { signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ reason: 'cancelled' }),
    );
  });
});

function zero(slots: number) {
  const none = { re: new Float64Array(slots).fill(-1), im: new Float64Array(slots) };
  return fromWeights(none, { re: new Float64Array(slots), im: new Float64Array(slots) });
}

const nearest = (values: readonly number[], x: number): number =>
  values.reduce((best, v) => (Math.abs(v - x) < Math.abs(best - x) ? v : best), Infinity);
