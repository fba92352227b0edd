import { describe, expect, test } from 'vitest';
import { createTarget } from '../../../src/core/objective/varpro';
import { newtonSolver } from '../../../src/core/solve/newton';
import { balanceReal } from '../../../src/core/start/realBalanced';
import golden from '../../golden/08_solver_targets.json';
import { difference, kernelOf, norm, system } from '../support';

describe.each(golden.cases.map((c, i) => [i, c.kind, c] as const))('system %i (%s)', (_, __, c) => {
  const full = system(c.a, c.w);
  const kernel = kernelOf(full, c.L);

  test('the norm of the kernel is the golden one', () => {
    expect(Math.abs(norm(kernel) - c.norm_kernel)).toBeLessThan(1e-12 * c.norm_kernel);
  });

  test.each(c.targets.map((target) => [target.modes, target] as const))(
    '%i modes: at most 1.02 of the best known error',
    (modes, target) => {
      const reduced = newtonSolver(balanceReal(createTarget(full, c.L)), modes);
      const error = norm(difference(kernel, kernelOf({ ...reduced, step: 1 }, c.L)));
      expect(error / norm(kernel)).toBeLessThan(1.02 * target.best_known);
      expect(Math.max(...reduced.poles.re)).toBeLessThan(0);
      const { objective } = reduced.trace;
      for (let k = 1; k < objective.length; k++) {
        expect(objective[k]).toBeLessThanOrEqual(objective[k - 1]);
      }
      // below, the closed form of the objective is rounding
      if (error < 0.01 * norm(kernel)) return;
      expect(objective[objective.length - 1] / error ** 2).toBeCloseTo(1, 9);
    },
  );
});
