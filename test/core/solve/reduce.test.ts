import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { certifiedError, h2Norm } from '../../../src/core/norms/certified';
import { algorithm1Solver } from '../../../src/core/solve/algorithm1';
import { paperHorizons } from '../../../src/core/solve/horizons';
import { reduceBatch, reduceSystem } from '../../../src/core/solve/reduce';
import { solverIds } from '../../../src/core/solve/solver';
import {
  emptyModalBatch,
  sliceModalBatch,
  systemOf,
  type ModalSystem,
} from '../../../src/core/systems/modal';
import { exampleBatch } from '../../support/batches';
import { system } from '../support';

describe.each(solverIds)('%s', (solver) => {
  test('keeps stable poles and beats leaving the kernel out', () => {
    const batch = exampleBatch(3, 8);
    const { reduced, traces } = reduceBatch(batch, { solver, slots: 3, horizon: 500 });
    expect(reduced.count).toBe(3);
    expect(traces).toHaveLength(3);
    expect(reduced.step).toEqual(batch.step);
    expect(Math.max(...reduced.poleRe)).toBeLessThan(0);
    for (let s = 0; s < 3; s++) {
      const full = systemOf(batch, s);
      const error = certifiedError(full, systemOf(reduced, s), 500);
      expect(error).toBeLessThan(0.9 * h2Norm(full, 500));
    }
  });

  test('gives the same for a slice as for the whole, and the same twice', () => {
    const batch = exampleBatch(4, 6);
    const request = { solver, slots: 2, horizon: 300 };
    const whole = reduceBatch(batch, request);
    expect(reduceBatch(batch, request)).toEqual(whole);
    const slice = reduceBatch(sliceModalBatch(batch, 2, 3), request);
    expect([...slice.reduced.poleRe]).toEqual([...whole.reduced.poleRe.subarray(4, 6)]);
    expect(slice.traces[0]).toEqual(whole.traces[2]);
  });

  test('returns a system whole when as many poles are kept', () => {
    const batch = exampleBatch(1, 4);
    const { reduced, traces } = reduceBatch(batch, { solver, slots: 4, horizon: 10 });
    expect(reduced).toEqual(batch);
    expect(traces[0].stop).toBe('exact');
  });

  test.each<[string, ModalSystem]>([
    [
      'zero weights',
      system(
        [
          [-0.1, 1],
          [-0.2, 2],
          [-0.3, 0.5],
        ],
        [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      ),
    ],
    [
      'repeated poles',
      system(
        [
          [-0.1, 1],
          [-0.1, 1],
          [-0.1, 1],
        ],
        [
          [1, 0],
          [2, 1],
          [-0.5, 0.3],
        ],
      ),
    ],
    [
      'all real poles',
      system(
        [
          [-0.1, 0],
          [-0.2, 0],
          [-0.5, 0],
        ],
        [
          [1, 0],
          [-1, 0],
          [0.5, 0],
        ],
      ),
    ],
    [
      'poles at nothing',
      system(
        [
          [-900, 1],
          [-0.2, 2],
          [-700, 0.5],
        ],
        [
          [1, 0],
          [1, 1],
          [2, 0],
        ],
      ),
    ],
    [
      'one mode of three',
      system(
        [
          [-0.1, 1],
          [-0.2, 2],
          [-0.3, 0.5],
        ],
        [
          [0, 0],
          [1, 2],
          [0, 0],
        ],
      ),
    ],
    [
      'aliased phases',
      system(
        [
          [-0.1, 18.2],
          [-0.2, -9.7],
          [-0.3, 3.2],
        ],
        [
          [1, 0],
          [1, 2],
          [0, 1],
        ],
      ),
    ],
    [
      'weights that cancel in the real part',
      system(
        [
          [-1, -1],
          [-0.5, 0],
          [-0.3, 0],
        ],
        [
          [0, 0],
          [0, 1],
          [0, -2],
        ],
      ),
    ],
    [
      'conjugate modes of opposite weight',
      system(
        [
          [-1, -1],
          [-1, 1],
          [-1, 1],
        ],
        [
          [1, 0],
          [-1, 0],
          [0, 0],
        ],
      ),
    ],
    [
      'poles at zero',
      system(
        [
          [-Infinity, 0],
          [-0.2, 2],
          [-Infinity, 0.5],
        ],
        [
          [1, 0],
          [1, 1],
          [2, 0],
        ],
      ),
    ],
    [
      'very slow modes',
      system(
        [
          [-1e-9, 0.1],
          [-1e-7, 2],
          [-1e-8, 0.5],
        ],
        [
          [1, 0],
          [1, 2],
          [0, 1],
        ],
      ),
    ],
  ])('works on legal but degenerate systems: %s', (_, full) => {
    for (const horizon of [1, 2, 50, 1e6, Infinity]) {
      for (const slots of [1, 2]) {
        const { poles, weights } = reduceSystem(full, { solver, slots, horizon });
        expect(poles.re).toHaveLength(slots);
        expect(Math.max(...poles.re)).toBeLessThan(0);
        const error = certifiedError(full, { poles, weights, step: 1 }, horizon);
        expect(error).toBeLessThanOrEqual(h2Norm(full, horizon) * (1 + 1e-6) + 1e-12);
      }
    }
  });
});

describe('the continuous horizon', () => {
  const full = systemOf(exampleBatch(1, 6), 0);
  const request = { slots: 2, horizon: 100 } as const;
  const taus = { 'L Delta': 100 * full.step, L: 100, '10 L': 1000, infinite: Infinity };

  test.each(paperHorizons)('%s is that of Algorithm 1', (continuousHorizon) => {
    const found = reduceSystem(full, { ...request, solver: 'algorithm1', continuousHorizon });
    const { poles, trace } = algorithm1Solver(full, 2, 100, { tau: taus[continuousHorizon] });
    expect(found).toMatchObject({ poles, trace });
  });

  test('is L Delta where nothing is said, and differs from the others', () => {
    const found = (more: object) =>
      reduceSystem(full, { ...request, ...more, solver: 'algorithm1' }).trace.objective;
    expect(found({})).toEqual(found({ continuousHorizon: 'L Delta' }));
    expect(found({})).not.toEqual(found({ continuousHorizon: 'infinite' }));
  });

  test('changes nothing for the other solvers', () => {
    for (const solver of solverIds.filter((id) => id !== 'algorithm1')) {
      const plain = reduceSystem(full, { ...request, solver });
      expect(reduceSystem(full, { ...request, solver, continuousHorizon: '10 L' })).toEqual(plain);
    }
  });
});

test('newton is never worse than balanced truncation with optimal weights', () => {
  const mode = fc.record({
    x: fc.double({ min: -4, max: -0.7, noNaN: true }),
    y: fc.double({ min: -3.1, max: 3.1, noNaN: true }),
    u: fc.integer({ min: -100, max: 100 }),
    v: fc.integer({ min: -100, max: 100 }),
  });
  fc.assert(
    fc.property(
      fc.array(mode, { minLength: 3, maxLength: 8 }),
      fc.integer({ min: 1, max: 2 }),
      fc.constantFrom(50, 700, Infinity),
      (modes, slots, horizon) => {
        const full = system(
          modes.map(({ x, y }) => [-(10 ** x), y]),
          modes.map(({ u, v }) => [u, v]),
        );
        const size = h2Norm(full, horizon);
        const [newton, balanced] = (['newton', 'balanced'] as const).map((solver) =>
          certifiedError(
            full,
            { ...reduceSystem(full, { solver, slots, horizon }), step: 1 },
            horizon,
          ),
        );
        expect(newton).toBeLessThanOrEqual(balanced * (1 + 1e-6) + 1e-6 * size);
      },
    ),
    { seed: 11, numRuns: 60 },
  );
});

describe('refused', () => {
  const batch = exampleBatch(2, 4);
  const request = { solver: 'newton', slots: 2, horizon: 100 } as const;

  test.each([0, -1, 1.5, 5, NaN])('%d poles of 4', (slots) => {
    expect(() => reduceBatch(batch, { ...request, slots })).toThrow('Cannot keep');
  });

  test.each([0, -3, 2.5, NaN, -Infinity])('a horizon of %d', (horizon) => {
    expect(() => reduceBatch(batch, { ...request, horizon })).toThrow('whole number of steps');
  });

  test('an empty batch', () => {
    expect(() => reduceBatch(emptyModalBatch(0, 4), request)).toThrow('no system');
  });

  test('poles that do not decay, parameters that are not finite', () => {
    const unstable = exampleBatch(2, 4);
    unstable.poleRe[5] = 0;
    expect(() => reduceBatch(unstable, request)).toThrow(
      expect.objectContaining({ reason: 'unstable' }),
    );
    const broken = exampleBatch(2, 4);
    broken.weightIm[1] = NaN;
    expect(() => reduceBatch(broken, request)).toThrow(
      expect.objectContaining({ reason: 'bad-parameters' }),
    );
  });

  test('work that was cancelled, after the system at hand', () => {
    const controller = new AbortController();
    const done: number[] = [];
    expect(() =>
      reduceBatch(batch, request, {
        signal: controller.signal,
        onSystem: (count) => {
          done.push(count);
          controller.abort();
        },
      }),
    ).toThrow(expect.objectContaining({ reason: 'cancelled' }));
    expect(done).toEqual([1]);
  });
});
