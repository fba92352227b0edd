import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { forward } from '../../../src/core/network/forward';
import { encodeNpy } from '../../../src/formats/npy';
import { compressCheckpoint } from '../../../src/worker/compress';
import { createLocalEngine } from '../../../src/worker/engine';
import { evaluateFile } from '../../../src/worker/evaluate/evaluateFile';
import { openNetwork } from '../../../src/worker/openNetwork';
import { openSamples } from '../../../src/worker/samples/open';
import { taskRunner } from '../../../src/worker/tasks';
import { writeExampleNetwork } from '../../support/exampleNetwork';
import { tempDir } from '../../support/tempDir';
import { zipOf } from '../../support/torchZip';

const directory = tempDir();
const file = join(directory, 'net.safetensors');
const given = { prenorm: 'false', pooling: 'none' }; // 3 scores at every position
const tools = { startEngine: () => Promise.resolve(createLocalEngine(taskRunner)) };
const [count, length, classes] = [8, 16, 3];
const labels = Float64Array.from({ length: count * length }, (_, i) =>
  i % 7 === 3 ? -100 : (5 * i + Math.floor(i / 9)) % classes,
);

async function writeData(name: string, y: Float64Array): Promise<string> {
  const values = Float64Array.from({ length: count * length * 2 }, (_, i) => Math.sin(1.7 * i));
  const path = join(directory, name);
  const arrays = {
    'x.npy': encodeNpy({ dtype: 'float32', shape: [count, length, 2], values }),
    'y.npy': encodeNpy({ dtype: 'int64', shape: [count, length], values: y }),
  };
  writeFileSync(path, await zipOf(arrays));
  return path;
}

describe('a class at every position', () => {
  it('is judged position by position, averaged over sequences', async () => {
    writeExampleNetwork(file, 6);
    const data = await writeData('data.npz', labels);
    const { network } = await openNetwork(file, { given });
    const samples = await openSamples(data, {}, network);
    const shares: number[] = [];
    const losses: number[] = [];
    for (let i = 0; i < count; i++) {
      const { x } = forward(network, await samples.sequence(i));
      let [hits, loss, n] = [0, 0, 0];
      for (let t = 2; t < length; t++) {
        const label = labels[i * length + t];
        if (label < 0) continue;
        const scores = [0, 1, 2].map((k) => x[k * length + t]);
        if (scores.indexOf(Math.max(...scores)) === label) hits++;
        loss += Math.log(scores.reduce((sum, s) => sum + Math.exp(s), 0)) - scores[label];
        n++;
      }
      shares.push(hits / n);
      losses.push(loss / n);
    }
    await samples.close();
    const average = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0) / all.length;

    const asked = { file, data, given, dataSettings: { 'warm-up': '2' } };
    const { evaluation } = await evaluateFile({ ...asked, against: file }, tools);
    const [accuracy, loss] = evaluation.measures;
    expect(accuracy).toMatchObject({ id: 'accuracy', samples: count });
    expect(accuracy.model.value).toBeCloseTo(average(shares), 12);
    expect(accuracy.original).toEqual(accuracy.model);
    expect(accuracy.difference?.value).toBe(0);
    expect(loss.model.value).toBeCloseTo(average(losses), 9);
    expect(evaluation.agreement?.value).toBe(1);
    expect(evaluation).not.toHaveProperty('balance');
  });

  it('decides how small a model may be', async () => {
    const data = await writeData('data.npz', labels);
    const { report } = await compressCheckpoint(
      {
        ...{ file, output: join(directory, 'small.safetensors'), target: { accuracyLoss: 0.5 } },
        ...{ solver: 'newton', answers: { given }, calibration: { data }, overwrite: false },
      },
      tools,
    );
    const accuracy = report.calibration?.evaluation.measures.find(({ id }) => id === 'accuracy');
    expect(accuracy?.samples).toBe(4);
    expect(accuracy?.difference?.value).toBeGreaterThanOrEqual(-0.5 - 1e-3);
  });

  it('is refused where the model has no such class', async () => {
    const wrong = labels.slice();
    wrong[length + 4] = 3;
    const data = await writeData('wrong.npz', wrong);
    await expect(evaluateFile({ file, data, given }, tools)).rejects.toMatchObject({
      message: expect.stringMatching(
        /Label 3 at position 4 of sequence 1 .*classes, which are 0 to 2/,
      ) as string,
    });
  });
});
