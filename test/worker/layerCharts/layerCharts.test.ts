import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isLayerCharts, isLayerCurve } from '../../../src/extension/workerGuards';
import type { ChartCurves, LayerCharts } from '../../../src/protocol/layerCharts';
import type { CompressResult } from '../../../src/protocol/worker';
import { compressCheckpoint } from '../../../src/worker/compress';
import { createLocalEngine } from '../../../src/worker/engine';
import type { Engine } from '../../../src/worker/engine';
import { layerCharts } from '../../../src/worker/layerCharts/layerCharts';
import { layerCurve } from '../../../src/worker/layerCharts/layerCurve';
import { isLayerChartsParams } from '../../../src/worker/paramGuards';
import { taskRunner } from '../../../src/worker/tasks';
import { buffersOf } from '../../../src/worker/threadMessages';
import {
  distance,
  exampleLayer,
  readSafetensors,
  s4dKernel,
  writeS4dModel,
} from '../../support/s4dModel';
import { tempDir } from '../../support/tempDir';

const folder = tempDir();
const file = join(folder, 'net.safetensors');
const output = join(folder, 'small.safetensors');
const horizon = 256;
const layer = 's4_layers.1';

/** Computes here, but as a thread does: what is given to it is moved there and gone. */
function movingEngine(): Engine {
  const engine = createLocalEngine(taskRunner);
  return {
    ...engine,
    run: (kind, input) => engine.run(kind, structuredClone(input, { transfer: buffersOf(input) })),
  };
}

const local = { startEngine: () => Promise.resolve(movingEngine()) };
let run: CompressResult;

beforeAll(async () => {
  writeS4dModel(file, [exampleLayer(2, 4, 1), exampleLayer(3, 6, 2)]);
  const asked = { file, output, target: { order: 4 }, horizon, overwrite: true };
  run = await compressCheckpoint({ ...asked, solver: 'newton' }, local);
});

const kernel = (path: string, channel: number): Float64Array =>
  s4dKernel(readSafetensors(readFileSync(path)), 1, channel, horizon);

function values({ curves }: ChartCurves, id: string): readonly number[] {
  const found = curves.find((curve) => curve.id === id);
  if (found === undefined) throw new Error(`no curve ${id}`);
  return found.value;
}

describe('the charts of a layer', () => {
  it.each([
    ['the checkpoint that was compressed', file],
    ['the result', output],
  ])('show %s and the other one of the report', async (_, shown) => {
    const charts = await layerCharts(
      { file: shown, layer, channel: 2, report: run.reportPath },
      local,
    );
    expect(isLayerCharts(charts)).toBe(true);
    expect(charts).toMatchObject({ kind: 'kernels', channels: 3, channel: 2, horizon, notes: [] });
    const [before, after] = [kernel(file, 2), kernel(output, 2)];
    const { x } = charts.impulse;
    for (const i of [0, 3, x.length - 1]) {
      expect(values(charts.impulse, 'original')[i]).toBeCloseTo(before[x[i]], 4);
      expect(values(charts.impulse, 'reduced')[i]).toBeCloseTo(after[x[i]], 4);
      expect(values(charts.impulse, 'difference')[i]).toBeCloseTo(before[x[i]] - after[x[i]], 4);
    }
    expect(charts.poles.original.re).toHaveLength(6);
    expect(charts.poles.reduced?.re).toHaveLength(2);
  });

  it('spread over the channels where none is chosen, and name the worst of them', async () => {
    const charts = await layerCharts({ file, layer, report: run.reportPath }, local);
    expect(charts.sampled).toBe(3);
    const errors = [0, 1, 2].map((k) => {
      const before = kernel(file, k);
      return distance(before, kernel(output, k)) / Math.hypot(...before);
    });
    expect(charts.worst?.channel).toBe(errors.indexOf(Math.max(...errors)));
    expect(charts.worst?.error).toBeCloseTo(Math.max(...errors), 5);
    const sizes = [0, 1, 2].map((k) => Math.abs(kernel(file, k)[1])).sort((a, b) => a - b);
    expect(values(charts.impulse, 'original')[1]).toBeCloseTo(sizes[1], 4);
  });

  it('show how the search went, as the report records it', async () => {
    const { convergence } = await layerCharts(
      { file, layer, channel: 1, report: run.reportPath },
      local,
    );
    const system = run.report.layers[1].systems[1];
    expect(convergence?.curves[0].value).toHaveLength(system.trace.objective.length);
    const last = system.trace.objective.at(-1) ?? 0;
    expect(convergence?.curves[0].value.at(-1)).toBeCloseTo(last / system.norm ** 2, 6);
  });

  it('without a report show the layer alone', async () => {
    const charts: LayerCharts = await layerCharts({ file, layer }, local);
    expect(charts.impulse.curves.map(({ id }) => id)).toEqual(['original']);
    expect(charts.convergence).toBeUndefined();
  });

  it('say why the other checkpoint is missing', async () => {
    const alone = join(folder, 'alone.safetensors');
    writeS4dModel(alone, [exampleLayer(2, 4, 1), exampleLayer(3, 6, 2)]);
    const small = join(folder, 'alone.small.safetensors');
    const asked = { file: alone, output: small, target: { order: 4 }, horizon, overwrite: true };
    const { reportPath } = await compressCheckpoint({ ...asked, solver: 'balanced' }, local);
    rmSync(alone);
    const charts = await layerCharts({ file: small, layer, report: reportPath }, local);
    expect(charts.notes.join()).toContain('alone.safetensors');
    expect(charts.impulse.curves).toHaveLength(1);
  });

  it('are refused for what is not there', async () => {
    await expect(layerCharts({ file, layer: 'elsewhere' }, local)).rejects.toMatchObject({
      reason: 'bad-request',
      file,
    });
    await expect(layerCharts({ file, layer, channel: 3 }, local)).rejects.toMatchObject({
      reason: 'bad-request',
    });
    expect(isLayerChartsParams({ file, layer, channel: -1 })).toBe(false);
    expect(isLayerChartsParams({ file, layer, channel: 0.5 })).toBe(false);
    expect(isLayerChartsParams({ file })).toBe(false);
  });

  it('are given up when cancelled', async () => {
    const asked = layerCharts({ file, layer }, { ...local, signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ reason: 'cancelled' });
  });
});

describe('error against order of a layer', () => {
  it('is what compressing to each order leaves, with the parameters of the whole model', async () => {
    const fractions: number[] = [];
    const curve = await layerCurve(
      { file, layer, report: run.reportPath },
      { ...local, onProgress: (fraction) => fractions.push(fraction) },
    );
    expect(isLayerCurve(curve)).toBe(true);
    expect(curve.points.map(({ order }) => order)).toEqual([2, 4, 6, 8]);
    expect(fractions.at(-1)).toBe(1);
    const { error, orderAfter } = run.report.layers[1];
    const at4 = curve.points[1];
    expect(at4.error / error.relative).toBeGreaterThan(0.8);
    expect(at4.error / error.relative).toBeLessThan(1.2);
    expect(curve.reported).toMatchObject({ order: orderAfter, error: error.relative });
    // S4D stores C (2 numbers), the decay and the frequency of each slot; steps stay
    expect(curve.parametersBefore - at4.parameters).toBe(3 * 4 * (6 - 2));
  });

  it('of one channel is its own', async () => {
    const one = await layerCurve({ file, layer, channel: 0, report: run.reportPath }, local);
    const { error, norm } = run.report.layers[1].systems[0];
    expect((one.points[1].error * norm) / error).toBeGreaterThan(0.8);
    expect((one.points[1].error * norm) / error).toBeLessThan(1.2);
    expect(one.points[1].most).toBeUndefined();
  });

  it('carries what the layer would add to the error of the output, in proportion', async () => {
    const report = JSON.parse(readFileSync(run.reportPath, 'utf8')) as Record<string, unknown>;
    const factors = {
      ...{ contribution: 0.5, local: 1, downstream: 0.5, inputRow: 1, gain: 1, errorGain: 1 },
      ...{ certificate: 'h2', h2Error: 1, activation: 1, mixing: 1, blockGain: 1 },
    };
    const figure = { bound: 0.5, trivial: 1, vacuous: false };
    report.bound = {
      ...{ length: 8, perPosition: false, certified: figure, paper: figure, remarks: [] },
      ...{ outside: { certified: 0 }, rankedBy: 'certified' },
      layers: [{ name: layer, share: 1, certified: factors }],
    };
    const path = join(folder, 'bounded.ssmreport.json');
    writeFileSync(path, JSON.stringify(report));
    const curve = await layerCurve({ file, layer, report: path }, local);
    expect(curve.reported?.contribution).toEqual({ value: 0.5, evidence: 'certified' });
    const [first, second] = curve.points;
    expect((first.contribution ?? 0) / (second.contribution ?? 1)).toBeCloseTo(
      first.error / second.error,
      3,
    );
    expect(second.contribution).toBeCloseTo(
      (0.5 * second.error) / run.report.layers[1].error.relative,
      4,
    );
  });
});
