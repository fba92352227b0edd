import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { algorithm1Solver } from '../../../src/core/solve/algorithm1';
import { irkaSolver } from '../../../src/core/solve/irka';
import { tfIrkaSolver } from '../../../src/core/solve/tfIrka';
import { lqoSolver } from '../../../src/core/solve/lqoSolver';
import { mimoSolver } from '../../../src/core/solve/mimoSolver';
import { certifySystems, reduceSystems } from '../../../src/core/solve/reduceLayer';
import { asDiagonal } from '../../../src/core/systems/diagonal';
import { hasKernels, kernelBatch } from '../../../src/core/systems/kernels';
import type { LayerSystems } from '../../../src/core/systems/layer';
import { type ModalSystem, emptyModalBatch } from '../../../src/core/systems/modal';
import type { TiedSystem } from '../../../src/core/systems/tied';
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
          mimoSolver(full, r, L, options),
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

/** The same poles for three kernels, one of them silent. */
function sharing({ poles, weights }: ModalSystem, bilinear: boolean): TiedSystem {
  const n = poles.re.length;
  const rows = complexMatrix(3, n);
  rows.re.set(weights.re);
  rows.im.set(weights.im);
  rows.re.set(weights.im, n);
  return {
    // shared poles are finite: no family stores others
    poles: { re: poles.re.map((x) => Math.max(x, -750)), im: poles.im },
    weights: rows,
    steps: Float64Array.of(1, 0.01, 20),
    ...(bilinear ? { discretisation: 'bilinear' } : {}),
  };
}

describe('layers of any legal systems', () => {
  it.each(['newton', 'balanced'] as const)('are reduced and certified, by %s', (solver) => {
    fc.assert(
      fc.property(
        system,
        order,
        horizon,
        fc.integer({ min: 0, max: 2 }),
        (s, fraction, L, kind) => {
          const n = s.poles.re.length;
          const slots = 1 + Math.floor(fraction * n);
          const real = emptyModalBatch(1, n);
          real.poleRe.set(s.poles.re);
          real.weightRe.set(s.weights.re);
          const tied = sharing(s, kind === 1);
          const layer: LayerSystems =
            kind === 2
              ? { kind: 'independent', batch: real, poles: 'real' }
              : { kind: 'tied', groups: [{ kernels: Int32Array.of(0, 1, 2), system: tied }] };
          const { reduced, squaredErrors, norms } = reduceSystems(layer, {
            solver,
            slots,
            horizon: L,
          });
          if (!hasKernels(reduced)) throw new Error('another kind');
          const batch = kernelBatch(reduced);
          expect(batch.slots).toBe(slots);
          expect(batch.poleRe.every((x) => x < 0 && Number.isFinite(x))).toBe(true);
          for (const part of [batch.poleIm, batch.weightRe, batch.weightIm]) {
            expect(part.every(Number.isFinite)).toBe(true);
          }
          expect([...squaredErrors, ...norms].every((x) => x >= 0 && x < Infinity)).toBe(true);
          const { errors } = certifySystems(layer, reduced, L);
          // no kernel of zeros would be further away than the original is from nothing
          const [error, norm] = [Math.hypot(...errors), Math.hypot(...norms)];
          expect(error).toBeLessThan(1.001 * norm + 1e-6 * (1 + norm));
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });
});
