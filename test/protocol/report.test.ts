import { describe, expect, it } from 'vitest';
import { isReport, type Report } from '../../src/protocol/report';

const file = { path: 'a.pt', format: 'torch-zip', bytes: 1, sha256: '' } as const;
const system = {
  norm: 2,
  error: 1,
  polesBefore: [],
  polesAfter: [],
  hankelSingularValues: [],
  trace: { start: 'balanced', stop: 'converged', objective: [2, 1], notes: [] },
} as const;
const layer = {
  name: 'l',
  family: 's4d-minimal',
  tying: 'independent',
  channels: 1,
  orderBefore: 4,
  orderAfter: 2,
  slotsBefore: 2,
  slotsAfter: 1,
  parametersBefore: 9,
  parametersAfter: 5,
  norm: 2,
  error: { absolute: 1, relative: 0.5, kind: 'certified' },
} as const;

function report(request: object = {}, change: object = {}): Report {
  return {
    kind: 'ssm-compress-report',
    version: 1,
    tool: { name: '', version: '' },
    createdAt: '',
    source: file,
    result: file,
    request: { order: 2, horizon: 9, horizonFrom: 'given', solver: 'algorithm1', ...request },
    model: { parametersBefore: 9, parametersAfter: 5 },
    layers: [{ ...layer, systems: [{ ...system, ...change }] }],
    settingsChanged: [],
    droppedOptimizerStates: [],
    warnings: [],
    timings: { readSeconds: 0, reduceSeconds: 0, writeSeconds: 0, totalSeconds: 0 },
    device: { engine: 'cpu', threads: 1, name: '' },
  };
}

describe('a report', () => {
  it.each([{}, { tau: 'L Delta' }, { tau: 'L' }, { tau: '10 L' }, { tau: 'infinite' }])(
    'is one with the request %o',
    (request) => {
      expect(isReport(report(request))).toBe(true);
    },
  );

  it.each([{ tau: 'l' }, { tau: 7 }, { tau: null }, { tau: 'toString' }])(
    'is none with the request %o',
    (request) => {
      expect(isReport(report(request))).toBe(false);
    },
  );

  it.each(['discrete-h2', 'continuous-H2'])('is one with a trace of %s', (quantity) => {
    expect(isReport(report({}, { trace: { ...system.trace, quantity } }))).toBe(true);
  });

  it.each([
    { trace: undefined },
    { trace: [] },
    { trace: { ...system.trace, objective: 'x' } },
    { trace: { ...system.trace, objective: [1, null] } },
    { trace: { ...system.trace, quantity: 'volts' } },
    { norm: '2' },
    { error: null },
  ])('is none with a system changed by %o', (change) => {
    expect(isReport(report({}, change))).toBe(false);
  });
});
