import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allocateBudget,
  allocateTolerance,
  allocateUniform,
  type LayerOptions,
} from '../../../src/core/allocate/allocate';

interface GoldenCase {
  price: number[][];
  cost: number[][];
  gain: number[][];
  budget: number;
  separable: { value: number; choice: number[] };
  recursive: { value: number; choice: number[] };
}

const { cases } = JSON.parse(readFileSync('test/golden/11_allocation.json', 'utf8')) as {
  cases: GoldenCase[];
};

/** Every choice there is. */
function choices(layers: readonly LayerOptions[]): number[][] {
  return layers.reduce<number[][]>(
    (all, { prices }) => all.flatMap((one) => prices.map((_, i) => [...one, i])),
    [[]],
  );
}

function worth(layers: readonly LayerOptions[], choice: readonly number[]): [number, number] {
  let [price, E] = [0, 0];
  layers.forEach(({ prices, costs, gains = [] }, l) => {
    price += prices[choice[l]];
    E = (gains[choice[l]] ?? 1) * E + costs[choice[l]];
  });
  return [price, E];
}

describe('allocation', () => {
  it.each(cases.map((golden, i) => ({ i, golden })))('golden case $i', ({ golden }) => {
    const { price, cost, gain, budget, separable, recursive } = golden;
    const sums = price.map((prices, l) => ({ prices, costs: cost[l] }));
    const found = allocateBudget(sums, budget);
    expect(found?.choice).toEqual(separable.choice);
    expect(found?.value).toBeCloseTo(separable.value, 12);
    const recursion = sums.map((one, l) => ({ ...one, gains: gain[l] }));
    const other = allocateBudget(recursion, budget);
    expect(other?.choice).toEqual(recursive.choice);
    expect(other?.value).toBeCloseTo(recursive.value, 12);
  });

  const option = fc.record({
    price: fc.integer({ min: 0, max: 12 }),
    cost: fc.double({ min: 0, max: 10, noNaN: true }),
    gain: fc.double({ min: 0, max: 4, noNaN: true }),
  });
  const layersOf = fc
    .array(fc.array(option, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
    .map((layers) =>
      layers.map((options) => ({
        prices: options.map(({ price }) => price),
        costs: options.map(({ cost }) => cost),
        gains: options.map(({ gain }) => gain),
      })),
    );

  it('is the best of all choices within a budget, and no worse than the uniform one', () => {
    fc.assert(
      fc.property(layersOf, fc.integer({ min: 0, max: 40 }), (layers, budget) => {
        const fitting = choices(layers)
          .map((choice) => worth(layers, choice))
          .filter(([price]) => price <= budget);
        const found = allocateBudget(layers, budget);
        if (fitting.length === 0) {
          expect(found).toBeUndefined();
          return;
        }
        const least = Math.min(...fitting.map(([, value]) => value));
        expect(found?.value).toBe(least);
        expect(found && worth(layers, found.choice)).toEqual([found?.price, least]);
        const uniform = allocateUniform(layers, budget);
        if (uniform !== undefined) expect(least).toBeLessThanOrEqual(uniform.value);
      }),
      { numRuns: 300 },
    );
  });

  it('is the cheapest of all choices within a tolerance', () => {
    fc.assert(
      fc.property(layersOf, fc.double({ min: 0, max: 60, noNaN: true }), (layers, tolerance) => {
        const good = choices(layers)
          .map((choice) => worth(layers, choice))
          .filter(([, value]) => value <= tolerance);
        const found = allocateTolerance(layers, tolerance);
        expect(found?.price).toBe(
          good.length === 0 ? undefined : Math.min(...good.map(([price]) => price)),
        );
      }),
      { numRuns: 300 },
    );
  });
});
