import { describe, expect, it } from 'vitest';
import {
  dssExpObjective,
  dssExpPoint,
  dssExpPoles,
  toDssExp,
} from '../../../src/core/objective/dssExp';
import { objective } from '../../../src/core/objective/h2';
import { fromWeights } from '../../../src/core/systems/diagonal';
import { continuous } from '../../../src/core/systems/timeSpan';
import { type Pair, distance, generator, goldenCases, horizonOf, vector } from '../support/golden';

interface Case {
  tau: number | null;
  lam: Pair[];
  w: Pair[];
  Lre: number[];
  Lim: number[];
  w_hat: Pair[];
  f: number;
  normG2: number;
  grad_Lre: number[];
  grad_Lim: number[];
  grad_w: Pair[];
}

const real = (x: ArrayLike<number>) => ({
  re: Float64Array.from(x),
  im: new Float64Array(x.length),
});

describe.each(goldenCases<Case>('03_dss_exp'))('DSS_EXP over tau = $tau', (c) => {
  it('has the objective and the gradients of the golden file', () => {
    const point = {
      logRate: Float64Array.from(c.Lre),
      frequency: Float64Array.from(c.Lim),
      weights: vector(c.w_hat),
    };
    const value = dssExpPoint(c.Lre.length);
    const f = dssExpObjective(vector(c.lam), vector(c.w), horizonOf(c.tau));
    expect(Math.abs(f(point) - c.f) / c.normG2).toBeLessThan(1e-13);
    expect(f(point, value)).toBe(f(point));
    expect(distance(real(value.logRate), real(c.grad_Lre))).toBeLessThan(1e-12);
    expect(distance(real(value.frequency), real(c.grad_Lim))).toBeLessThan(1e-12);
    expect(distance(value.weights, vector(c.grad_w))).toBeLessThan(1e-12);
  });
});

it('agrees with the general objective, equal poles included', () => {
  const next = generator(9);
  const poles = {
    re: Float64Array.from({ length: 6 }, () => -0.1 - Math.abs(next())),
    im: Float64Array.from({ length: 6 }, () => 9 * next()),
  };
  const weights = { re: poles.im.map(() => next()), im: poles.im.map(() => next()) };
  const some = { re: poles.re.slice(0, 2), im: poles.im.slice(0, 2) };
  const point = toDssExp(some, { re: Float64Array.of(1, 2), im: Float64Array.of(0, -1) });
  expect(distance(dssExpPoles(point), some)).toBeLessThan(1e-15);
  for (const tau of [0.01, 1, 50, Infinity]) {
    const reference = objective(
      fromWeights(poles, weights),
      fromWeights(some, point.weights),
      continuous(tau),
    );
    const f = dssExpObjective(poles, weights, tau)(point);
    expect(Math.abs(f / reference - 1)).toBeLessThan(1e-12);
  }
});
