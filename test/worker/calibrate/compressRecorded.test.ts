import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { uniform } from '../../../src/core/random';
import { encodeNpy } from '../../../src/formats/npy';
import { isReport } from '../../../src/protocol/report';
import { compressCheckpoint } from '../../../src/worker/compress';
import { createLocalEngine } from '../../../src/worker/engine';
import { describeRecording } from '../../../src/worker/recording';
import { taskRunner } from '../../../src/worker/tasks';
import { exampleLayer, readSafetensors, s4dKernel, writeS4dModel } from '../../support/s4dModel';
import { tempDir } from '../../support/tempDir';
import { zipOf } from '../../support/torchZip';

const directory = tempDir();
const file = join(directory, 'net.safetensors');
const recording = join(directory, 'inputs.npz');
const tools = { startEngine: () => Promise.resolve(createLocalEngine(taskRunner)) };
const [channels, slots, count, length] = [3, 8, 12, 400];
const layer = exampleLayer(channels, slots, 1);

/** Slow inputs: sequences × length × channels. */
const inputs = ((): Float64Array => {
  const next = uniform(5);
  const values = new Float64Array(count * length * channels);
  for (let i = 0; i < count; i++) {
    for (let h = 0; h < channels; h++) {
      const [pace, phase] = [0.01 + 0.05 * next(), 6 * next()];
      for (let t = 0; t < length; t++) {
        values[(i * length + t) * channels + h] = Math.sin(pace * t + phase);
      }
    }
  }
  return values;
})();

beforeAll(async () => {
  writeS4dModel(file, [layer]); // layers alone: no network that is known
  await writeRecording(recording, count);
});

/** The first `sequences` of the inputs as the recording script stores them. */
async function writeRecording(path: string, sequences: number): Promise<void> {
  const values = inputs.subarray(0, sequences * length * channels);
  const lengths = new Float64Array(sequences).fill(length);
  const arrays = {
    's4_layers.0.npy': encodeNpy({
      dtype: 'float32',
      shape: [sequences, length, channels],
      values,
    }),
    'lengths.npy': encodeNpy({ dtype: 'int64', shape: [sequences], values: lengths }),
  };
  writeFileSync(path, await zipOf(arrays));
}

/** What the written layer's output misses of the original's for the inputs, by direct convolution. */
function outputError(path: string): number {
  const tensors = readSafetensors(readFileSync(path));
  let [error, energy] = [0, 0];
  for (let h = 0; h < channels; h++) {
    const [a, b] = [kernelOf(readSafetensors(readFileSync(file)), h), kernelOf(tensors, h)];
    for (let i = 0; i < count; i++) {
      for (let t = 0; t < length; t++) {
        let [y, z] = [0, 0];
        for (let s = 0; s <= t; s++) {
          const u = inputs[(i * length + t - s) * channels + h];
          y += a[s] * u;
          z += b[s] * u;
        }
        error += (y - z) ** 2;
        energy += y ** 2;
      }
    }
  }
  return Math.sqrt(error / energy);
}

function kernelOf(tensors: ReturnType<typeof readSafetensors>, h: number): Float64Array {
  return s4dKernel(tensors, 0, h, length);
}

it('a network that is not known is compressed by the recorded inputs of its layers', async () => {
  const asked = {
    file,
    target: { order: 2 },
    solver: 'newton',
    horizon: length,
    overwrite: false,
  } as const;
  const [plain, weighed] = ['plain', 'weighed'].map((name) =>
    join(directory, `${name}.safetensors`),
  );
  await compressCheckpoint({ ...asked, output: plain }, tools);
  const { report } = await compressCheckpoint(
    { ...asked, output: weighed, recorded: recording },
    tools,
  );
  expect(outputError(weighed)).toBeLessThan(0.7 * outputError(plain));
  expect(report.recorded).toMatchObject({ sequences: count, layers: [{ name: 's4_layers.0' }] });
  expect(isReport(JSON.parse(readFileSync(`${weighed}.ssmreport.json`, 'utf8')))).toBe(true);
});

it('a recording of other layers is refused by name', async () => {
  const other = join(directory, 'other.npz');
  const lengths = encodeNpy({ dtype: 'int64', shape: [1], values: Float64Array.of(4) });
  writeFileSync(other, await zipOf({ 'lengths.npy': lengths }));
  const output = join(directory, 'never.safetensors');
  const asked = { file, output, target: { order: 2 }, solver: 'newton', overwrite: false } as const;
  await expect(compressCheckpoint({ ...asked, recorded: other }, tools)).rejects.toThrow(
    's4_layers.0',
  );
});

describe('a recording that is tried before a run', () => {
  it('tells what it holds', async () => {
    expect(await describeRecording({ file, recorded: recording })).toEqual({
      sequences: count,
      longest: length,
    });
  });

  it('is refused for another checkpoint, and where it holds too few sequences', async () => {
    const other = join(directory, 'other.safetensors');
    writeS4dModel(other, [exampleLayer(channels + 1, slots, 1)]);
    await expect(describeRecording({ file: other, recorded: recording })).rejects.toThrow(
      /takes 4 features/,
    );
    const few = join(directory, 'few.npz');
    await writeRecording(few, 3);
    await expect(describeRecording({ file, recorded: few })).rejects.toThrow(/cannot be split/);
  });
});
