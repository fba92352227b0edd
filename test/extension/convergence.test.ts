import { describe, expect, it } from 'vitest';
import { convergenceOf } from '../../src/extension/reportEditor/convergence';
import type { ChannelRecord, LayerRecord } from '../../src/protocol/report';

type Trace = ChannelRecord['trace'];

function channel(norm: number, objective: number[], trace: Partial<Trace> = {}): ChannelRecord {
  return {
    norm,
    error: 0,
    polesBefore: [],
    polesAfter: [],
    hankelSingularValues: [],
    trace: { start: '', stop: 'converged', objective, notes: [], ...trace },
  };
}

function layer(name: string, ...systems: ChannelRecord[]): LayerRecord {
  return {
    name,
    family: 's4d-minimal',
    tying: 'independent',
    channels: systems.length,
    orderBefore: 4,
    orderAfter: 2,
    slotsBefore: 2,
    slotsAfter: 1,
    parametersBefore: 9,
    parametersAfter: 5,
    norm: 1,
    error: { absolute: 0.1, relative: 0.1, kind: 'certified' },
    systems,
  };
}

const continuous = { quantity: 'continuous-H2' } as const;

describe('convergenceOf', () => {
  it('is mean and standard deviation of the squared error relative to the squared norm', () => {
    // relative histories: 1, 0.5, 0.25 and 0.5, 0.25, then its last value again
    const found = convergenceOf([layer('a', channel(2, [4, 2, 1]), channel(4, [8, 4]))]);
    expect(found).toEqual({
      quantity: 'discrete-h2',
      all: { systems: 2, mean: [0.75, 0.375, 0.25], deviation: [0.25, 0.125, 0] },
      layers: [],
    });
  });

  it('is relative to the start where the objective is the continuous one', () => {
    const systems = [channel(9, [10, 5], continuous), channel(1, [4, 1, 1], continuous)];
    expect(convergenceOf([layer('a', ...systems)])).toEqual({
      quantity: 'continuous-H2',
      all: { systems: 2, mean: [1, 0.375, 0.375], deviation: [0, 0.125, 0.125] },
      layers: [],
    });
  });

  it('is given for each layer where they are several', () => {
    const found = convergenceOf([
      layer('a', channel(1, [1, 0.5])),
      layer('still', channel(0, [0])),
      layer('b', channel(1, [0.5]), channel(1, [0.5, 0.5])),
    ]);
    expect(found?.all).toEqual({
      systems: 3,
      mean: [2 / 3, 0.5],
      deviation: [expect.closeTo(Math.sqrt(2) / 6, 15), 0],
    });
    expect(found?.layers).toEqual([
      { name: 'a', curve: { systems: 1, mean: [1, 0.5], deviation: [0, 0] } },
      { name: 'b', curve: { systems: 2, mean: [0.5, 0.5], deviation: [0, 0] } },
    ]);
  });

  it('leaves out silent systems, those left as they are, and those without a history', () => {
    const counted = channel(1, [1, 0.25]);
    const others = [channel(0, [0, 0]), channel(1, [0], { stop: 'exact' }), channel(1, [])];
    expect(convergenceOf([layer('a', counted, ...others)])?.all.systems).toBe(1);
    const moved = [channel(1, [3, 2], continuous), channel(1, [0, 0], continuous)];
    expect(convergenceOf([layer('a', counted, ...moved)])?.all).toEqual({
      systems: 1,
      mean: [1, 2 / 3],
      deviation: [0, 0],
    });
  });

  it('is nothing where no solver iterated', () => {
    expect(convergenceOf([])).toBeUndefined();
    expect(convergenceOf([layer('a', channel(1, [0.5]), channel(1, [0.25]))])).toBeUndefined();
    expect(convergenceOf([layer('a', channel(0, [0, 0]))])).toBeUndefined();
  });
});
