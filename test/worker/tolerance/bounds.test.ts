import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { reduceSystems } from '../../../src/core/solve/reduceLayer';
import { isReport, type Report } from '../../../src/protocol/report';
import type { CompressParams } from '../../../src/protocol/worker';
import { compressCheckpoint } from '../../../src/worker/compress';
import { openNetwork } from '../../../src/worker/openNetwork';
import { readReport } from '../../../src/worker/readReport';
import { traceTradeoff } from '../../../src/worker/tradeoff';
import { writeExampleData, writeExampleNetwork } from '../../support/exampleNetwork';
import { createMovingEngine } from '../../support/movingEngine';
import { tempDir } from '../../support/tempDir';

const directory = tempDir();
const file = join(directory, 'net.safetensors');
const data = join(directory, 'data.npz');
const given = { prenorm: 'false', pooling: 'mean' };
const tools = { startEngine: () => Promise.resolve(createMovingEngine()) };
const orders = [2, 4, 6, 8, 12, 14];
let outputs = 0;

beforeAll(async () => {
  writeExampleNetwork(file, 8);
  await writeExampleData(data, 20, 32);
});

async function compress(more: Partial<CompressParams>): Promise<Report> {
  const output = join(directory, `small${outputs++}.safetensors`);
  await compressCheckpoint(
    {
      ...{ file, output, target: { order: 4 }, solver: 'newton', horizon: 64 },
      ...{ answers: { given }, overwrite: true, ...more },
    },
    tools,
  );
  const report = await readReport(`${output}.ssmreport.json`);
  expect(isReport(report)).toBe(true);
  return report;
}

/** The certified errors of the layers at one order for all. */
async function errorsAt(order: number): Promise<number[]> {
  const { layers } = await compress({ target: { order } });
  return layers.map(({ error }) => error.relative);
}

describe('an error that no layer may exceed', () => {
  it('takes the smallest order that keeps it, and records what was asked', async () => {
    const known = await Promise.all(orders.map(errorsAt));
    const greatest = known.map((errors) => Math.max(...errors));
    const limit = (greatest[1] + greatest[2]) / 2;
    const { request, layers } = await compress({ target: { layerError: limit } });
    expect(request).toMatchObject({ order: 6, layerError: limit });
    expect(layers.every(({ error }) => error.relative <= limit)).toBe(true);
  });

  it('with an order for each layer takes the smallest of each', async () => {
    const known = await Promise.all(orders.map(errorsAt));
    const limit = 1.0001 * Math.min(...known[2]);
    const { request, layers } = await compress({ target: { layerError: limit }, perLayer: true });
    expect(request.perLayer).toBe(true);
    layers.forEach(({ orderAfter, error }, l) => {
      const smallest = orders.find((_, i) => known[i][l] <= limit);
      expect(orderAfter).toBe(smallest);
      expect(error.relative).toBeLessThanOrEqual(limit);
    });
  });

  it('is refused where no smaller order keeps it, and with sample data', async () => {
    const impossible = compress({ target: { layerError: 1e-9 } });
    await expect(impossible).rejects.toMatchObject({ reason: 'bad-request' });
    const weighed = compress({ target: { layerError: 0.5 }, calibration: { data } });
    await expect(weighed).rejects.toMatchObject({ reason: 'bad-request' });
  });
});

describe('a bound of the output’s error', () => {
  it('is kept by the orders taken, by the certified bound without sample data', async () => {
    // whatever is done to the layers, the norms after them let the error be no larger than the outputs
    const { allocation, bound } = await compress({
      target: { outputBound: 7 },
      solver: 'balanced',
    });
    expect(allocation).toMatchObject({ weights: 'certified', limit: 7, budget: null });
    expect(bound?.certified.bound).toBeLessThanOrEqual(7);
  });

  it('is kept by what is measured, with more parameters where less may be lost', async () => {
    const calibration = { data, sequences: 8 };
    const asked = { calibration, allocate: 'measured', solver: 'balanced' } as const;
    const errorOf = ({ allocation }: Report): number =>
      (allocation?.kept === 'allocated' ? allocation.allocated : allocation?.uniform)?.measured ??
      NaN;
    const loose = await compress({ ...asked, target: { outputBound: 0.5 } });
    expect(errorOf(loose)).toBeLessThanOrEqual(0.5);
    const limit = 0.3 * errorOf(loose);
    const strict = await compress({ ...asked, target: { outputBound: limit } });
    expect(errorOf(strict)).toBeLessThanOrEqual(limit);
    expect(loose.model.parametersAfter).toBeLessThan(strict.model.parametersAfter);
  });

  it('is refused where the layers as they are would be all that keeps it', async () => {
    const impossible = compress({ target: { outputBound: 1e-12 } });
    await expect(impossible).rejects.toMatchObject({ reason: 'bad-request' });
  });
});

describe('the trade-off before anything is written', () => {
  it('without sample data has the greatest error of a layer', async () => {
    const { points } = await traceTradeoff({ file, answers: { given }, horizon: 64 }, tools);
    expect(points.map(({ order }) => order)).toEqual(orders);
    const { network } = await openNetwork(file, { given });
    const request = { slots: 3, horizon: 64, solver: 'newton' } as const;
    const errors = network.layers.map(({ systems }) => {
      const { squaredErrors, norms } = reduceSystems(systems, request);
      const norm2 = norms.reduce((sum, norm) => sum + norm * norm, 0);
      return Math.sqrt(squaredErrors.reduce((sum, one) => sum + one, 0) / norm2);
    });
    expect(points[2].layerError).toBeCloseTo(Math.max(...errors), 2);
    expect(points[2].evaluation).toBeUndefined();
  });

  it('of orders shared out foretells less error for more parameters', async () => {
    const asked = { file, answers: { given }, horizon: 64, calibration: { data, sequences: 8 } };
    const { points } = await traceTradeoff({ ...asked, allocate: 'measured' }, tools);
    expect(points.length).toBeGreaterThan(3);
    points.slice(1).forEach((point, i) => {
      expect(point.parameters).toBeGreaterThan(points[i].parameters);
      expect(point.foretoldError).toBeLessThan(points[i].foretoldError ?? NaN);
    });
    const [first] = points;
    expect(Object.keys(first.layerOrders ?? {})).toHaveLength(2);
    const { model } = await compress({
      target: { order: first.order },
      ...(first.layerOrders && { layerOrders: first.layerOrders }),
      ...{ exactSizes: true, solver: 'balanced' },
    });
    expect(model.parametersAfter).toBe(first.parameters);
  });

  it('refuses orders that the model cannot have', async () => {
    const impossible = traceTradeoff({ file, answers: { given }, orders: [3] }, tools);
    await expect(impossible).rejects.toMatchObject({ reason: 'bad-request' });
  });
});
