import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { loadTensorFlow, mendUtil } from '../../../src/worker/engines/tfjs/load';
import { folderWith } from '../../support/fakeTensorFlow';
import { tempDir } from '../../support/tempDir';

const gpuPackage = '@tensorflow/tfjs-node-gpu';

describe('loading TensorFlow from a folder', () => {
  test('says where it is not installed', async () => {
    await expect(loadTensorFlow(tempDir())).rejects.toMatchObject({
      reason: 'bad-request',
      message: '@tensorflow/tfjs-node-gpu is not installed.',
    });
  });

  test('gives the first line of why it does not load', async () => {
    const folder = folderWith(gpuPackage, 'throw new Error("no tfjs_binding.node\\nmore");');
    await expect(loadTensorFlow(folder)).rejects.toMatchObject({
      reason: 'bad-request',
      message: '@tensorflow/tfjs-node-gpu is installed but does not load: no tfjs_binding.node',
    });
  });

  const module = (backend: string): string =>
    `module.exports = { ready: async () => {}, backend: () => (${backend}) };`;

  test('names a GPU only where TensorFlow uses one', async () => {
    const used = await loadTensorFlow(folderWith(gpuPackage, module('{ isUsingGpuDevice: true }')));
    expect(used.device).toEqual({ kind: 'gpu', name: '@tensorflow/tfjs-node-gpu on CUDA' });
    const fallen = await loadTensorFlow(
      folderWith(gpuPackage, module('{ isUsingGpuDevice: false, isGPUPackage: true }')),
    );
    expect(fallen.device).toEqual({
      kind: 'cpu',
      name: 'TensorFlow fell back to the processor',
    });
    const plain = await loadTensorFlow(folderWith('@tensorflow/tfjs-node', module('{}')));
    expect(plain.device).toEqual({ kind: 'cpu', name: '@tensorflow/tfjs-node' });
  });

  test('gives back what newer versions of Node removed, before the package is loaded', async () => {
    const folder = folderWith(
      gpuPackage,
      `if (!require('util').isNullOrUndefined(undefined)) throw new Error('not mended');
       ${module('{}')}`,
    );
    // as Node 23 and later have it
    const ours = createRequire(import.meta.url)('node:util') as { isNullOrUndefined?: unknown };
    const { isNullOrUndefined } = ours;
    delete ours.isNullOrUndefined;
    try {
      await expect(loadTensorFlow(folder)).resolves.toBeDefined();
    } finally {
      ours.isNullOrUndefined = isNullOrUndefined;
    }
    const util: Parameters<typeof mendUtil>[0] = {};
    mendUtil(util);
    expect([null, undefined, 0].map((value) => util.isNullOrUndefined?.(value))).toEqual([
      true,
      true,
      false,
    ]);
    expect(util.isArray?.([])).toBe(true);
  });
});
