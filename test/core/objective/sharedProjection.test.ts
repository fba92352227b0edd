import { describe, expect, it } from 'vitest';
import { realErrorNorm } from '../../../src/core/objective/errorNorm';
import { sharedProjection } from '../../../src/core/objective/sharedProjection';
import { createTarget } from '../../../src/core/objective/varpro';
import { polesAt } from '../../../src/core/solve/sharedProblem';
import {
  type TiedSystem,
  channelModes,
  channelOf,
  channelSteps,
} from '../../../src/core/systems/tied';
import { discrete } from '../../../src/core/systems/timeSpan';
import { generator, randomMatrix } from '../support/golden';

const next = generator(21);
const exponential: TiedSystem = {
  poles: {
    re: Float64Array.from({ length: 7 }, () => -0.2 - Math.abs(next())),
    im: Float64Array.from({ length: 7 }, () => 8 * Math.abs(next())),
  },
  weights: randomMatrix(3, 7, next),
  steps: Float64Array.of(0.02, 0.07, 0.3),
};

describe.each([
  ['exponential', exponential],
  ['bilinear', { ...exponential, discretisation: 'bilinear' } as const],
  ['separate steps', { ...exponential, imagSteps: Float64Array.of(0.05, 0.02, 0.1) }],
])('the projection of channels that share poles, %s', (_, full) => {
  const horizon = 80;
  const shared = {
    targets: Array.from(full.steps, (__, h) => createTarget(channelModes(full, h), horizon)),
    steps: Array.from(full.steps, (__, h) => channelSteps(full, h)),
  };
  const projection = sharedProjection(shared, 3, 1e-12);
  const x = Float64Array.of(-0.9, -0.3, 0.4, 1.5, 4, 6.5);

  it('has the value of the channels with the weights found', () => {
    const value = projection.value(x);
    const reduced = { ...full, poles: polesAt(x), weights: projection.weights };
    let exact = 0;
    full.steps.forEach((__, h) => {
      const error2 =
        realErrorNorm(channelOf(full, h), channelOf(reduced, h), discrete(horizon)) ** 2;
      expect(Math.abs(projection.channelValues[h] - error2) / projection.norm2).toBeLessThan(1e-10);
      exact += error2;
    });
    expect(value / exact).toBeCloseTo(1, 8);
  });

  it('has the gradient and the Hessian of its values', () => {
    const gradient = new Float64Array(6);
    const hessian = new Float64Array(36);
    projection.derivatives(x, gradient, hessian);
    const slopes = gradient.slice();
    const curvatures = hessian.slice();
    const h = 1e-4;
    for (let k = 0; k < 6; k++) {
      const at = (offset: number): Float64Array => x.map((v, i) => (i === k ? v + offset : v));
      const values = [-2, -1, 1, 2].map((s) => projection.value(at(s * h)));
      const slope = (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * h);
      expect(Math.abs(slope - slopes[k]) / projection.norm2).toBeLessThan(1e-7);
      const gradients = [-1, 1].map((s) => {
        const g = new Float64Array(6);
        projection.derivatives(at(s * h), g, hessian);
        return g;
      });
      for (let i = 0; i < 6; i++) {
        const curvature = (gradients[1][i] - gradients[0][i]) / (2 * h);
        expect(Math.abs(curvature - curvatures[k * 6 + i]) / projection.norm2).toBeLessThan(1e-5);
      }
    }
  });
});
