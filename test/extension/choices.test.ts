import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commonChoices,
  orderForShare,
  parseCount,
  parseOrders,
  parsePoints,
  parseShare,
  removedShare,
  proposedOrder,
  suggestedOrders,
} from '../../src/extension/compression/choices';
import type { Choices } from '../../src/extension/compression/choices';

/** A model of one layer of the order, `perOrder` parameters for each order and 100 others. */
function model(
  order: number,
  step = 2,
  perOrder = 10,
): Parameters<typeof commonChoices>[0][number] {
  const parameters = (r: number): number => 100 + perOrder * r;
  return {
    layers: [{ order }] as never,
    parameters: parameters(order),
    choices: Array.from({ length: order / step - 1 }, (_, i) => ({
      order: step * (i + 1),
      parameters: parameters(step * (i + 1)),
    })),
  };
}

describe('proposedOrder', () => {
  it('is a quarter of the present order, or the smallest there is', () => {
    expect(proposedOrder(commonChoices([model(64)]))).toBe(16);
    expect(proposedOrder(commonChoices([model(6)]))).toBe(2);
    expect(proposedOrder(commonChoices([model(2)]))).toBeUndefined();
  });
});

describe('parseOrders', () => {
  const choices = commonChoices([model(64)]); // 2, 4, … 62

  it.each([
    ['8, 16,32', [32, 16, 8]],
    ['16 8 16', [16, 8]],
    [' 4-10 ', [10, 8, 6, 4]],
    ['60–70, 2', [62, 60, 2]],
  ])('reads %j', (text, orders) => {
    expect(parseOrders(text, choices)).toEqual(orders);
  });

  it.each(['', '7', '8, x', '8.5', '-8', '64', '8, 99'])('refuses %j', (text) => {
    expect(parseOrders(text, choices)).toBeUndefined();
  });
});

describe('suggestedOrders', () => {
  it('are a half, a quarter, an eighth and a sixteenth', () => {
    expect(suggestedOrders(commonChoices([model(64)])).map(({ order }) => order)).toEqual([
      32, 16, 8, 4,
    ]);
  });

  it('are the next possible below where such an order does not exist, each once', () => {
    const choices: Choices = {
      order: 10,
      parameters: 100,
      orders: [2, 6, 8].map((order) => ({ order, parameters: 10 * order })),
    };
    expect(suggestedOrders(choices).map(({ order }) => order)).toEqual([2]);
  });

  it('are the highest possible where even a half is too little', () => {
    const choices: Choices = { order: 4, parameters: 9, orders: [{ order: 3, parameters: 8 }] };
    expect(suggestedOrders(choices)).toEqual([{ order: 3, parameters: 8 }]);
  });

  it('are none where nothing is possible', () => {
    expect(suggestedOrders({ order: 2, parameters: 9, orders: [] })).toEqual([]);
  });
});

describe('commonChoices', () => {
  it('keeps the orders that all models can take and adds their parameters', () => {
    const choices = commonChoices([model(8, 2, 10), model(16, 4, 1)]);
    expect(choices).toEqual({
      order: 16,
      parameters: 180 + 116,
      orders: [{ order: 4, parameters: 140 + 104 }],
    });
  });
});

describe('orderForShare', () => {
  const choices = commonChoices([model(64)]);

  it('is the highest order that removes at least the share', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), (share) => {
        const found = orderForShare(choices, share);
        const enough = choices.orders.filter((choice) => removedShare(choices, choice) >= share);
        expect(found?.order).toBe(
          enough.length === 0 ? undefined : Math.max(...enough.map(({ order }) => order)),
        );
      }),
    );
  });

  it('is none when the rest of the model is too large', () => {
    expect(orderForShare(choices, 0.9)).toBeUndefined();
  });
});

describe('parseCount', () => {
  it.each([
    ['784', 784],
    [' 1,024 ', 1024],
    ['16_000', 16000],
    ["1'000'000", 1_000_000],
  ])('reads %j', (text, value) => {
    expect(parseCount(text)).toBe(value);
  });

  it.each(['', '0', '-3', '1.5', '1e3', 'ten', '1,02', '9'.repeat(40)])('refuses %j', (text) => {
    expect(parseCount(text)).toBeUndefined();
  });
});

describe('parseShare', () => {
  it.each([
    ['40', 0.4],
    ['40 %', 0.4],
    ['37.5%', 0.375],
    ['37,5 %', 0.375],
    ['0.4', 0.4],
    ['.25', 0.25],
    ['0.5 %', 0.005],
    ['1', 0.01],
  ])('reads %j', (text, value) => {
    expect(parseShare(text)).toBeCloseTo(value, 12);
  });

  it.each(['', '0', '100', '100 %', '-10', 'half', '1e1', '4 0'])('refuses %j', (text) => {
    expect(parseShare(text)).toBeUndefined();
  });
});

describe('parsePoints', () => {
  it.each([
    ['1', 0.01],
    ['0.5', 0.005],
    ['0,5 %', 0.005],
    ['.25', 0.0025],
    ['0', 0],
    ['12', 0.12],
  ])('reads %j', (text, value) => {
    expect(parsePoints(text)).toBeCloseTo(value, 12);
  });

  it.each(['', '100', '-1', 'one', '1e1'])('refuses %j', (text) => {
    expect(parsePoints(text)).toBeUndefined();
  });
});
