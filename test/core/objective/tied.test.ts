import { describe, expect, it } from 'vitest';
import { channelNorms2, tiedGradient, tiedObjective } from '../../../src/core/objective/tied';
import { randomMatrix, generator } from '../support/golden';
import type { TiedSystem } from '../../../src/core/systems/tied';

function random(n: number, seed: number): TiedSystem {
  const next = generator(seed);
  return {
    poles: {
      re: Float64Array.from({ length: n }, () => -0.2 - Math.abs(next())),
      im: Float64Array.from({ length: n }, () => 8 * next()),
    },
    weights: randomMatrix(3, n, next),
    steps: Float64Array.of(0.01, 0.1, 0.7),
  };
}

/** Kernel values by their definition, one row of steps per channel: [re, im]. */
function kernels({ poles, weights, steps }: TiedSystem, length: number): [number, number][][] {
  return Array.from(steps, (step, h) =>
    Array.from({ length }, (_, t): [number, number] => {
      let [re, im] = [0, 0];
      for (let n = 0; n < poles.re.length; n++) {
        const size = Math.exp(poles.re[n] * step * t);
        const [c, s] = [Math.cos(poles.im[n] * step * t), Math.sin(poles.im[n] * step * t)];
        const [x, y] = [weights.re[h * weights.cols + n], weights.im[h * weights.cols + n]];
        re += size * (x * c - y * s);
        im += size * (x * s + y * c);
      }
      return [re, im];
    }),
  );
}

const full = random(5, 1);
const reduced = random(2, 2);
const horizon = 40;

describe.each(['real', 'complex'] as const)('tied poles, %s responses', (part) => {
  it('sum the squared errors of the channels', () => {
    const [k, l] = [kernels(full, horizon), kernels(reduced, horizon)];
    let brute = 0;
    k.forEach((row, h) => {
      row.forEach(([re, im], t) => {
        brute += (re - l[h][t][0]) ** 2 + (part === 'real' ? 0 : (im - l[h][t][1]) ** 2);
      });
    });
    const norms = channelNorms2(full, horizon, part).reduce((s, x) => s + x, 0);
    const f = tiedObjective(full, reduced, horizon, part);
    expect(Math.abs((norms + f) / brute - 1)).toBeLessThan(1e-12);
  });
  it('have the gradient of finite differences', () => {
    const g = tiedGradient(full, reduced, horizon, part);
    const check = (x: Float64Array, at: number, slope: number): void => {
      const h = 1e-5;
      const middle = x[at];
      const f = (offset: number): number => {
        x[at] = middle + offset;
        const value = tiedObjective(full, reduced, horizon, part);
        x[at] = middle;
        return value;
      };
      const difference = (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
      expect(Math.abs(difference - slope)).toBeLessThan(1e-8 * (1 + Math.abs(slope)));
    };
    for (let j = 0; j < 2; j++) {
      check(reduced.poles.re, j, g.poles.re[j]);
      check(reduced.poles.im, j, g.poles.im[j]);
    }
    for (let k = 0; k < 6; k++) {
      check(reduced.weights.re, k, g.weights.re[k]);
      check(reduced.weights.im, k, g.weights.im[k]);
    }
  });
});

it('needs as many channels on both sides', () => {
  const two = { ...reduced, steps: reduced.steps.subarray(0, 2) };
  expect(() => tiedObjective(full, two, horizon)).toThrow(/channels/);
});
