import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isReport, type Report } from '../../../src/protocol/report';
import type { CompressParams } from '../../../src/protocol/worker';
import { compressCheckpoint } from '../../../src/worker/compress';
import { AcceleratedEngine } from '../../../src/worker/engines/acceleratedEngine';
import type { SearchEngine } from '../../../src/worker/engines/searchEngine';
import { layerCurve } from '../../../src/worker/layerCharts/layerCurve';
import { readReport } from '../../../src/worker/readReport';
import { traceTradeoff } from '../../../src/worker/tradeoff';
import { writeExampleData, writeExampleNetwork } from '../../support/exampleNetwork';
import { fakeEngine } from '../../support/fakeEngine';
import { createMovingEngine } from '../../support/movingEngine';
import { sharedAvailable, sharedPath } from '../../support/shared';
import { tempDir } from '../../support/tempDir';

const directory = tempDir();
const file = join(directory, 'net.safetensors');
const data = join(directory, 'data.npz');
const answers = { given: { prenorm: 'false', pooling: 'mean' } };

/** An engine beside the threads, with what it was asked for. */
const engine: SearchEngine = fakeEngine();
const search = vi.spyOn(engine, 'search');
const searchWeighted = vi.spyOn(engine, 'searchWeighted');
const open = vi.fn(() => Promise.resolve(engine));
const beside = {
  startEngine: () =>
    Promise.resolve(
      new AcceleratedEngine(createMovingEngine(), { choice: 'tfjs', expected: 8, open }),
    ),
};
const alone = { startEngine: () => Promise.resolve(createMovingEngine()) };
const took = { requested: 'tfjs', used: 'tfjs', device: { kind: 'gpu', name: 'a GPU' } };

async function compressed(asked: Partial<CompressParams>): Promise<Report> {
  const output = join(directory, 'small.safetensors');
  await compressCheckpoint(
    {
      ...{ file, output, answers, solver: 'newton', horizon: 64, target: { order: 4 } },
      ...{ overwrite: true, ...asked },
    },
    beside,
  );
  const report = await readReport(`${output}.ssmreport.json`);
  if (!isReport(report)) throw new Error('Not a report.');
  return report;
}

beforeAll(async () => {
  writeExampleNetwork(file, 8);
  await writeExampleData(data, 20, 32);
});
beforeEach(() => {
  vi.clearAllMocks();
});

describe('an engine that is wanted searches', () => {
  it('for the errors at several orders, which fall as far as those of the processor', async () => {
    const params = { file, answers, horizon: 64, orders: [2, 4, 8] };
    const found = await traceTradeoff(params, beside);
    expect(found.engine).toMatchObject(took);
    expect(search.mock.calls.some(([{ slots }]) => slots === 4)).toBe(true);
    const { points } = await traceTradeoff(params, alone);
    expect(found.points).toHaveLength(3);
    found.points.forEach(({ layerError = NaN }, i) => {
      expect(layerError).toBeLessThanOrEqual((points[i].layerError ?? NaN) * (1 + 1e-6));
    });
  });

  it('several kernels in one call for each order', async () => {
    const found = await layerCurve({ file, answers, layer: 's4_layers.0' }, beside);
    expect(found.engine).toMatchObject(took);
    const asked = search.mock.calls.map(([{ slots }]) => slots);
    expect(asked.slice(-found.points.length).toSorted((a, b) => a - b)).toEqual(
      found.points.map(({ slots }) => slots),
    );
  });

  it('at every order of a calibrated curve', async () => {
    const params = { file, answers, orders: [2, 4], calibration: { data, sequences: 8 } };
    const found = await traceTradeoff(params, beside);
    expect(found.engine).toMatchObject(took);
    const slots = searchWeighted.mock.calls.map(([targets]) => targets.slots);
    expect(new Set(slots)).toContain(1);
    expect(new Set(slots)).toContain(2);
  });

  it.each<[string, Partial<CompressParams>]>([
    ['an error that no layer may exceed', { target: { layerError: 0.2 } }],
    [
      'an error of the output',
      { target: { outputError: 0.5 }, calibration: { data, sequences: 8 } },
    ],
  ])('for %s, and in the run with what was found; chosen once', async (_, asked) => {
    const report = await compressed(asked);
    expect(report.device.search).toMatchObject(took);
    expect(report.device.search?.processor).toBeUndefined();
    expect(open).toHaveBeenCalledTimes(1);
  });
});

describe.skipIf(!sharedAvailable)('layers that engines do not search for', () => {
  it('are named in the report with the reason', async () => {
    const source = sharedPath('checkpoints', 'generated', 'dss_exp_H8_N16.safetensors');
    const given = { version: 'exp', kernel_to_real: 'real' };
    const report = await compressed({ file: source, target: { order: 2 }, answers: { given } });
    const { used, why, processor } = report.device.search ?? {};
    expect({ used, why }).toEqual({
      used: 'cpu',
      why: 'There was nothing that engines search for.',
    });
    expect(processor).toEqual([
      {
        why: expect.stringMatching(/^Channels that share their poles/) as string,
        layers: report.layers.map(({ name }) => name),
      },
    ]);
    expect(open).not.toHaveBeenCalled();
  });
});
