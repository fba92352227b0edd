import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptySummary, extendSummary } from '../../../src/core/statistics/summary';

const summarise = (values: readonly number[], components = 1) =>
  extendSummary(emptySummary, Float64Array.from(values), components);

describe('the summary of numbers', () => {
  it('counts what is not finite apart from what is', () => {
    expect(summarise([3, NaN, -4, Infinity, -Infinity, NaN])).toEqual({
      ...{ finite: 2, nan: 2, infinite: 2 },
      ...{ least: -4, greatest: 3, mean: -0.5, norm: 5 },
    });
  });

  it('of nothing, and of nothing finite, has no extremes and no mean', () => {
    const none = { finite: 0, infinite: 0, least: null, greatest: null, mean: null, norm: 0 };
    expect(summarise([])).toEqual({ ...none, nan: 0 });
    expect(summarise([NaN])).toEqual({ ...none, nan: 1 });
  });

  it('of complex numbers is that of their moduli', () => {
    expect(summarise([3, 4, 0, -12, NaN, 0], 2)).toEqual({
      ...{ finite: 2, nan: 1, infinite: 0 },
      ...{ least: 5, greatest: 12, mean: 8.5, norm: 13 },
    });
  });

  it('has a norm where squares would overflow or vanish', () => {
    expect(summarise([3e200, 4e200]).norm / 1e200).toBeCloseTo(5, 12);
    expect(summarise([3e-200, 4e-200]).norm * 1e200).toBeCloseTo(5, 12);
  });

  it('does not depend on how the numbers are cut', () => {
    const numbers = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, fc.nat(), (values, at) => {
        const cut = at % (values.length + 1);
        const parts = [values.slice(0, cut), values.slice(cut)];
        const joined = parts.reduce(
          (summary, part) => extendSummary(summary, Float64Array.from(part), 1),
          emptySummary,
        );
        const least = Math.min(...values);
        const greatest = Math.max(...values);
        expect(joined).toMatchObject({ finite: values.length, least, greatest });
        const exact = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(Math.abs((joined.mean ?? NaN) - exact)).toBeLessThanOrEqual(1e-9);
        expect(joined.norm).toBeCloseTo(Math.hypot(...values), 6);
      }),
    );
  });
});
