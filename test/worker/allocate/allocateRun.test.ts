import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeAllocation } from '../../../src/cli/allocation';
import { forward } from '../../../src/core/network/forward';
import type { Network } from '../../../src/core/network/network';
import type { Sequence } from '../../../src/core/network/program';
import { reduceSystems } from '../../../src/core/solve/reduceLayer';
import { isAllocationRecord, type AllocatedOrders } from '../../../src/protocol/allocation';
import { isReport, type Report } from '../../../src/protocol/report';
import type { CompressParams } from '../../../src/protocol/worker';
import { compressCheckpoint } from '../../../src/worker/compress';
import { createLocalEngine } from '../../../src/worker/engine';
import { openNetwork } from '../../../src/worker/openNetwork';
import { readReport } from '../../../src/worker/readReport';
import { openSamples } from '../../../src/worker/samples/open';
import { splitSamples } from '../../../src/worker/samples/split';
import { taskRunner } from '../../../src/worker/tasks';
import { writeExampleData, writeExampleNetwork } from '../../support/exampleNetwork';
import { tempDir } from '../../support/tempDir';

const directory = tempDir();
const file = join(directory, 'net.safetensors');
const data = join(directory, 'data.npz');
const given = { prenorm: 'false', pooling: 'mean' };
const tools = { startEngine: () => Promise.resolve(createLocalEngine(taskRunner)) };
let outputs = 0;

beforeAll(async () => {
  writeExampleNetwork(file, 8);
  await writeExampleData(data, 30, 64);
});

async function compress(more: Partial<CompressParams>): Promise<Report> {
  const output = join(directory, `small${outputs++}.safetensors`);
  await compressCheckpoint(
    {
      ...{ file, output, target: { order: 4 }, solver: 'balanced', horizon: 64 },
      ...{ answers: { given }, calibration: { data, sequences: 8 }, overwrite: true },
      ...more,
    },
    tools,
  );
  return readReport(`${output}.ssmreport.json`);
}

/** The network with its layers at these orders (two for every slot), by balanced truncation. */
function reducedTo({ orders }: AllocatedOrders, network: Network): Network {
  const layers = network.layers.map((layer, l) => {
    const slots = orders[l].order / 2;
    if (slots === 8) return layer;
    const request = { slots, horizon: 64, solver: 'balanced' as const };
    return { ...layer, systems: reduceSystems(layer.systems, request).reduced };
  });
  return { ...network, layers };
}

async function sequencesToWeighBy(network: Network): Promise<Sequence[]> {
  const samples = await openSamples(data, {}, network);
  const { calibration } = splitSamples(samples.count, { calibration: 8 });
  const found: Sequence[] = [];
  for (const index of calibration) found.push(await samples.sequence(index));
  await samples.close();
  return found;
}

function error(network: Network, other: Network, sequences: readonly Sequence[]): number {
  const squares = sequences.map((one) => {
    const [y, z] = [forward(network, one).x, forward(other, one).x];
    return y.reduce((sum, value, i) => sum + (value - z[i]) ** 2, 0);
  });
  return Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length);
}

function sumOf({ orders }: AllocatedOrders): number {
  return orders.reduce((sum, { order }) => sum + order, 0);
}

describe('orders shared out over the layers', () => {
  it('keep the budget of states, and are measured beside one order for all', async () => {
    const report = await compress({ allocate: 'measured' });
    expect(isReport(report)).toBe(true);
    const record = report.allocation!;
    expect(record).toMatchObject({ unit: 'states', budget: 8, sequences: 8, weights: 'measured' });
    expect(record.uniform.orders.map(({ order }) => order)).toEqual([4, 4]);
    expect(sumOf(record.allocated)).toBeLessThanOrEqual(8);
    expect(record.allocated.predicted).toBeLessThanOrEqual(record.uniform.predicted!);
    const { network } = await openNetwork(file, { given });
    const sequences = await sequencesToWeighBy(network);
    for (const one of [record.allocated, record.uniform]) {
      expect(one.measured).toBeCloseTo(error(network, reducedTo(one, network), sequences), 6);
      expect(one.certified).toBeGreaterThan(one.measured!);
    }
    const better = record.allocated.measured! < record.uniform.measured!;
    expect(record.kept).toBe(better ? 'allocated' : 'uniform');
    const kept = better ? record.allocated : record.uniform;
    expect(report.request.layerOrders).toEqual(
      Object.fromEntries(kept.orders.map(({ layer, order }) => [layer, order])),
    );
    expect(report.layers.map(({ orderAfter }) => orderAfter)).toEqual(
      kept.orders.map(({ order }) => order),
    );
    const text = describeAllocation(record).join('\n');
    expect(text).toMatch(/Layer +Order shared out +One for all/);
    expect(text).toContain('at most 8 states');
  });

  it.each(['first-order', 'calibrated', 'uniform'] as const)('by %s evidence', async (allocate) => {
    const { allocation } = await compress({ allocate });
    expect(isAllocationRecord(allocation)).toBe(true);
    expect(allocation?.weights).toBe(allocate);
    expect(sumOf(allocation!.allocated)).toBeLessThanOrEqual(8);
    if (allocate === 'uniform') expect(allocation?.allocated).toEqual(allocation?.uniform);
  });

  it('keep a number of parameters', async () => {
    const report = await compress({ allocate: 'measured', target: { remove: 0.3 } });
    const { parametersBefore, parametersAfter } = report.model;
    expect(report.allocation?.unit).toBe('parameters');
    expect(parametersAfter).toBeLessThanOrEqual(0.7 * parametersBefore);
    const { allocated, uniform, kept } = report.allocation!;
    expect(parametersAfter).toBe((kept === 'allocated' ? allocated : uniform).price);
  });

  it('are the cheapest that are foretold to keep an output error', async () => {
    const report = await compress({ allocate: 'measured', target: { outputError: 0.3 } });
    const { allocated, uniform, budget, tolerance } = report.allocation!;
    expect([budget, tolerance]).toEqual([null, 0.3]);
    const { network } = await openNetwork(file, { given });
    const sequences = await sequencesToWeighBy(network);
    const silent = sequences.map((one) => Math.hypot(...forward(network, one).x));
    const size = Math.hypot(...silent) / Math.sqrt(silent.length);
    expect(allocated.predicted).toBeLessThanOrEqual(0.3 * size * (1 + 1e-9));
    expect(allocated.price).toBeLessThanOrEqual(uniform.price);
  });

  it('are weighed by the certified bound where there is no data', async () => {
    const { calibration, ...request } = { calibration: undefined, allocate: 'certified' as const };
    expect(calibration).toBeUndefined();
    const output = join(directory, 'certified.safetensors');
    const { report } = await compressCheckpoint(
      {
        ...{ file, output, target: { order: 4 }, solver: 'balanced', horizon: 64 },
        ...{ answers: { given }, overwrite: true },
        ...request,
      },
      tools,
    );
    const { allocated, uniform, kept, sequences } = report.allocation!;
    expect(sequences).toBe(0);
    expect(kept === 'allocated').toBe((allocated.certified ?? 0) < (uniform.certified ?? 0));
  });

  it('are refused where the evidence is missing or orders are given too', async () => {
    const output = join(directory, 'no.safetensors');
    const asked: CompressParams = {
      ...{ file, output, target: { order: 4 }, solver: 'balanced', horizon: 64 },
      ...{ answers: { given }, overwrite: true, allocate: 'measured' },
    };
    await expect(compressCheckpoint(asked, tools)).rejects.toThrow('only with sample data');
    const layerOrders = { 's4_layers.0': 2 };
    await expect(compressCheckpoint({ ...asked, layerOrders }, tools)).rejects.toThrow(
      'not more than one',
    );
    await expect(
      compress({ allocate: 'measured', target: { accuracyLoss: 0.01 } }),
    ).rejects.toThrow('cannot be foretold');
  });
});
