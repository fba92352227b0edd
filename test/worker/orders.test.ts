import { describe, expect, it } from 'vitest';
import type { LayerSite } from '../../src/families/family';
import { familyOf } from '../../src/families/recognise';
import type { TensorInfo } from '../../src/formats/tensor';
import {
  countParameters,
  orderChoices,
  parametersAt,
  proposedOrder,
  resolveOrder,
} from '../../src/worker/orders';

function layer(order: number, channels: number, name = 'layer'): LayerSite {
  return {
    family: 's4d-minimal',
    name,
    order,
    slots: order / 2,
    channels,
    tying: 'independent',
    tensors: {},
  };
}

describe('counting parameters', () => {
  const tensor = (shape: number[], more: Partial<TensorInfo> = {}): TensorInfo => ({
    name: 'x',
    dtype: 'float32',
    shape,
    role: 'model',
    ...more,
  });

  it('counts real numbers: scalars 1, complex elements 2, empty tensors 0', () => {
    expect(countParameters([tensor([])])).toBe(1);
    expect(countParameters([tensor([3, 4])])).toBe(12);
    expect(countParameters([tensor([3, 4], { dtype: 'complex64' })])).toBe(24);
    expect(countParameters([tensor([3, 0])])).toBe(0);
  });

  it('leaves out what the optimizer keeps', () => {
    expect(countParameters([tensor([2]), tensor([100], { role: 'optimizer' })])).toBe(2);
  });
});

// An S4D layer of H channels and order N has H (4 N/2 + 1) numbers that depend on the order or stand beside them.
describe('the orders a model can take', () => {
  it('are all even orders below the present one, with the parameters left', () => {
    const sites = [layer(8, 10)];
    expect(orderChoices(1000, sites, familyOf)).toEqual([
      { order: 2, parameters: 1000 - 120 },
      { order: 4, parameters: 1000 - 80 },
      { order: 6, parameters: 1000 - 40 },
    ]);
  });

  it('leave layers alone that are smaller already', () => {
    const sites = [layer(8, 10), layer(4, 10)];
    expect(parametersAt(1000, sites, 6, familyOf)).toBe(1000 - 40);
    expect(parametersAt(1000, sites, 2, familyOf)).toBe(1000 - 120 - 40);
    expect(orderChoices(1000, sites, familyOf).map(({ order }) => order)).toEqual([2, 4, 6]);
  });

  it('are none at the smallest order', () => {
    expect(orderChoices(1000, [layer(2, 10)], familyOf)).toEqual([]);
  });
});

describe('what a target means', () => {
  const sites = [layer(64, 10)];
  const parameters = 10 * (4 * 32 + 1) + 710; // 2000
  const model = { parameters, layers: sites, choices: orderChoices(parameters, sites, familyOf) };

  it('takes an order as it is', () => {
    expect(resolveOrder(model, { order: 16 })).toBe(16);
  });

  it.each([
    [65, 'Order 65 is above the original order 64.'],
    [128, 'Order 128 is above the original order 64.'],
    [64, 'The model has order 64 already. Ask for less.'],
    [15, 'The layers of this model cannot have order 15. The nearest possible: 14 and 16.'],
    [63, 'The layers of this model cannot have order 63. The nearest possible: 62.'],
    [1, 'The layers of this model cannot have order 1. The nearest possible: 2.'],
    [0.5, 'The layers of this model cannot have order 0.5. The nearest possible: 2.'],
    [NaN, 'The layers of this model cannot have order NaN. The nearest possible: .'],
  ])('refuses order %d', (order, message) => {
    const refusal = Number.isNaN(order) ? {} : { message };
    expect(() => resolveOrder(model, { order })).toThrow(
      expect.objectContaining({ reason: 'bad-request', ...refusal }),
    );
  });

  // Each pair of orders removes 10 * 4 = 40 of 2000 parameters: 2 %.
  it.each([
    [0.02, 62],
    [0.021, 60],
    [0.3, 34],
    [0.31, 32],
    [0.62, 2],
  ])('removes at least the share %d with order %d', (remove, order) => {
    expect(resolveOrder(model, { remove })).toBe(order);
  });

  it('says how much can be removed at most', () => {
    expect(() => resolveOrder(model, { remove: 0.7 })).toThrow(
      "Reducing the state-space layers to order 2, the smallest possible, removes 62.0 % of the model's parameters; 70 % was asked for.",
    );
  });

  it.each([0, 1, -0.1, 30, NaN])('refuses the share %d', (remove) => {
    expect(() => resolveOrder(model, { remove })).toThrow('between 0 and 100 %');
  });

  it('needs a layer', () => {
    expect(() => resolveOrder({ parameters: 5, layers: [], choices: [] }, { order: 2 })).toThrow(
      expect.objectContaining({ reason: 'no-layers' }),
    );
  });

  it('needs a layer that can be smaller', () => {
    const smallest = { parameters: 5, layers: [{ order: 2 }], choices: [] };
    expect(() => resolveOrder(smallest, { remove: 0.1 })).toThrow('already the smallest');
  });
});

it('proposes a quarter of the present order', () => {
  const propose = (order: number): number | undefined => {
    const sites = [layer(order, 1)];
    return proposedOrder({
      parameters: 1,
      layers: sites,
      choices: orderChoices(1, sites, familyOf),
    });
  };
  expect([64, 32, 12, 6, 4, 2].map(propose)).toEqual([16, 8, 2, 2, 2, undefined]);
});
