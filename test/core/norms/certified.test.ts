import fc from 'fast-check';
import { expect, test } from 'vitest';
import { certifiedError, h2Norm, h2NormBelow } from '../../../src/core/norms/certified';
import { impulseResponse } from '../../../src/core/norms/kernel';
import golden from '../../golden/12_certified_norm.json';
import { kernelOf, norm, system } from '../support';

test.each(golden.cases.map((c, i) => [i, c] as const))(
  'case %i: the bound is above the 60-digit norm, and close where the error is not itself rounding',
  (_, c) => {
    const [full, reduced] = [system(c.a, c.w), system(c.b, c.v)];
    const bound = certifiedError(full, reduced, c.L);
    expect(bound).toBeGreaterThanOrEqual(c.true_h2_real);
    const size = h2Norm(full, c.L);
    if (c.true_h2_real > 1e-6 * size) expect(bound).toBeLessThan(1.0001 * c.true_h2_real);
    // the certificate may never cost more than what float64 can resolve at all
    expect(bound - c.true_h2_real).toBeLessThan(1e-9 * size);
  },
);

const pole = fc
  .record({
    x: fc.double({ min: -3, max: -1e-4, noNaN: true }),
    y: fc.double({ min: -20, max: 20, noNaN: true }),
    u: fc.double({ min: -1, max: 1, noNaN: true }),
    v: fc.double({ min: -1, max: 1, noNaN: true }),
  })
  .map(({ x, y, u, v }) => ({ pole: [x, y], weight: [u, v] }));

test.each(golden.cases.map((c, i) => [i, c] as const))(
  'case %i: the norm lies between its bounds, which are close',
  (_, c) => {
    const full = system(c.a, c.w);
    const direct = norm(kernelOf(full, c.L));
    const [below, above] = [h2NormBelow(full, c.L), h2Norm(full, c.L)];
    expect(below).toBeLessThan(direct * (1 + 1e-12));
    expect(above).toBeGreaterThan(direct * (1 - 1e-12));
    expect(above / below - 1).toBeGreaterThan(0);
    expect(above / below - 1).toBeLessThan(1e-9);
  },
);

test('blocks of exponentials give the kernel of the definition', () => {
  fc.assert(
    fc.property(
      fc.array(pole, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 300 }),
      (modes, length) => {
        const s = system(
          modes.map((m) => m.pole),
          modes.map((m) => m.weight),
        );
        const [fast, slow] = [impulseResponse(s, length), kernelOf(s, length)];
        fast.forEach((value, t) => {
          expect(Math.abs(value - slow[t])).toBeLessThan(1e-11);
        });
      },
    ),
    { seed: 3 },
  );
});

test('an infinite horizon gives at least, and hardly more than, a sum long enough', () => {
  fc.assert(
    fc.property(fc.array(pole, { minLength: 1, maxLength: 5 }), (modes) => {
      const s = system(
        modes.map((m) => m.pole),
        modes.map((m) => m.weight),
      );
      const slowest = Math.max(...s.poles.re);
      fc.pre(slowest < -1e-3);
      const long = norm(kernelOf(s, Math.ceil(-45 / slowest)));
      const bound = h2Norm(s, Infinity);
      expect(bound).toBeGreaterThanOrEqual(long * (1 - 1e-12));
      expect(bound).toBeLessThanOrEqual(long * (1 + 1e-9) + 1e-12);
    }),
    { seed: 4, numRuns: 60 },
  );
});

test('very slow modes over an infinite horizon are bounded by their closed form', () => {
  const s = system([[-1e-8, 0]], [[1, 0]]);
  // ||e^{xt}||² = 1 / (1 - e^{2x})
  const exact = 1 / Math.sqrt(-Math.expm1(-2e-8));
  const bound = h2Norm(s, Infinity);
  expect(bound).toBeGreaterThanOrEqual(exact);
  expect(bound).toBeLessThan((1 + 1e-6) * exact);
});

test('a mode that does not decay has a norm over a finite horizon only', () => {
  const s = system([[0, 1]], [[1, 0]]);
  expect(h2Norm(s, 100)).toBeGreaterThan(1);
  expect(() => h2Norm(s, Infinity)).toThrow('does not decay');
});
