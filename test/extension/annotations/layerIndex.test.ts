import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLayerIndex } from '../../../src/extension/annotations/layerIndex';
import type { LayerIndex } from '../../../src/extension/annotations/layerIndex';
import { tempDir } from '../../support/tempDir';

const soon = 60_000;
const trace = { start: 'balanced', stop: 'converged', objective: [1, 0.5], notes: [] };

/** A report as the worker writes it, of a result that holds these bytes. */
function report(bytes: Buffer, createdAt = Date.now(), more: object = {}): string {
  const system = {
    norm: 1,
    error: 0.3,
    polesBefore: [
      [-0.5, 1],
      [-0.001, 0],
    ],
    polesAfter: [[-0.002, 0]],
    hankelSingularValues: [1],
    trace,
  };
  const layer = (name: string, absolute: number): object => ({
    name,
    family: 's4d-minimal',
    tying: 'independent',
    ...{ channels: 1, orderBefore: 64, orderAfter: 16, slotsBefore: 32, slotsAfter: 8 },
    ...{ parametersBefore: 100, parametersAfter: 25, norm: 1 },
    error: { absolute, relative: absolute, kind: 'certified' },
    systems: [system],
  });
  return JSON.stringify({
    kind: 'ssm-compress-report',
    version: 1,
    tool: { name: 'SSM Compress', version: '0' },
    createdAt: new Date(createdAt).toISOString(),
    source: { path: '../model.pt', format: 'torch-zip', bytes: 1000, sha256: '' },
    result: {
      path: 'elsewhere.pt',
      format: 'torch-zip',
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
    request: { order: 16, horizon: 784, horizonFrom: 'given', solver: 'newton' },
    model: { parametersBefore: 200, parametersAfter: 50 },
    layers: [layer('a', 0.3), layer('b', 0.4)],
    settingsChanged: [],
    droppedOptimizerStates: [],
    warnings: [],
    timings: {},
    device: {},
    ...more,
  });
}

interface Fixture {
  readonly index: LayerIndex;
  readonly result: string;
  readonly errors: string[];
  readonly write: (bytes: Buffer, text?: string) => Promise<void>;
  /** What the index says of the result once it has looked. */
  readonly settled: () => Promise<string | undefined>;
}

const folder = tempDir();
let fixtures = 0;

async function withIndex(run: (fixture: Fixture) => Promise<void>): Promise<void> {
  const errors: string[] = [];
  const index = createLayerIndex((file) => errors.push(path.basename(file)));
  const runs = path.join(folder, `${fixtures++}`, 'runs');
  mkdirSync(runs, { recursive: true });
  const result = path.join(runs, 'small.pt');
  const freshness = (): string | undefined => {
    const facts = index.ofResult(result);
    return facts === undefined ? undefined : index.freshness(facts);
  };
  try {
    await run({
      index,
      result,
      errors,
      async write(bytes, text = report(bytes)) {
        writeFileSync(result, bytes);
        writeFileSync(`${result}.ssmreport.json`, text);
        await index.refresh(`${result}.ssmreport.json`);
      },
      async settled() {
        await expect.poll(freshness).not.toBe('checking');
        return freshness();
      },
    });
  } finally {
    index.dispose();
  }
}

const contents = Buffer.from('a checkpoint');
const sameSize = Buffer.from('A CHECKPOINT');

describe('the index of reports', () => {
  it('finds facts by result, which lies beside the report, and by source', () =>
    withIndex(async ({ index, result, write }) => {
      await write(contents);
      const facts = index.ofResult(result);
      expect(facts?.layers.map(({ name, share }) => [name, share?.toFixed(2)])).toEqual([
        ['a', '0.36'],
        ['b', '0.64'],
      ]);
      expect(facts?.layers[0].slowestBefore).toBeCloseTo(Math.exp(-0.001), 12);
      expect(facts?.layers[0].slowestAfter).toBeCloseTo(Math.exp(-0.002), 12);
      expect(index.ofSource(path.resolve(path.dirname(result), '../model.pt'))).toEqual([facts]);
    }));

  it('tells of changes, and forgets a report that is gone', () =>
    withIndex(async ({ index, result, write }) => {
      let changes = 0;
      index.onDidChange(() => changes++);
      await write(contents);
      expect(changes).toBe(1);
      rmSync(`${result}.ssmreport.json`);
      await index.refresh(`${result}.ssmreport.json`);
      expect(changes).toBe(2);
      expect(index.all()).toEqual([]);
    }));

  it('takes what a layer adds to the output by the evidence that ranks the layers', () =>
    withIndex(async ({ index, result, write }) => {
      const figure = { bound: 2, trivial: 1, vacuous: true };
      const bound = {
        ...{ length: 9, perPosition: false, rankedBy: 'calibrated', remarks: [], outside: {} },
        ...{
          certified: figure,
          paper: figure,
          calibrated: { ...figure, bound: 0.5, vacuous: false },
        },
        measured: { error: 0.1, largest: 0.2 },
        layers: [
          {
            ...{ name: 'b', share: 0.7 },
            ...{ certified: { contribution: 3 }, calibrated: { contribution: 0.35 } },
          },
        ],
      };
      await write(contents, report(contents, Date.now(), { bound }));
      const facts = index.ofResult(result);
      expect(facts?.output).toEqual({
        ...{ certified: null, calibrated: 0.5, measured: 0.1, largest: 0.2 },
      });
      expect(facts?.layers.map(({ contribution }) => contribution)).toEqual([
        undefined,
        { evidence: 'calibrated', value: 0.35, share: 0.7 },
      ]);
    }));

  it.each([
    ['no JSON', '{'],
    ['another version', report(contents, 0, { version: 2 })],
    ['layers that are none', report(contents, 0, { layers: [{ name: 1 }] })],
  ])('leaves out %s, and says so', (_, text) =>
    withIndex(async ({ index, errors, write }) => {
      await write(contents, text);
      expect(index.all()).toEqual([]);
      expect(errors).toEqual(['small.pt.ssmreport.json']);
    }),
  );

  it('stands poles and held-out errors that are anything', () =>
    withIndex(async ({ index, result, write }) => {
      const text = report(contents).replaceAll('[[-0.002,0]]', '{"length":3}');
      await write(contents, text.replaceAll('[-0.5,1]', '"x"'));
      const [layer] = index.ofResult(result)?.layers ?? [];
      expect(layer.slowestAfter).toBeUndefined();
      expect(layer.slowestBefore).toBeCloseTo(Math.exp(-0.001), 12);
    }));
});

describe('a report is', () => {
  it('fresh beside the file that was written with it', () =>
    withIndex(async ({ write, settled }) => {
      await write(contents);
      expect(await settled()).toBe('fresh');
    }));

  it('fresh beside a copy that came later: the checksum is the same', () =>
    withIndex(async ({ write, settled }) => {
      await write(contents, report(contents, Date.now() - soon));
      expect(await settled()).toBe('fresh');
    }));

  it('stale beside another file of the same size, also where its time of writing is old', () =>
    withIndex(async ({ result, write, settled }) => {
      await write(sameSize, report(contents, Date.now() - soon));
      expect(await settled()).toBe('stale');
      const old = new Date(Date.now() - 10 * soon);
      utimesSync(result, old, old);
      expect(await settled()).toBe('stale');
    }));

  it('stale once the file changed, fresh again once it changed back', () =>
    withIndex(async ({ index, result, write, settled }) => {
      await write(contents);
      expect(await settled()).toBe('fresh');
      writeFileSync(result, 'longer than it was');
      index.recheck(result);
      await expect.poll(settled).toBe('stale');
      writeFileSync(result, contents);
      index.recheck(result);
      await expect.poll(settled).toBe('fresh');
    }));

  it('without its file where that was moved away', () =>
    withIndex(async ({ index, result, write, settled }) => {
      await write(contents);
      expect(await settled()).toBe('fresh');
      renameSync(result, `${result}.moved`);
      index.recheck(result);
      await expect.poll(settled).toBe('missing');
    }));
});
