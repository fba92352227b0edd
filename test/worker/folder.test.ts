import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CompressParams } from '../../src/protocol/worker';
import { openInput } from '../../src/worker/checkpointInput';
import { compressCheckpoint, type CompressOptions } from '../../src/worker/compress';
import { createLocalEngine } from '../../src/worker/engine';
import { inspectCheckpoint } from '../../src/worker/inspect';
import { defaultOutput } from '../../src/worker/resultFiles';
import { taskRunner } from '../../src/worker/tasks';
import { exampleLayer, readSafetensors, s4dTensors, safetensorsBytes } from '../support/s4dModel';
import { tempDir } from '../support/tempDir';

const root = tempDir();
const INDEX = 'model.safetensors.index.json';
const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const CONFIG = '{\n  "model_type": "s4d",\n  "d_state": 12, "hidden": [3, 12]\n}\n';

const layers = [exampleLayer(3, 6, 1), exampleLayer(3, 6, 2)];
const tensors = s4dTensors(layers);
const halves = [tensors.slice(0, 5), tensors.slice(5)];
const totalSize = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);

let folder = '';
let output = '';
let cases = 0;

beforeEach(() => {
  folder = join(root, `case${cases++}`, 'net');
  output = join(folder, '..', 'small');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), CONFIG);
  writeFileSync(join(folder, 'tokenizer.json'), '{}');
});

function writeShards(): void {
  const weightMap: Record<string, string> = {};
  halves.forEach((half, i) => {
    writeFileSync(join(folder, SHARDS[i]), safetensorsBytes(half));
    for (const { name } of half) weightMap[name] = SHARDS[i];
  });
  const index = { metadata: { total_size: totalSize }, weight_map: weightMap };
  writeFileSync(join(folder, INDEX), JSON.stringify(index, null, 2));
}

const local: CompressOptions = {
  startEngine: () => Promise.resolve(createLocalEngine(taskRunner)),
};

function params(changes: Partial<CompressParams> = {}): CompressParams {
  return {
    file: folder,
    output,
    target: { order: 6 },
    horizon: 300,
    solver: 'balanced',
    overwrite: false,
    ...changes,
  };
}

describe('a sharded checkpoint', () => {
  it.each([
    ['its folder', () => folder],
    ['its index', () => join(folder, INDEX)],
  ])('becomes a folder of the same files when %s is compressed', async (_, file) => {
    writeShards();
    writeFileSync(join(folder, 'pytorch_model.bin'), 'old weights');
    const { report } = await compressCheckpoint(params({ file: file() }), local);
    expect(readdirSync(output).sort()).toEqual(
      ['config.json', INDEX, ...SHARDS, 'tokenizer.json'].sort(),
    );
    expect(readFileSync(join(output, 'config.json'), 'utf8')).toBe(
      CONFIG.replace('"d_state": 12', '"d_state": 6'),
    );
    const written = SHARDS.map((shard) => readSafetensors(readFileSync(join(output, shard))));
    expect(written[0].get('s4_layers.0.kernel.C')?.shape).toEqual([3, 3, 2]);
    expect(written[1].get('s4_layers.1.kernel.A_imag')?.shape).toEqual([3, 3]);
    const bytes = written
      .flatMap((shard) => [...shard.values()])
      .reduce((sum, { values }) => sum + values.byteLength, 0);
    const index = JSON.parse(readFileSync(join(output, INDEX), 'utf8')) as {
      metadata: { total_size: number };
    };
    expect(index.metadata.total_size).toBe(bytes);
    expect(bytes).toBeLessThan(totalSize);
    expect(existsSync(`${output}.ssmreport.json`)).toBe(true);
    expect(report.warnings.join()).toMatch(/pytorch_model\.bin/);
    expect(report.layers).toHaveLength(2);
  });

  it('keeps shards that are not touched byte for byte', async () => {
    writeShards();
    const small = s4dTensors([exampleLayer(3, 2, 1)]).map((tensor) => ({
      ...tensor,
      name: tensor.name.replace('s4_layers.0', 's4_layers.1'),
    }));
    writeFileSync(join(folder, SHARDS[1]), safetensorsBytes(small));
    await compressCheckpoint(params(), local);
    expect(readFileSync(join(output, SHARDS[1]))).toEqual(readFileSync(join(folder, SHARDS[1])));
    expect(readFileSync(join(output, SHARDS[0]))).not.toEqual(
      readFileSync(join(folder, SHARDS[0])),
    );
  });

  it('is named in a note where one of its files is opened alone', async () => {
    writeShards();
    const { notes } = await inspectCheckpoint(join(folder, SHARDS[0]));
    expect(notes.join()).toContain(INDEX);
  });

  it.each([
    ['climbs out of its folder', '../secret.safetensors'],
    ['is absolute', '/etc/passwd'],
    ['is missing', 'model-00003-of-00002.safetensors'],
    ['is the folder', '.'],
  ])('is refused with a file that %s', async (_, file) => {
    writeFileSync(join(folder, INDEX), JSON.stringify({ weight_map: { w: file } }));
    await expect(inspectCheckpoint(folder)).rejects.toMatchObject({ reason: 'bad-file' });
  });

  it('is refused where a file lacks a tensor that the index promises', async () => {
    writeShards();
    const index = { weight_map: { nobody: SHARDS[0] } };
    writeFileSync(join(folder, INDEX), JSON.stringify(index));
    await expect(inspectCheckpoint(folder)).rejects.toMatchObject({ reason: 'bad-file' });
  });
});

describe('a Hugging Face folder', () => {
  beforeEach(() => {
    writeFileSync(join(folder, 'model.safetensors'), safetensorsBytes(tensors));
  });

  it('is inspected with the settings of its config.json', async () => {
    const { settings, layers: found } = await inspectCheckpoint(folder);
    expect(settings).toContainEqual({ path: ['config', 'd_state'], value: 12 });
    expect(found).toHaveLength(2);
  });

  it('is compressed into a folder, whose name is proposed', async () => {
    expect(defaultOutput(folder, 6)).toBe(`${folder}.order6`);
    await compressCheckpoint(params(), local);
    expect(readdirSync(output).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
    ]);
    const again = await openInput(output);
    expect((await again.checkpoint()).settings).toContainEqual({
      path: ['config', 'd_state'],
      value: 6,
    });
    await again.close();
  });

  it('replaces a former result, and nothing else, when told to', async () => {
    mkdirSync(output);
    writeFileSync(join(output, 'diary.txt'), 'mine');
    const overwrite = { overwrite: true };
    await expect(compressCheckpoint(params(), local)).rejects.toMatchObject({
      reason: 'cannot-write',
    });
    await expect(compressCheckpoint(params(overwrite), local)).rejects.toMatchObject({
      reason: 'cannot-write',
    });
    expect(readFileSync(join(output, 'diary.txt'), 'utf8')).toBe('mine');

    const other = join(folder, '..', 'other');
    await compressCheckpoint(params({ output: other }), local);
    await compressCheckpoint(params({ output: other, target: { order: 4 }, ...overwrite }), local);
    expect(readFileSync(join(other, 'config.json'), 'utf8')).toContain('"d_state": 4');
    expect(readdirSync(join(folder, '..')).sort()).toEqual([
      'net',
      'other',
      'other.ssmreport.json',
      'small',
    ]);
  });
});

it.each([
  ['orbax', ['_METADATA', 'manifest.ocdbt'], /orbax/],
  ['TensorFlow', ['ckpt.index', 'ckpt.data-00000-of-00001'], /TensorFlow/],
  ['nothing', ['readme.md'], /no checkpoint/],
])('a folder of %s is refused for what it is', async (_, names, message) => {
  for (const name of names) writeFileSync(join(folder, name), 'x');
  const error: unknown = await inspectCheckpoint(folder).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ reason: 'unsupported-file' });
  expect((error as Error).message).toMatch(message);
});

it('a folder of several checkpoints asks which', async () => {
  for (const name of ['a.pt', 'b.pt']) writeFileSync(join(folder, name), 'x');
  await expect(inspectCheckpoint(folder)).rejects.toMatchObject({ reason: 'bad-request' });
});
