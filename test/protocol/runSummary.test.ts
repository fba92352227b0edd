import { describe, expect, it } from 'vitest';
import type { HyperRecord, Report } from '../../src/protocol/report';
import { isRunSummary, summariseReport } from '../../src/protocol/runSummary';

const layer = (name: string, relative: number): Report['layers'][number] => ({
  name,
  family: 's4v3-diagonal',
  tying: 'independent',
  channels: 4,
  orderBefore: 64,
  orderAfter: 16,
  slotsBefore: 32,
  slotsAfter: 8,
  parametersBefore: 100,
  parametersAfter: 30,
  norm: 1,
  error: { absolute: relative, relative, kind: 'certified' },
  systems: [],
});

const hyper = (
  layerName: string,
  name: string,
  value: string,
  from: HyperRecord['from'],
): HyperRecord => ({ layer: layerName, name, title: name, value, label: value, from });

const report: Report = {
  kind: 'ssm-compress-report',
  version: 1,
  tool: { name: 'SSM Compress', version: '0.1.0' },
  createdAt: '2026-11-22T12:00:00.000Z',
  source: { path: 'net.pt', format: 'torch-zip', bytes: 10, sha256: '' },
  result: { path: 'net.order16.pt', format: 'torch-zip', bytes: 5, sha256: '' },
  request: { order: 16, horizon: null, horizonFrom: 'given', solver: 'newton' },
  model: { parametersBefore: 200, parametersAfter: 60 },
  layers: [layer('a', 0.1), { ...layer('b', 0.3), orderAfter: 8 }],
  settingsChanged: [],
  droppedOptimizerStates: [],
  warnings: ['one'],
  timings: { readSeconds: 1, reduceSeconds: 1, writeSeconds: 1, totalSeconds: 3 },
  device: { engine: 'cpu', threads: 2, name: '' },
};

describe('the summary of a report', () => {
  it('names the worst layer and the range of orders', () => {
    const summary = summariseReport(report);
    expect(summary.worst).toMatchObject({ name: 'b', relativeError: 0.3 });
    expect(summary).toMatchObject({
      orderBefore: 64,
      orderAfter: { least: 8, greatest: 16 },
      layerCount: 2,
      warnings: 1,
    });
    expect(isRunSummary(summary)).toBe(true);
  });

  it('stays small for thousands of layers', () => {
    const layers = Array.from({ length: 5000 }, (_, i) => layer(`layer ${i}`, i / 5000));
    const summary = summariseReport({ ...report, layers });
    expect(summary.layerCount).toBe(5000);
    expect(summary.worst?.name).toBe('layer 4999');
    expect(JSON.stringify(summary).length).toBeLessThan(20_000);
  });

  it('is one also where no layer was left', () => {
    expect(isRunSummary(summariseReport({ ...report, layers: [] }))).toBe(true);
  });

  it('says again what had been said: once where it holds for all layers, else for each', () => {
    const hyperParameters = [
      hyper('a', 'disc', 'zoh', 'remembered'),
      hyper('b', 'disc', 'zoh', 'given'),
      hyper('a', 'measure', 'legs', 'given'),
      hyper('b', 'measure', 'legt', 'configuration'),
      hyper('a', 'scale', '1', 'file'),
    ];
    expect(summariseReport({ ...report, hyperParameters }).said).toEqual({
      disc: 'zoh',
      'a:measure': 'legs',
    });
  });

  it('says again what concerns the network rather than its layers', () => {
    const request = { ...report.request, answers: { pooling: 'mean', disc: 'zoh' } };
    const hyperParameters = [hyper('a', 'disc', 'bilinear', 'configuration')];
    expect(summariseReport({ ...report, request, hyperParameters }).said).toEqual({
      pooling: 'mean',
    });
  });
});

describe('the guard of summaries', () => {
  it.each([
    { createdAt: 5 },
    { model: { parametersBefore: 1, parametersAfter: 'many' } },
    { request: { ...report.request, solver: { toString: 'x' } } },
    { request: { ...report.request, calibration: { data: 5 } } },
    { source: { ...report.source, format: null } },
  ])('refuses %j', (change) => {
    expect(isRunSummary(summariseReport({ ...report, ...change } as unknown as Report))).toBe(
      false,
    );
  });
});
