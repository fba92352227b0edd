import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { algorithm1Solver } from '../../../src/core/solve/algorithm1';
import { irkaSolver } from '../../../src/core/solve/irka';
import { tfIrkaSolver } from '../../../src/core/solve/tfIrka';
import { lqoSolver } from '../../../src/core/solve/lqoSolver';
import { mimoSolver } from '../../../src/core/solve/mimoSolver';
import { asDiagonal } from '../../../src/core/systems/diagonal';
import type { ModalSystem } from '../../../src/core/systems/modal';
import { denseForm } from '../../../src/core/systems/quadraticForm';
import { discrete } from '../../../src/core/systems/timeSpan';
import { complexMatrix } from '../../../src/core/linalg/matrix';

/** Legal systems of every kind: slow, fast and repeated poles, poles at 0, real poles, zero weights, any horizon. */
const decay = fc.oneof(
  fc.double({ min: -9, max: 2, noNaN: true }).map((x) => -(10 ** x)),
  fc.constantFrom(-1e-8, -0.5, -30, -1000, -Infinity),
);
const phase = fc.oneof(
  fc.double({ min: -12, max: 12, noNaN: true }),
  fc.constantFrom(0, Math.PI, 1),
);
const weight = fc.oneof(fc.double({ min: -3, max: 3, noNaN: true }), fc.constantFrom(0, 1, -1));
const mode = fc.record({ x: decay, y: phase, wr: weight, wi: weight });
const system = fc
  .array(mode, { minLength: 1, maxLength: 6 })
  .chain((modes) => fc.constantFrom(modes, [...modes, modes[0]]))
  .map((modes): ModalSystem => ({
    poles: { re: Float64Array.from(modes, (m) => m.x), im: Float64Array.from(modes, (m) => m.y) },
    weights: {
      re: Float64Array.from(modes, (m) => m.wr),
      im: Float64Array.from(modes, (m) => m.wi),
    },
    step: 0.01,
  }));
const horizon = fc.constantFrom(1, 2, 50, 1000, 1e6, Infinity);
const order = fc.double({ min: 0, max: 0.999, noNaN: true });

const solvers = {
  'Algorithm 1': (s: ModalSystem, r: number, L: number) =>
    algorithm1Solver(s, r, L, { iterations: 10 }),
  IRKA: (s: ModalSystem, r: number, L: number) => irkaSolver(s, r, L, { iterations: 10 }),
  'time-limited IRKA': (s: ModalSystem, r: number, L: number) =>
    tfIrkaSolver(s, r, L, { iterations: 10 }),
};

describe.each(Object.entries(solvers))('%s on any legal system', (_, solver) => {
  it('returns finite, stable poles and finite weights', () => {
    fc.assert(
      fc.property(system, order, horizon, (s, fraction, L) => {
        const r = 1 + Math.floor(fraction * s.poles.re.length);
        const { poles, weights, trace } = solver(s, r, L);
        expect(poles.re.length).toBe(r);
        expect(weights.re.length).toBe(r);
        expect(poles.re.every((x) => x < 0 && Number.isFinite(x))).toBe(true);
        for (const part of [poles.im, weights.re, weights.im]) {
          expect(part.every(Number.isFinite)).toBe(true);
        }
        expect(trace.objective.every((v) => Number.isFinite(v))).toBe(true);
      }),
      { numRuns: 150, seed: 1 },
    );
  });
});

describe('solvers for several outputs on any legal system', () => {
  it('return finite, stable systems', () => {
    fc.assert(
      fc.property(system, order, horizon, (s, fraction, L) => {
        const n = s.poles.re.length;
        const r = 1 + Math.floor(fraction * n);
        const full = asDiagonal({
          ...s,
          poles: { re: s.poles.re.map((x) => Math.max(x, -750)), im: s.poles.im },
        });
        const M = complexMatrix(n, n);
        for (let i = 0; i < n; i++) M.re[i * n + i] = s.weights.im[i];
        const options = { iterations: 5 };
        for (const { reduced } of [
          mimoSolver(full, r, discrete(L), options),
          lqoSolver({ ...full, forms: [denseForm(M)] }, r, discrete(L), options),
        ]) {
          expect(reduced.poles.re.length).toBe(r);
          expect(reduced.poles.re.every((x) => x < 0 && Number.isFinite(x))).toBe(true);
          expect([...reduced.C.re, ...reduced.C.im].every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 100, seed: 2 },
    );
  });
});
