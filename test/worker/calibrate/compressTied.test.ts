import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from '../../../src/formats/npy';
import { compressCheckpoint } from '../../../src/worker/compress';
import { createLocalEngine } from '../../../src/worker/engine';
import { evaluateFile } from '../../../src/worker/evaluate/evaluateFile';
import { taskRunner } from '../../../src/worker/tasks';
import { sharedAvailable, sharedPath } from '../../support/shared';
import { tempDir } from '../../support/tempDir';
import { zipOf } from '../../support/torchZip';

const directory = tempDir();
const tools = { startEngine: () => Promise.resolve(createLocalEngine(taskRunner)) };
const file = sharedPath('trained', 'dss_exp_imdb', 'dss_exp_imdb.pt');
const given = {
  version: 'exp',
  kernel_to_real: 'real',
  activation: 'gelu',
  pooling: 'mean',
};

/** Tokens that follow one another as letters do not: sequences × length, from a fixed rule. */
async function tokens(sequences: number, length: number): Promise<string> {
  const data = join(directory, 'tokens.npz');
  const values = Float64Array.from(
    { length: sequences * length },
    (_, i) => 3 + ((i * i * 31 + 7 * i) % 60),
  );
  const x = encodeNpy({ dtype: 'int64', shape: [sequences, length], values });
  writeFileSync(data, await zipOf({ 'x.npy': x }));
  return data;
}

describe.skipIf(!sharedAvailable)(
  'layers whose channels share their poles, with sample data',
  () => {
    it('are compressed and written, and answer better than by the plain reduction', async () => {
      const data = await tokens(16, 40);
      const request = {
        ...({
          file,
          target: { order: 4 },
          solver: 'newton',
          horizon: 64,
          overwrite: false,
        } as const),
        answers: { given },
      };
      const [plain, calibrated] = ['plain.pt', 'calibrated.pt'].map((name) =>
        join(directory, name),
      );
      await compressCheckpoint({ ...request, output: plain }, tools);
      const { report } = await compressCheckpoint(
        { ...request, output: calibrated, calibration: { data, sequences: 8 } },
        tools,
      );
      expect(report.layers.map((layer) => layer.orderAfter)).toEqual(report.layers.map(() => 4));
      for (const { systems } of report.layers) {
        const poles = systems.map(({ polesAfter }) => polesAfter.length);
        expect(new Set(poles)).toEqual(new Set([4]));
      }
      const missed = async (model: string): Promise<number> => {
        const asked = { file: model, against: file, data, given };
        return (await evaluateFile(asked, tools)).evaluation.outputError?.value ?? NaN;
      };
      expect(await missed(calibrated)).toBeLessThan(await missed(plain));
    }, 60_000);
  },
);
