import { describe, expect, it } from 'vitest';
import { uniform } from '../../../src/core/random';
import { areaDifference, areaUnderCurve } from '../../../src/core/statistics/auc';
import {
  classScores,
  crossEntropy,
  predictedClass,
} from '../../../src/core/statistics/classification';
import { mean } from '../../../src/core/statistics/mean';
import { pairedDifference, proportion } from '../../../src/core/statistics/proportion';
import { rootRatio } from '../../../src/core/statistics/ratio';

describe('proportions', () => {
  // Wilson (1927) by the quadratic that defines it: (p - share)² = z² p (1 - p) / n at both ends
  it.each([
    [0, 10],
    [1, 10],
    [843, 1000],
    [300, 300],
  ])('%d of %d', (successes, n) => {
    const { value, low, high } = proportion(successes, n);
    expect(value).toBe(successes / n);
    for (const p of [low, high]) {
      expect((p - value) ** 2).toBeCloseTo((1.959963984540054 ** 2 * p * (1 - p)) / n, 12);
    }
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
  });

  it("paired differences: the approval ratings in Agresti's textbook", () => {
    // of 1600 people 150 changed one way and 86 the other; published: -0.04 ± 0.0187
    const { value, low, high } = pairedDifference(150, 86, 1600);
    expect(value).toBeCloseTo(-0.04, 12);
    expect(low).toBeCloseTo(-0.0587, 4);
    expect(high).toBeCloseTo(-0.0212, 4);
  });

  it('an interval even where both agree on all samples', () => {
    const { value, low, high } = pairedDifference(0, 0, 300);
    expect(value).toBe(0);
    expect(high).toBeGreaterThan(0.004);
    expect(low).toBe(-high);
  });
});

describe('means', () => {
  it('with the standard error of the sample', () => {
    const { value, low, high } = mean([1, 2, 4, 9]);
    // variance 38 / 3
    expect(value).toBe(4);
    expect(high - value).toBeCloseTo(1.959963984540054 * Math.sqrt(38 / 3 / 4), 12);
    expect(value - low).toBeCloseTo(high - value, 12);
  });

  it('of one value says nothing about its error', () => {
    expect(mean([3])).toEqual({ value: 3, low: -Infinity, high: Infinity });
  });
});

describe('the area under the ROC curve', () => {
  const labels = Int32Array.of(1, 1, 1, 0, 0, 0, 0, 1);
  const scores = Float64Array.of(3, 2, 0.5, 1, 0.5, -1, 2, 5);

  /** By counting pairs. */
  function area(of: Float64Array): number {
    let [sum, pairs] = [0, 0];
    labels.forEach((a, i) => {
      labels.forEach((b, j) => {
        if (a !== 1 || b !== 0) return;
        pairs++;
        sum += of[i] > of[j] ? 1 : of[i] === of[j] ? 0.5 : 0;
      });
    });
    return sum / pairs;
  }

  it('is the share of pairs in the right order', () => {
    expect(areaUnderCurve(scores, labels)?.value).toBeCloseTo(area(scores), 14);
  });

  it('has an interval about as wide as the spread over samples', () => {
    // 200 draws of normal scores one deviation apart; the area's true value is Phi(1 / sqrt 2) = 0.7602
    const next = uniform(5);
    const normal = (): number => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
    let covered = 0;
    for (let draw = 0; draw < 200; draw++) {
      const drawn = Int32Array.from({ length: 120 }, (_, i) => i % 2);
      const figure = areaUnderCurve(
        Float64Array.from(drawn, (label) => normal() + label),
        drawn,
      );
      if (figure !== undefined && figure.low <= 0.76025 && 0.76025 <= figure.high) covered++;
    }
    expect(covered).toBeGreaterThan(180);
    expect(covered).toBeLessThan(199);
  });

  it('differences: none from itself, and the plain difference of the areas', () => {
    const other = scores.map((x, i) => x + Math.sin(7 * i));
    expect(areaDifference(scores, scores, labels)).toEqual({ value: 0, low: 0, high: 0 });
    const found = areaDifference(scores, other, labels);
    expect(found?.value).toBeCloseTo(area(other) - area(scores), 14);
    expect(found?.high).toBeGreaterThan(found?.value ?? 0);
  });

  it('is undefined for a single class', () => {
    expect(areaUnderCurve(scores, new Int32Array(8))).toBeUndefined();
  });
});

describe('classes', () => {
  it('a single output is the score of the second of two', () => {
    expect(predictedClass(classScores(Float64Array.of(0.3)))).toBe(1);
    expect(predictedClass(classScores(Float64Array.of(-0.3)))).toBe(0);
  });

  it('cross entropy, also of scores whose exponentials overflow', () => {
    expect(crossEntropy(Float64Array.of(1, 2, 3), 0)).toBeCloseTo(
      -Math.log(Math.E / (Math.E + Math.E ** 2 + Math.E ** 3)),
      14,
    );
    expect(crossEntropy(Float64Array.of(2000, 0), 1)).toBe(2000);
  });
});

describe('relative errors over sequences', () => {
  it('are the root of the sums, with an interval that holds them and shrinks with the sample', () => {
    const next = uniform(2);
    const widths = [30, 3000].map((n) => {
      const norms = Float64Array.from({ length: n }, () => 1 + next());
      const errors = norms.map((norm) => 0.01 * norm * (0.5 + next()));
      const { value, low, high } = rootRatio(errors, norms);
      const total = (x: Float64Array): number => x.reduce((sum, one) => sum + one, 0);
      expect(value).toBeCloseTo(Math.sqrt(total(errors) / total(norms)), 14);
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
      expect(rootRatio(errors, norms)).toEqual({ value, low, high });
      return high - low;
    });
    expect(widths[1]).toBeLessThan(widths[0] / 5);
  });

  it('of nothing from nothing is nothing', () => {
    expect(rootRatio(new Float64Array(3), new Float64Array(3))).toEqual({
      value: 0,
      low: 0,
      high: 0,
    });
  });
});
