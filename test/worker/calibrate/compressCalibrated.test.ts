import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isReport } from '../../../src/protocol/report';
import type { CompressParams, CompressProgress } from '../../../src/protocol/worker';
import { traceCurve } from '../../../src/worker/calibrate/curve';
import { compressCheckpoint } from '../../../src/worker/compress';
import { createLocalEngine } from '../../../src/worker/engine';
import { evaluateFile } from '../../../src/worker/evaluate/evaluateFile';
import { taskRunner } from '../../../src/worker/tasks';
import { writeExampleData, writeExampleNetwork } from '../../support/exampleNetwork';
import { readSafetensors } from '../../support/s4dModel';
import { tempDir } from '../../support/tempDir';

const directory = tempDir();
const file = join(directory, 'net.safetensors');
const data = join(directory, 'data.npz');
const fresh = join(directory, 'fresh.npz');
const given = { prenorm: 'false', pooling: 'mean' };
const tools = { startEngine: () => Promise.resolve(createLocalEngine(taskRunner)) };
let outputs = 0;

beforeAll(async () => {
  writeExampleNetwork(file, 8);
  await writeExampleData(data, 30, 64);
  await writeExampleData(fresh, 6, 64, false);
});

function params(more: Partial<CompressParams> = {}): CompressParams {
  return {
    file,
    output: join(directory, `small${outputs++}.safetensors`),
    target: { order: 4 },
    solver: 'newton',
    horizon: 64,
    answers: { given },
    calibration: { data, sequences: 16 },
    overwrite: false,
    ...more,
  };
}

/** The relative error of a file's outputs on data, by a run of its own. */
async function outputError(small: string, on: string): Promise<number> {
  const asked = { file: small, against: file, data: on, given };
  const { evaluation } = await evaluateFile(asked, tools);
  return evaluation.outputError?.value ?? NaN;
}

describe('a compression with sample data', () => {
  it('keeps the outputs better than one without, and says what the file really gives', async () => {
    const plain = params();
    const { calibration, ...without } = plain;
    expect(calibration).toBeDefined();
    await compressCheckpoint(without, tools);
    const asked = params();
    const before = readFileSync(file);
    const { report } = await compressCheckpoint(asked, tools);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(isReport(JSON.parse(readFileSync(`${asked.output}.ssmreport.json`, 'utf8')))).toBe(true);
    const record = report.calibration;
    expect(record).toMatchObject({ sequences: 16, evaluation: { sequences: 14 } });
    expect(record?.layers.map(({ name }) => name)).toEqual(['s4_layers.0', 's4_layers.1']);
    expect(report.layers.every(({ error }) => error.kind === 'certified')).toBe(true);

    // held-out figures are those of the written file: the 14 sequences that were not calibrated with
    const [calibrated, uncalibrated] = [
      await outputError(asked.output, data),
      await outputError(plain.output, data),
    ];
    expect(calibrated).toBeLessThan(0.7 * uncalibrated);
    const heldOut = record?.evaluation.outputError?.value ?? NaN;
    expect(heldOut).toBeGreaterThan(0);
    expect(heldOut).toBeLessThan(0.7 * uncalibrated);
  });

  it('changes the tensors it names, the state and nothing else', async () => {
    const asked = params();
    const { report } = await compressCheckpoint(asked, tools);
    const [before, after] = [file, asked.output].map((path) => readSafetensors(readFileSync(path)));
    const changed = [...before.keys()].filter((name) => {
      const [a, b] = [before.get(name), after.get(name)];
      return JSON.stringify([...(a?.values ?? [])]) !== JSON.stringify([...(b?.values ?? [])]);
    });
    const named = new Set(report.calibration?.changedTensors);
    const state = /kernel\.(C|log_A_real|A_imag)$/;
    expect(changed.filter((name) => !state.test(name)).sort()).toEqual([...named].sort());
    expect(named.has('decoder.weight')).toBe(true);
  });

  it('leaves out what it is told to leave out', async () => {
    const without = ['mixing', 'decoder', 'offset', 'skip', 'norms'] as const;
    const { report } = await compressCheckpoint(
      params({ calibration: { data, sequences: 16, without } }),
      tools,
    );
    expect(report.calibration?.changedTensors).toEqual([]);
    expect(report.calibration?.parts).toEqual(['sequential']);
  });

  it('judges by other data where there is some', async () => {
    const asked = params({ calibration: { data, test: fresh } });
    const { report } = await compressCheckpoint(asked, tools);
    expect(report.calibration).toMatchObject({ sequences: 30, evaluation: { sequences: 6 } });
    const error = report.calibration?.evaluation.outputError?.value;
    expect(error).toBeCloseTo(await outputError(asked.output, fresh), 12);
  });

  it('is known again by the data it was calibrated with, and judged by the rest of it alone', async () => {
    const asked = params();
    const { report } = await compressCheckpoint(asked, tools);
    const evaluate = { file: asked.output, against: file, data, given };
    const all = await evaluateFile(evaluate, tools);
    expect(all.seen).toEqual({ calibratedWith: 16, chosenOn: false });
    expect(all.evaluation.sequences).toBe(30);
    const rest = await evaluateFile({ ...evaluate, heldOut: true }, tools);
    expect(rest.seen).toEqual({ calibratedWith: 0, chosenOn: false });
    // the run has judged by the same sequences
    const { sequences, outputError } = rest.evaluation;
    expect(sequences).toBe(14);
    expect(outputError).toEqual(report.calibration?.evaluation.outputError);

    const copy = join(directory, 'copy.npz'); // the same data under another name, and other data
    copyFileSync(data, copy);
    expect((await evaluateFile({ ...evaluate, data: copy }, tools)).seen?.calibratedWith).toBe(16);
    const other = await evaluateFile({ ...evaluate, data: fresh, heldOut: true }, tools);
    expect(other.seen).toBeUndefined();
    expect(other.evaluation.sequences).toBe(6);
    await expect(
      evaluateFile({ ...evaluate, file, against: file, heldOut: true }, tools),
    ).rejects.toThrow(/no report/);
  });

  it('finds the smallest order within a tolerance', async () => {
    const asked = params({ target: { outputError: 0.05 } });
    const { report } = await compressCheckpoint(asked, tools);
    const { tried = [], evaluation } = report.calibration ?? {};
    const kept = tried.filter((point) => (point.evaluation.outputError?.value ?? 1) <= 0.05);
    expect(report.request).toMatchObject({ outputError: 0.05, order: kept[0]?.order });
    expect(evaluation?.outputError?.value).toBeLessThanOrEqual(0.05 * (1 + 1e-3));
    expect(tried.length).toBeGreaterThan(1);
  });

  it('finds orders of single layers that keep the tolerance with less, and checks them together', async () => {
    const asked = params({ target: { outputError: 0.04 }, perLayer: true });
    const { report, loaderPath } = await compressCheckpoint(asked, tools);
    const { layersTried, evaluation } = report.calibration ?? {};
    const same = report.calibration?.tried?.find(({ order }) => order === layersTried?.uniform);
    expect(same?.evaluation.outputError?.value).toBeLessThanOrEqual(0.04);
    expect(layersTried?.alone.map(({ name }) => name)).toEqual(['s4_layers.0', 's4_layers.1']);
    const taken = layersTried?.tried.filter(({ kept }) => kept).at(-1);
    expect(layersTried?.taken).toBe(taken === undefined ? 'uniform' : 'layers');
    const { orders, parameters } = taken ?? { orders: [same?.order, same?.order], ...same };
    expect(report.layers.map(({ orderAfter }) => orderAfter)).toEqual(orders);
    expect(report.model.parametersAfter).toBe(parameters);
    if (taken !== undefined) expect(taken.parameters).toBeLessThan(same?.parameters ?? 0);
    expect(evaluation?.outputError?.value).toBeLessThanOrEqual(0.04 * (1 + 1e-3));
    expect(loaderPath !== undefined).toBe(taken !== undefined);
    expect(report.request).toMatchObject({ outputError: 0.04, perLayer: true });
    expect(report.request.layerOrders).toBeUndefined();
    expect(isReport(JSON.parse(readFileSync(`${asked.output}.ssmreport.json`, 'utf8')))).toBe(true);
    // by a run of its own on the written file
    const again = { file: asked.output, against: file, data, given, heldOut: true };
    const measured = await evaluateFile(again, tools);
    expect(measured.evaluation.outputError).toEqual(evaluation?.outputError);
    expect(measured.seen?.chosenOn).toBe(true);
  });

  it('that no order can keep within the tolerance says so and writes nothing', async () => {
    const asked = params({ target: { outputError: 1e-9 } });
    await expect(compressCheckpoint(asked, tools)).rejects.toMatchObject({
      reason: 'bad-request',
      message: expect.stringContaining('No smaller order') as string,
    });
    expect(existsSync(asked.output)).toBe(false);
  });

  it('cannot promise accuracy without labels', async () => {
    const asked = params({ target: { accuracyLoss: 0.01 }, calibration: { data: fresh } });
    await expect(compressCheckpoint(asked, tools)).rejects.toThrow('labels');
  });

  it('can be cancelled at any moment and leaves nothing', async () => {
    for (const share of [0.1, 0.5, 0.9]) {
      const stop = new AbortController();
      const onProgress = ({ fraction }: CompressProgress): void => {
        if (fraction >= share) stop.abort();
      };
      const asked = params();
      const running = compressCheckpoint(asked, { ...tools, signal: stop.signal, onProgress });
      await expect(running).rejects.toMatchObject({ reason: 'cancelled' });
      const left = readdirSync(directory).filter((name) => name.includes(`small${outputs - 1}`));
      expect(left).toEqual([]);
    }
  });

  it('tells how far it is, from 0 up to 1', async () => {
    const seen: CompressProgress[] = [];
    await compressCheckpoint(params(), { ...tools, onProgress: (at) => seen.push(at) });
    const fractions = seen.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(new Set(seen.map(({ stage }) => stage))).toContain('evaluating');
  });
});

describe('the trade-off curve', () => {
  it('has an error that falls as the order grows', async () => {
    const orders = [2, 4, 8];
    const asked = { file, answers: { given }, calibration: { data, sequences: 16 }, orders };
    const { points, orderBefore } = await traceCurve(asked, tools);
    expect(points.map(({ order }) => order)).toEqual(orders);
    expect(orderBefore).toBe(16);
    const errors = points.map(({ evaluation }) => evaluation.outputError?.value ?? NaN);
    expect(errors[2]).toBeLessThan(errors[0]);
    expect(points[0].parameters).toBeLessThan(points[2].parameters);
  });

  it('refuses orders that the model cannot have', async () => {
    const asked = { file, answers: { given }, calibration: { data }, orders: [3] };
    await expect(traceCurve(asked, tools)).rejects.toThrow('cannot have order 3');
  });
});
