import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compressCheckpoint } from '../../src/worker/compress';
import { loaderName, loaderScript } from '../../src/worker/loaderScript';
import { startEngine } from '../../src/worker/threadPool';
import { bundleProgram } from '../support/bundle';
import { runPython } from '../support/python';
import { sharedAvailable, sharedPath } from '../support/shared';
import { tempDir } from '../support/tempDir';

/** The generated script, run by torch on a model of the old size. */
interface Loaded {
  readonly sizes: [n: number, h: number, d_state: number][];
  readonly slots: number[];
  readonly kernels: number[];
  readonly optim: unknown[];
  readonly strict: boolean;
}

let thread = '';
beforeAll(async () => {
  ({ thread } = await bundleProgram());
});

describe.skipIf(!sharedAvailable)('layers of different orders', () => {
  it('load into a model of the old size through the script beside them', async () => {
    const folder = tempDir();
    const file = join(folder, 'net.pth');
    // four layers of order 64 with 16 channels, state dict under "model"
    copyFileSync(sharedPath('checkpoints', 'real', 'gevorgyg-ckpt.pth'), file);
    const output = join(folder, 'small.pth');
    const layerOrders = Object.fromEntries(
      [8, 16, 24, 64].map((order, i) => [`model.s4_layers.${i}`, order]),
    );
    const { loaderPath } = await compressCheckpoint(
      {
        ...{ file, output, target: { order: 8 }, layerOrders, exactSizes: true },
        ...{ solver: 'balanced', overwrite: false },
      },
      { startEngine: () => startEngine(1, thread) },
    );
    expect(loaderPath).toBe(join(folder, loaderName));
    const job = { folder, source: file, result: output, channels: 16, length: 784 };
    const loaded = runPython(
      'load_compressed_check.py',
      JSON.stringify({ ...job, orders: [64, 64, 64, 64] }),
    ) as Loaded;
    expect(loaded.sizes).toEqual([8, 16, 24, 64].map((order) => [order, 16, order]));
    expect(loaded.slots).toEqual([4, 8, 12, 32]);
    expect(loaded.kernels).toEqual([0, 0, 0, 0]);
    expect(loaded.optim).toEqual(Array(4).fill({ weight_decay: 0 }));
    expect(loaded.strict).toBe(true);
  });
});

it('is short', () => {
  expect(loaderScript.trimEnd().split('\n').length).toBeLessThan(60);
});
