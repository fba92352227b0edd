import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTarget } from '../../../src/core/objective/varpro';
import { errorCurve } from '../../../src/core/solve/errorCurve';
import { balanceReal } from '../../../src/core/start/realBalanced';
import golden from '../../golden/08_solver_targets.json';
import { difference, kernelOf, norm, system } from '../support';

test.each(golden.cases)(
  '$kind over $L steps: every point is near the best known error, and what it says it is',
  (c) => {
    const full = system(c.a, c.w);
    const kernel = kernelOf(full, c.L);
    const curve = errorCurve(
      balanceReal(createTarget(full, c.L)),
      c.targets.map(({ modes }) => modes),
    );
    curve.forEach((point, i) => {
      expect(point.slots).toBe(c.targets[i].modes);
      expect(Math.max(...point.poles.re)).toBeLessThan(0);
      const error = norm(difference(kernel, kernelOf({ ...point, step: 1 }, c.L)));
      expect(Math.abs(error - Math.sqrt(point.error2))).toBeLessThan(1e-4 * error);
      expect(error / norm(kernel)).toBeLessThan(1.05 * c.targets[i].best_known);
    });
  },
);

test('the error never rises with the order and ends at nothing', () => {
  const mode = fc.record({
    x: fc.double({ min: -4, max: -0.7, noNaN: true }),
    y: fc.double({ min: -3.1, max: 3.1, noNaN: true }),
    u: fc.integer({ min: -100, max: 100 }),
    v: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(
      fc.array(mode, { minLength: 2, maxLength: 7 }),
      fc.constantFrom(40, 900, Infinity),
      (modes, horizon) => {
        const full = system(
          modes.map(({ x, y }) => [-(10 ** x), y]),
          modes.map(({ u, v }) => [u, v]),
        );
        const target = createTarget(full, horizon);
        const orders = modes.map((_, i) => modes.length - i);
        const curve = errorCurve(balanceReal(target), orders);
        expect(curve.map(({ slots }) => slots)).toEqual(modes.map((_, i) => i + 1));
        for (let i = 1; i < curve.length; i++) {
          expect(curve[i].error2).toBeLessThanOrEqual(curve[i - 1].error2 + 1e-9 * target.norm2);
        }
        expect(curve[curve.length - 1].error2).toBe(0);
      },
    ),
    { seed: 5, numRuns: 40 },
  );
});

test('can be cancelled', () => {
  const full = system(
    [
      [-0.1, 1],
      [-0.2, 2],
    ],
    [
      [1, 0],
      [0, 1],
    ],
  );
  const controller = new AbortController();
  controller.abort();
  expect(() =>
    errorCurve(balanceReal(createTarget(full, 100)), [1], { signal: controller.signal }),
  ).toThrow('cancelled');
});
