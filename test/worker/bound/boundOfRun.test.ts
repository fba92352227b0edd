import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { forward } from '../../../src/core/network/forward';
import { isReport, type Report } from '../../../src/protocol/report';
import { isRunSummary, summariseReport } from '../../../src/protocol/runSummary';
import type { CompressParams } from '../../../src/protocol/worker';
import { describeOutputBound } from '../../../src/cli/outputBound';
import { compressCheckpoint } from '../../../src/worker/compress';
import { createLocalEngine } from '../../../src/worker/engine';
import { openNetwork } from '../../../src/worker/openNetwork';
import { readReport } from '../../../src/worker/readReport';
import { openSamples } from '../../../src/worker/samples/open';
import { taskRunner } from '../../../src/worker/tasks';
import { writeExampleData, writeExampleNetwork } from '../../support/exampleNetwork';
import { exampleLayer, writeS4dModel } from '../../support/s4dModel';
import { tempDir } from '../../support/tempDir';

const directory = tempDir();
const file = join(directory, 'net.safetensors');
const data = join(directory, 'data.npz');
const given = { prenorm: 'false', pooling: 'mean' };
const tools = { startEngine: () => Promise.resolve(createLocalEngine(taskRunner)) };

beforeAll(async () => {
  writeExampleNetwork(file, 8);
  await writeExampleData(data, 30, 64);
});

async function compress(name: string, more: Partial<CompressParams> = {}): Promise<Report> {
  const output = join(directory, name);
  await compressCheckpoint(
    {
      ...{ file, output, target: { order: 4 }, solver: 'balanced', horizon: 64 },
      ...{ answers: { given }, overwrite: true },
      ...more,
    },
    tools,
  );
  return readReport(`${output}.ssmreport.json`);
}

/** Errors of the outputs on all sequences, from forward passes of both files. */
async function errorsOf(small: string): Promise<number[]> {
  const [a, b] = await Promise.all(
    [file, join(directory, small)].map((path) => openNetwork(path, { given })),
  );
  const samples = await openSamples(data, {}, a.network);
  const errors: number[] = [];
  for (let i = 0; i < samples.count; i++) {
    const sequence = await samples.sequence(i);
    const [y, z] = [a, b].map(({ network }) => forward(network, sequence).x);
    errors.push(Math.hypot(...y.map((value, k) => value - z[k])));
  }
  await samples.close();
  return errors;
}

describe('the bound in the report of a run', () => {
  it('is certified where the network is known, and above every error', async () => {
    const report = await compress('plain.safetensors');
    expect(isReport(report)).toBe(true);
    expect(report.noBound).toBeUndefined();
    const { certified, layers, rankedBy, length } = report.bound!;
    expect([length, rankedBy]).toEqual([64, 'certified']);
    expect(layers.map(({ name }) => name)).toEqual(['s4_layers.0', 's4_layers.1']);
    // a norm behind the last layer bounds the output whatever goes in
    const most = Math.max(...(await errorsOf('plain.safetensors')));
    expect(most).toBeGreaterThan(0);
    expect(certified.bound).toBeGreaterThan(most);
    const text = describeOutputBound(report).flat().join('\n');
    expect(text).toMatch(/error ≤ .*certified for up to 64 positions/);
    expect(text.includes('vacuous for this network')).toBe(certified.vacuous);
  });

  it('with sample data has all the evidence there is', async () => {
    const calibration = { data, sequences: 16 };
    const report = await compress('calibrated.safetensors', { calibration });
    const { certified, calibrated, measured, layers, rankedBy } = report.bound!;
    expect(rankedBy).toBe('measured');
    expect(calibrated).toMatchObject({ sequences: 16, heldOut: 14 });
    expect(measured?.sequences).toBe(14);
    const errors = await errorsOf('calibrated.safetensors');
    const rms = Math.hypot(...errors) / Math.sqrt(errors.length);
    expect(measured?.error).toBeGreaterThan(0.3 * rms);
    expect(measured?.largest).toBeLessThanOrEqual(Math.max(...errors) * (1 + 1e-9));
    expect(errors.some((error) => Math.abs(error - measured!.largest) < 1e-9)).toBe(true);
    expect(measured?.telescoping).toBeGreaterThanOrEqual(measured!.error * (1 - 1e-9));
    expect(certified.bound).toBeGreaterThan(Math.max(...errors));
    expect(layers.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    const summary = summariseReport(report);
    expect(isRunSummary(summary)).toBe(true);
    expect(summary.output).toMatchObject({
      certified: certified.bound,
      calibrated: calibrated?.bound,
      measured: measured?.error,
    });
  });

  it('is left out in words where something about the network is open or it is not known', async () => {
    const open = await compress('open.safetensors', { answers: {} });
    expect(open.bound).toBeUndefined();
    expect(open.noBound).toContain('prenorm');
    const bare = join(directory, 'bare.safetensors');
    writeS4dModel(bare, [exampleLayer(3, 6, 1)]);
    const unknown = await compress('unknown.safetensors', { file: bare, answers: {} });
    expect(unknown.bound).toBeUndefined();
    expect(unknown.noBound).not.toBe('');
    expect(describeOutputBound(unknown).flat().join(' ')).toContain('no bound: ');
    expect(isReport({ ...unknown, noBound: 3 })).toBe(false);
  });
});
