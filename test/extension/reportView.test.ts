import { describe, expect, it } from 'vitest';
import { reportView, spreadOf } from '../../src/extension/reportEditor/view';
import type { ChannelRecord, Report } from '../../src/protocol/report';

describe('spreadOf', () => {
  it('is the five numbers of a sample, quartiles between its values', () => {
    // NumPy: quantile([1, 2, 4, 8], [0.25, 0.5, 0.75]) = 1.75, 3, 5
    expect(spreadOf([8, 1, 4, 2])).toEqual({
      least: 1,
      lowerQuartile: 1.75,
      median: 3,
      upperQuartile: 5,
      greatest: 8,
      greatestAt: 0,
    });
  });

  it('of one value is that value', () => {
    expect(spreadOf([3])).toMatchObject({ least: 3, median: 3, greatest: 3, greatestAt: 0 });
  });

  it('skips what has none, counting it in the position', () => {
    expect(spreadOf([undefined, 1, undefined, 5])).toMatchObject({ greatest: 5, greatestAt: 3 });
    expect(spreadOf([undefined])).toBeUndefined();
    expect(spreadOf([])).toBeUndefined();
  });
});

it('reportView gives errors of channels relative to their norms, and none to a silent channel', () => {
  const channel = (norm: number, error: number): ChannelRecord => ({
    norm,
    error,
    polesBefore: [],
    polesAfter: [],
    hankelSingularValues: [],
    trace: { start: '', stop: 'converged', objective: [], notes: [] },
  });
  const file = { path: 'a.pt', format: 'torch-zip' as const, bytes: 1, sha256: '' };
  const report: Report = {
    kind: 'ssm-compress-report',
    version: 1,
    tool: { name: '', version: '' },
    createdAt: '',
    source: file,
    result: file,
    request: { order: 2, horizon: null, horizonFrom: 'given', solver: 'newton' },
    model: { parametersBefore: 9, parametersAfter: 5 },
    layers: [
      {
        name: 'l',
        family: 's4d-minimal',
        tying: 'independent',
        channels: 3,
        orderBefore: 4,
        orderAfter: 2,
        slotsBefore: 2,
        slotsAfter: 1,
        parametersBefore: 9,
        parametersAfter: 5,
        norm: 5,
        error: { absolute: 0.5, relative: 0.1, kind: 'certified' },
        systems: [channel(4, 1), channel(0, 0), channel(2, 1)],
      },
    ],
    settingsChanged: [],
    droppedOptimizerStates: [],
    warnings: [],
    timings: { readSeconds: 0, reduceSeconds: 0, writeSeconds: 0, totalSeconds: 0 },
    device: { engine: 'cpu', threads: 1, name: '' },
  };
  const view = reportView(report);
  expect(view.layers[0].spread).toMatchObject({ least: 0.25, greatest: 0.5, greatestAt: 2 });
  expect(view).not.toHaveProperty('remove');
  expect(view.horizon).toBeNull();
});
