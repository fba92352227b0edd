import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kernelCut } from '../../../src/families/kernelCut';
import { createLocalEngine } from '../../../src/worker/engine';
import { evaluateFile } from '../../../src/worker/evaluate/evaluateFile';
import { taskRunner } from '../../../src/worker/tasks';
import { sharedAvailable, sharedPath } from '../../support/shared';
import { tempDir } from '../../support/tempDir';

describe('where the original code cuts kernels', () => {
  const of = (path: readonly string[], value: number) => ({ path, value });
  const beside = (settings: ReturnType<typeof of>[]) => [{ file: 'config.json', settings }];

  it('is told by the setting of its code base, of the file before a configuration', () => {
    const recorded = [of(['model', 'layer', 'l_max'], 784)];
    const configurations = beside([of(['model', 'layer', 'l_max'], 1024)]);
    expect(kernelCut('s4v4-diagonal', { recorded, configurations })).toBe(784);
    expect(kernelCut('s4v4-diagonal', { recorded: [], configurations })).toBe(1024);
    expect(kernelCut('dss', { recorded, configurations })).toBeUndefined();
    expect(kernelCut('s4d-minimal', { recorded, configurations })).toBeUndefined();
  });

  it('is not told by several numbers, or none', () => {
    const recorded = [of(['layer', 'l_max'], 784), of(['layer', 'other', 'l_max'], 1024)];
    expect(kernelCut('s4v3-nplr', { recorded, configurations: [] })).toBeUndefined();
    const nothing = [of(['layer', 'l_max'], 0)];
    expect(kernelCut('s4v3-nplr', { recorded: nothing, configurations: [] })).toBeUndefined();
  });

  it.skipIf(!sharedAvailable)('longer sequences are refused with the reason', async () => {
    const file = join(tempDir(), 'model.pt');
    copyFileSync(sharedPath('trained', 'dss_exp_imdb', 'dss_exp_imdb.pt'), file);
    const config = { model: { layer: { max_kernel_length: 512 } } };
    writeFileSync(join(file, '..', 'config.json'), JSON.stringify(config));
    const asked = {
      ...{ file, data: sharedPath('trained', 'dss_exp_imdb', 'tokens64.npy') },
      dataSettings: { padding: '0', count: '2' },
      given: { version: 'exp', kernel_to_real: 'real', activation: 'gelu', pooling: 'mean' },
    };
    const tools = { startEngine: () => Promise.resolve(createLocalEngine(taskRunner)) };
    await expect(evaluateFile(asked, tools)).rejects.toThrow(
      /positions, but the model's kernels end after 512.*max-length=512/,
    );
    const cut = { ...asked.dataSettings, 'max-length': '512' };
    const { evaluation } = await evaluateFile({ ...asked, dataSettings: cut }, tools);
    expect(evaluation.sequences).toBe(2);
  });
});
