import { expect, test } from 'vitest';
import { convergenceOf } from '../../src/extension/reportEditor/convergence';
import type { LayerRecord } from '../../src/protocol/report';

/** A layer of two kernels with norms 3 and 4 that share poles; their joint search went from 5 to 2.5. */
function tiedLayer(): LayerRecord {
  const systems = [3, 4].map((norm) => ({
    ...{ norm, error: 1, polesBefore: [], polesAfter: [], hankelSingularValues: [] },
    trace: { start: 'a', stop: 'converged' as const, objective: [1], notes: [] },
  }));
  const trace = { start: 'a', stop: 'converged' as const, objective: [5, 2.5], notes: [] };
  return {
    ...{ name: 'a', family: 'dss', tying: 'tied', channels: 2, orderBefore: 4, orderAfter: 2 },
    ...{ slotsBefore: 4, slotsAfter: 2, parametersBefore: 10, parametersAfter: 5, norm: 5 },
    error: { absolute: 1, relative: 0.2, kind: 'certified' },
    groups: [{ kernels: [0, 1], trace }],
    systems,
  };
}

test('kernels that share poles count as the one search that they are', () => {
  expect(convergenceOf([tiedLayer()])?.all).toEqual({
    systems: 1,
    mean: [0.2, 0.1],
    deviation: [0, 0],
  });
});
