import { describe, expect, it } from 'vitest';
import { modeFactor, weightedFactor } from '../../../src/core/gramians/factor';
import { gaussLegendre } from '../../../src/core/gramians/legendreFactor';
import { controllability, observability } from '../../../src/core/gramians/gramians';
import { conjugate, transpose } from '../../../src/core/linalg/matrix';
import { adjointTimes, multiply } from '../../../src/core/linalg/multiply';
import { modesAt } from '../../../src/core/gramians/doubling';
import { type TimeSpan, continuous, discrete } from '../../../src/core/systems/timeSpan';
import { distance, generator, randomMatrix } from '../support/golden';

function randomSystem(n: number, m: number, p: number, fastest: number, seed: number) {
  const next = generator(seed);
  return {
    poles: {
      re: Float64Array.from({ length: n }, () => -fastest * (0.001 + Math.abs(next()))),
      im: Float64Array.from({ length: n }, () => 4 * fastest * next()),
    },
    B: randomMatrix(n, m, next),
    C: randomMatrix(p, n, next),
  };
}

const spans: [string, TimeSpan][] = [
  ['1 step', discrete(1)],
  ['3 steps', discrete(3)],
  ['100 steps', discrete(100)],
  ['12345 steps', discrete(12345)],
  ['infinitely many steps', discrete(Infinity)],
  ['tau = 0.001', continuous(0.001)],
  ['tau = 2', continuous(2)],
  ['tau = 300', continuous(300)],
  ['tau infinite', continuous(Infinity)],
];

describe.each(spans)('over %s', (_, span) => {
  it.each([
    [5, 1, 1],
    [9, 2, 3],
    [1, 1, 1],
  ])('the factors of %i poles, %i inputs, %i outputs square to the Gramians', (n, m, p) => {
    const system = randomSystem(n, m, p, 0.7, n);
    const R = modeFactor(system.poles, span);
    const forB = weightedFactor(R, system.B);
    const forC = weightedFactor(R, transpose(system.C));
    const P = multiply(transpose(forB), conjugate(forB));
    expect(distance(P, controllability(system, span))).toBeLessThan(2e-13);
    expect(distance(adjointTimes(forC, forC), observability(system, span))).toBeLessThan(2e-13);
  });
});

it('drops the response that has decayed below every double', () => {
  const { poles } = randomSystem(6, 1, 1, 0.7, 3);
  for (let i = 0; i < 6; i++) poles.re[i] -= 1;
  const finite = modeFactor(poles, discrete(100));
  expect(distance(finite, modeFactor(poles, discrete(Infinity)))).toBe(0);
});

it('integrates polynomials of degree 2n - 1 exactly', () => {
  const { nodes, weights } = gaussLegendre(12);
  for (let degree = 0; degree <= 23; degree++) {
    const sum = nodes.reduce((s, x, k) => s + weights[k] * x ** degree, 0);
    expect(Math.abs(sum - (degree % 2 === 0 ? 2 / (degree + 1) : 0))).toBeLessThan(1e-14);
  }
});

it('samples modes at a time', () => {
  const z = modesAt({ re: Float64Array.of(-1), im: Float64Array.of(2) }, 0.5);
  expect(z.re[0]).toBeCloseTo(Math.exp(-0.5) * Math.cos(1), 15);
  expect(z.im[0]).toBeCloseTo(Math.exp(-0.5) * Math.sin(1), 15);
});
