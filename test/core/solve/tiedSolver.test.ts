import { describe, expect, it } from 'vitest';
import { realErrorNorm } from '../../../src/core/objective/errorNorm';
import { channelNorms2, tiedGradient, tiedObjective } from '../../../src/core/objective/tied';
import { tiedBalanced, tiedSolver } from '../../../src/core/solve/tiedSolver';
import { type TiedSystem, channelOf } from '../../../src/core/systems/tied';
import { discrete } from '../../../src/core/systems/timeSpan';
import { generator, randomMatrix } from '../support/golden';

function random(n: number, channels: number, seed: number): TiedSystem {
  const next = generator(seed);
  return {
    poles: {
      re: Float64Array.from({ length: n }, () => -0.2 - Math.abs(next())),
      im: Float64Array.from({ length: n }, () => 8 * Math.abs(next())),
    },
    weights: randomMatrix(channels, n, next),
    steps: Float64Array.from({ length: channels }, () => 0.02 * Math.exp(next())),
  };
}

const full = random(8, 5, 3);
const errors2 = (reduced: TiedSystem, horizon: number): number =>
  full.steps.reduce(
    (sum, _, h) =>
      sum + realErrorNorm(channelOf(full, h), channelOf(reduced, h), discrete(horizon)) ** 2,
    0,
  );

describe('the solver for channels that share poles', () => {
  it.each([
    [1, 100],
    [3, 100],
    [5, Infinity],
    [2, 1],
  ])('reduces to %i shared poles over %d steps', (r, horizon) => {
    const { reduced, trace } = tiedSolver(full, r, horizon);
    expect(reduced.poles.re.length).toBe(r);
    expect(reduced.poles.re.every((x) => x < 0)).toBe(true);
    const norm2 = channelNorms2(full, horizon).reduce((s, x) => s + x, 0);
    expect(Math.abs(errors2(reduced, horizon) - trace.objective.at(-1)!) / norm2).toBeLessThan(
      1e-8,
    );
    for (let k = 1; k < trace.objective.length; k++) {
      expect(trace.objective[k]).toBeLessThanOrEqual(trace.objective[k - 1]);
    }
  });
  it('ends where the gradient of the tied objective vanishes', () => {
    const { reduced } = tiedSolver(full, 3, 100, { iterations: 500 });
    const g = tiedGradient(full, reduced, 100);
    const norm2 = channelNorms2(full, 100).reduce((s, x) => s + x, 0);
    for (const x of [...g.poles.re, ...g.poles.im]) expect(Math.abs(x) / norm2).toBeLessThan(1e-5);
    expect(tiedObjective(full, reduced, 100)).toBeLessThan(0);
  });
  it('never does worse than balanced truncation', () => {
    for (const r of [1, 2, 4, 6]) {
      const simple = errors2(tiedBalanced(full, r, 100).reduced, 100);
      expect(errors2(tiedSolver(full, r, 100).reduced, 100)).toBeLessThanOrEqual(simple * 1.0001);
    }
  });
  it('tells the share of every channel', () => {
    const { reduced, channelErrors2 } = tiedSolver(full, 3, 100);
    const norms2 = channelNorms2(full, 100);
    channelErrors2.forEach((error2, h) => {
      const exact = realErrorNorm(channelOf(full, h), channelOf(reduced, h), discrete(100)) ** 2;
      expect(Math.abs(error2 - exact) / norms2[h]).toBeLessThan(1e-9);
    });
  });
  it('finds poles shared by fewer modes exactly', () => {
    const small = random(2, 4, 11);
    const weights = randomMatrix(4, 4, generator(1));
    for (let h = 0; h < 4; h++) {
      for (let n = 0; n < 4; n++) {
        weights.re[h * 4 + n] = n < 2 ? small.weights.re[h * 2 + n] : 0;
        weights.im[h * 4 + n] = n < 2 ? small.weights.im[h * 2 + n] : 0;
      }
    }
    const padded: TiedSystem = {
      poles: {
        re: Float64Array.of(...small.poles.re, -3, -4),
        im: Float64Array.of(...small.poles.im, 1, 2),
      },
      weights,
      steps: small.steps,
    };
    const { trace } = tiedSolver(padded, 2, 200);
    const norm2 = channelNorms2(padded, 200).reduce((s, x) => s + x, 0);
    expect(trace.objective.at(-1)! / norm2).toBeLessThan(1e-8);
  });
  it('refuses what it must', () => {
    for (const [r, horizon] of [
      [0, 5],
      [9, 5],
      [2, 0],
    ]) {
      expect(() => tiedSolver(full, r, horizon)).toThrow(
        expect.objectContaining({ reason: 'bad-request' }),
      );
    }
    const none = { ...full, steps: new Float64Array(0), weights: randomMatrix(0, 8, generator(1)) };
    expect(() => tiedSolver(none, 2, 5)).toThrow(
      expect.objectContaining({ reason: 'bad-request' }),
    );
    const unstable = { ...full, poles: { re: new Float64Array(8), im: full.poles.im } };
    expect(() => tiedSolver(unstable, 2, 5)).toThrow(
      expect.objectContaining({ reason: 'unstable' }),
    );
  });
});
