import { expect, test } from 'vitest';
import { createTarget, VariableProjection } from '../../../src/core/objective/varpro';
import { poleSetOf } from '../../../src/core/systems/poleSet';
import golden from '../../golden/07_varpro.json';
import { complexOf, system } from '../support';

function close(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  const size = Math.max(...expected.map(Math.abs));
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i] - expected[i])).toBeLessThan(tolerance * size);
  }
}

test.each(golden.cases.map((c, i) => [i, c] as const))(
  'case %i: weights, value, gradient and Hessian of the real objective agree with 60-digit differences',
  (_, c) => {
    const target = createTarget(system(c.a, c.w), c.L);
    const projection = new VariableProjection(target, c.b.length, 0);
    const value = projection.derivatives(poleSetOf(complexOf(c.b), c.L));
    expect(Math.abs(target.norm2 - c.real.norm2)).toBeLessThan(1e-12 * c.real.norm2);
    expect(Math.abs(value - c.real.J)).toBeLessThan(1e-12 * c.real.norm2);
    close(
      projection.weightRe,
      c.real.v.map((v) => v[0]),
      1e-11,
    );
    close(
      projection.weightIm,
      c.real.v.map((v) => v[1]),
      1e-11,
    );
    close(projection.gradient, c.real.grad, 1e-11);
    close(projection.hessian, c.real.hess.flat(), 1e-11);
    expect(projection.value(poleSetOf(complexOf(c.b), c.L))).toBe(value);
  },
);

test('with a ridge the derivatives are those of the ridged objective', () => {
  const c = golden.cases[0];
  const target = createTarget(system(c.a, c.w), c.L);
  const projection = new VariableProjection(target, c.b.length, 1e-3);
  const poles = complexOf(c.b);
  const variables = [...Array.from(poles.re, (x) => Math.log(-x)), ...poles.im];
  const r = c.b.length;
  const at = (x: readonly number[]): number =>
    projection.value(
      poleSetOf(
        {
          re: Float64Array.from(x.slice(0, r), (v) => -Math.exp(v)),
          im: Float64Array.from(x.slice(r)),
        },
        c.L,
      ),
    );
  projection.derivatives(poleSetOf(poles, c.L));
  const gradient = [...projection.gradient];
  const size = Math.max(...gradient.map(Math.abs));
  const h = 1e-5;
  for (let i = 0; i < 2 * r; i++) {
    const up = variables.map((v, j) => (i === j ? v + h : v));
    const down = variables.map((v, j) => (i === j ? v - h : v));
    expect(Math.abs((at(up) - at(down)) / (2 * h) - gradient[i])).toBeLessThan(1e-7 * size);
  }
});
