import { describe, expect, it } from 'vitest';
import { dssExpPoles, toDssExp } from '../../../src/core/objective/dssExp';
import { algorithm1, algorithm1Solver } from '../../../src/core/solve/algorithm1';
import { errorNorm } from '../../../src/core/objective/errorNorm';
import { fromWeights } from '../../../src/core/systems/diagonal';
import { undoZeroOrderHold } from '../../../src/core/systems/discretise';
import { continuous } from '../../../src/core/systems/timeSpan';
import type { ModalSystem } from '../../../src/core/systems/modal';
import { type Pair, distance, generator, goldenCases, horizonOf, vector } from '../support/golden';

interface Case {
  tau: number | null;
  lam: Pair[];
  w: Pair[];
  mu0: Pair[];
  w0: Pair[];
  armijo: string;
  Kmax: number;
  c1: number;
  rho: number;
  alpha: number;
  tol: number;
  f_history: number[];
  mu: Pair[];
  w_final: Pair[];
}

describe.each(goldenCases<Case>('13_algorithm1'))('Algorithm 1, tau = $tau, $armijo', (c) => {
  it('follows the trajectory of the golden file', () => {
    const { history, point, stop } = algorithm1(
      vector(c.lam),
      vector(c.w),
      horizonOf(c.tau),
      toDssExp(vector(c.mu0), vector(c.w0)),
      {
        // the file records f before each of the steps 0 … Kmax and the point after the last of them
        iterations: c.Kmax + 1,
        decrease: c.c1,
        shrink: c.rho,
        step: c.alpha,
        tolerance: c.tol,
        armijo: c.armijo === 'squared-norm' ? 'squared-norm' : 'paper',
      },
    );
    expect(history.length).toBe(c.f_history.length + 1);
    c.f_history.forEach((f, k) => {
      expect(Math.abs(history[k] - f) / Math.abs(f)).toBeLessThan(1e-7);
    });
    expect(stop).toBe('iteration-limit');
    expect(distance(dssExpPoles(point), vector(c.mu))).toBeLessThan(1e-6);
    expect(distance(point.weights, vector(c.w_final))).toBeLessThan(1e-6);
  });
});

function s4dLin(n: number, step: number, seed: number): ModalSystem {
  const next = generator(seed);
  const re = Float64Array.from({ length: n }, () => -0.5 * step);
  const im = Float64Array.from({ length: n }, (_, k) => Math.PI * k * step);
  const weights = { re: re.map(() => step * next()), im: re.map(() => step * next()) };
  return { poles: { re, im }, weights, step };
}

describe('the solver on a layer', () => {
  const system = s4dLin(16, 0.02, 4);
  const continuousOf = (given: ModalSystem) => {
    const { poles, weights } = undoZeroOrderHold(given);
    return fromWeights(poles, weights);
  };
  it.each([
    [1, undefined],
    [4, undefined],
    [8, 256],
    [4, 2560],
    [8, Infinity],
    [16, undefined],
  ])('to %i stable poles falls monotonically in the H² error over tau = %d', (r, tau) => {
    const options = tau === undefined ? {} : { tau };
    const { poles, weights, trace } = algorithm1Solver(system, r, 256, options);
    expect(poles.re.length).toBe(r);
    expect(poles.re.every((x) => x < 0)).toBe(true);
    expect(trace.quantity).toBe('continuous-H2');
    const { objective } = trace;
    for (let k = 1; k < objective.length; k++) {
      expect(objective[k]).toBeLessThanOrEqual(objective[k - 1]);
    }
    if (r < 16) expect(objective.at(-1)).toBeLessThan(objective[0]);
    const span = continuous(tau ?? 256 * 0.02);
    const full = continuousOf(system);
    const error = errorNorm(full, continuousOf({ poles, weights, step: 0.02 }), span);
    const nothing = { re: new Float64Array(r), im: new Float64Array(r) };
    const size2 = errorNorm(full, fromWeights(poles, nothing), span) ** 2;
    expect(Math.abs(objective.at(-1)! - error ** 2) / size2).toBeLessThan(1e-10);
  });
  it('gives the same result twice and for infinite horizons a stable one', () => {
    expect(algorithm1Solver(system, 3, 256)).toEqual(algorithm1Solver(system, 3, 256));
    const { poles, trace } = algorithm1Solver(system, 3, Infinity);
    expect(poles.re.every((x) => x < 0)).toBe(true);
    expect(trace.start).toBe('balanced');
  });
  it('survives degenerate systems', () => {
    const zero = { ...system, weights: { re: new Float64Array(16), im: new Float64Array(16) } };
    expect(algorithm1Solver(zero, 2, 64).trace.objective).toEqual([0]);
    const repeated = {
      poles: { re: new Float64Array(4).fill(-0.1), im: new Float64Array(4) },
      weights: { re: Float64Array.of(1, 2, 3, 4), im: new Float64Array(4) },
      step: 1,
    };
    const two = algorithm1Solver(repeated, 2, 1);
    expect(two.trace.objective.at(-1)).toBeLessThan(1e-15 * 100); // of ||G||² near 100
    expect(two.trace.notes[0]).toContain('numerical rank 1');
    const atZero = {
      poles: { re: Float64Array.of(-Infinity, -0.1), im: new Float64Array(2) },
      weights: { re: Float64Array.of(1, 1), im: new Float64Array(2) },
      step: 1,
    };
    const one = algorithm1Solver(atZero, 1, 10);
    expect(Number.isFinite(one.poles.re[0]) && Number.isFinite(one.weights.re[0])).toBe(true);
  });
  it.each([
    ['order 0', system, 0, 64, 'bad-request'],
    ['order above N', system, 17, 64, 'bad-request'],
    ['horizon 0', system, 2, 0, 'bad-request'],
    ['horizon 1.5', system, 2, 1.5, 'bad-request'],
    ['no poles', s4dLin(0, 1, 1), 1, 8, 'bad-parameters'],
    [
      'unstable',
      { ...system, poles: { re: new Float64Array(16), im: system.poles.im } },
      2,
      8,
      'unstable',
    ],
    [
      'not finite',
      { ...system, weights: { re: new Float64Array(16).fill(NaN), im: system.poles.im } },
      2,
      8,
      'bad-parameters',
    ],
  ] as const)('refuses %s', (_, bad, slots, horizon, reason) => {
    expect(() => algorithm1Solver(bad, slots, horizon)).toThrow(
      expect.objectContaining({ reason }),
    );
  });
  it('stops when it is cancelled', () => {
    expect(() => algorithm1Solver(system, 2, 64, { signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ reason: 'cancelled' }),
    );
  });
});
